/**
 * Values that a build takes from the host have to be there; `lock` and `show` do without them.
 */

import { AssembleError } from "../errors/assemble-error.js";
import { formatOrigin } from "./origin.js";
import { locate, type Recipe } from "./recipe.js";

/** Throws `recipe/environment-missing` for the first `fromHost` variable that is neither set nor has a default. */
export function checkEnvironment(recipe: Recipe): void {
  for (const [name, variable] of Object.entries(recipe.environment)) {
    if (variable.value !== undefined) continue;
    const origin = locate(recipe, ["environment", name]);
    const place = origin === undefined ? "the recipe" : formatOrigin(origin);
    throw new AssembleError(
      "recipe/environment-missing",
      `Cannot build ${place}: environment.${name} comes from the host and is not set there, a value or a default was wanted`,
      { hint: `set ${name}, or give it a default in the recipe` },
    );
  }
}
