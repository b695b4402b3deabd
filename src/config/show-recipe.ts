/**
 * The merged recipe with the place of every value: what `tdx-assemble show` prints.
 */

import { stringify } from "yaml";
import { knownKeys } from "./json-schema.js";
import { formatOrigin, type KeyPath, type Origin, pointerOf } from "./origin.js";
import type { Recipe } from "./recipe.js";

/** The same for programs. */
export interface ShownRecipe {
  readonly file?: string | undefined;
  readonly profiles: readonly string[];
  /** Merged, with defaults. */
  readonly recipe: unknown;
  /** JSON pointer of a value → where it was stated; a value without one is a default. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** YAML that is a recipe again, each value followed by `# file:line`, or `# default`. */
export function showRecipe(recipe: Recipe): string {
  return `${[...linesOf(recipe, recipe.provenance.merged, [])].join("\n")}\n`;
}

/** The recipe with its places as data, for `--json`. */
export function describeRecipe(recipe: Recipe): ShownRecipe {
  const { file, merged, origins } = recipe.provenance;
  return { file, profiles: recipe.profiles, recipe: merged, origins };
}

/** Lines of one value, not indented; the first follows `key:` or `-` and is empty before a nested block. */
function* linesOf(recipe: Recipe, value: unknown, path: KeyPath): Generator<string> {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    yield `${scalar(value)} # ${placeOf(recipe, path)}`;
    return;
  }
  if (path.length > 0) yield "";
  const entries: readonly [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : ordered(value, path);
  for (const [key, item] of entries) {
    const head = typeof key === "number" ? "-" : `${scalar(key)}:`;
    const [first, ...rest] = linesOf(recipe, item, [...path, key]);
    // The first key of an object in a list stands beside the dash.
    const beside = first === "" && typeof key === "number" ? (rest.shift() ?? "") : first;
    yield beside === "" ? head : `${head} ${beside}`;
    for (const line of rest) yield `  ${line}`;
  }
}

/** Keys in the schema's order, free names in the order stated. */
function ordered(value: object, path: KeyPath): readonly [string, unknown][] {
  const known = knownKeys(path);
  const rank = (key: string) => (known.includes(key) ? known.indexOf(key) : known.length);
  return Object.entries(value).sort(([a], [b]) => rank(a) - rank(b));
}

/** On one line, in quotes where YAML needs them. */
function scalar(value: unknown): string {
  if (typeof value === "string" && /[\n\r]/.test(value)) return JSON.stringify(value);
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

function placeOf(recipe: Recipe, path: KeyPath): string {
  const origin = recipe.provenance.origins[pointerOf(path)];
  if (origin === undefined) return "default";
  return formatOrigin({ file: origin.line === undefined ? origin.file : `${origin.file}:${origin.line}` });
}
