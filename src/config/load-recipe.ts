/**
 * The two ways to a `Recipe`: a file (`loadRecipe`) and a typed object (`defineImage`).
 */

import path from "node:path";
import { AssembleError } from "../errors/assemble-error.js";
import { mergeNodes } from "./merge.js";
import { nearest } from "./nearest.js";
import { type MapNode, nodeAt, nodeOf, withSettledLists } from "./node.js";
import { findRecipe, layersOf, readLayers } from "./read-layers.js";
import type { Recipe } from "./recipe.js";
import { resolveRecipe } from "./resolve-recipe.js";
import type { Environment } from "./resolving.js";
import type { ImageInput } from "./schema.js";

export interface LoadOptions {
  /** Names of `profiles`, laid on in this order. */
  readonly profiles?: readonly string[] | undefined;
  /** Where `fromHost` values are taken from; nothing else of the host is read. */
  readonly environment?: Environment | undefined;
}

/**
 * Reads a recipe: a file, or a directory with image.yaml or image.json.
 *
 * @throws AssembleError `recipe/…`, with the file, line and column of what does not fit.
 */
export async function loadRecipe(file: string, options: LoadOptions = {}): Promise<Recipe> {
  const location = findRecipe(file);
  const profiles = [...new Set(options.profiles ?? [])];
  return resolveRecipe(withProfiles(readLayers(location), profiles), {
    file: location.shown,
    directory: path.dirname(location.path),
    stem: path.parse(location.path).name,
    profiles,
    environment: options.environment ?? {},
  });
}

/**
 * A recipe from a typed object: the same shape as image.yaml.
 *
 * @param options.directory What relative paths start from; the current directory by default.
 * @throws AssembleError `recipe/…`, naming the key.
 * @example
 * ```ts
 * const recipe = defineImage({ image: "hello", packages: ["busybox"] });
 * ```
 */
export function defineImage(
  input: ImageInput,
  options: LoadOptions & { readonly directory?: string | undefined } = {},
): Recipe {
  const directory = path.resolve(options.directory ?? ".");
  const shown = "defineImage";
  const profiles = [...new Set(options.profiles ?? [])];
  const layers = layersOf(nodeOf(input, { file: shown }), {
    shown: path.join(options.directory ?? ".", shown),
    directory,
  });
  return resolveRecipe(withProfiles(layers, profiles), {
    directory,
    stem: "image",
    profiles,
    environment: options.environment ?? {},
  });
}

/** Includes and the file itself, then the profiles in order. */
function withProfiles(layers: readonly MapNode[], profiles: readonly string[]): MapNode {
  const merged = layers.reduce((base, layer) => mergeNodes(base, layer) as MapNode);
  const known = nodeAt(merged, ["profiles"]);
  const available = known?.kind === "map" ? known.entries : new Map<string, never>();
  let whole = merged;
  for (const name of profiles) {
    const profile = available.get(name);
    if (profile === undefined) throw unknownProfile(name, [...available.keys()]);
    whole = mergeNodes(whole, profile) as MapNode;
  }
  const entries = new Map(whole.entries);
  entries.delete("include");
  entries.delete("profiles");
  return withSettledLists({ ...whole, entries }) as MapNode;
}

function unknownProfile(name: string, known: readonly string[]): AssembleError {
  const near = nearest(name, known);
  const wanted =
    near !== undefined
      ? `the nearest known profile is ${near}`
      : known.length === 0
        ? "the recipe has no profiles"
        : `one of ${known.join(", ")} was wanted`;
  return new AssembleError(
    "recipe/unknown-profile",
    `Cannot use the profile ${name}: the recipe has none of this name, ${wanted}`,
  );
}
