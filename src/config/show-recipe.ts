/**
 * The merged recipe with the place of every value: what `tdx-assemble show` prints.
 */

import { Document, isMap, isScalar, isSeq, type Node } from "yaml";
import { formatOrigin, type KeyPath, type Origin, pointerOf } from "./origin.js";
import { locate, type Recipe } from "./recipe.js";

/** The same for programs. */
export interface ShownRecipe {
  readonly file?: string | undefined;
  readonly profiles: readonly string[];
  /** Merged, with defaults. */
  readonly recipe: unknown;
  /** JSON pointer of a value → where it was stated; a value without one is a default. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** YAML that is a recipe again, each value followed by `# file:line` or `# default`. */
export function showRecipe(recipe: Recipe): string {
  const document = new Document(recipe.provenance.merged, { version: "1.2" });
  annotate(recipe, document.contents as Node, []);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** The recipe with its places as data, for `--json`. */
export function describeRecipe(recipe: Recipe): ShownRecipe {
  const { file, merged, origins } = recipe.provenance;
  return { file, profiles: recipe.profiles, recipe: merged, origins };
}

function annotate(recipe: Recipe, node: Node, path: KeyPath): void {
  if (isMap(node) && node.items.length > 0) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      annotate(recipe, value as Node, [...path, name]);
    }
  } else if (isSeq(node) && node.items.length > 0) {
    for (const [i, item] of node.items.entries()) annotate(recipe, item as Node, [...path, i]);
  } else {
    node.comment = ` ${placeOf(recipe, path)}`;
  }
}

/** A default's place is none, even inside an object that was stated. */
function placeOf(recipe: Recipe, path: KeyPath): string {
  if (recipe.provenance.origins[pointerOf(path)] === undefined) return "default";
  const origin = locate(recipe, path);
  return origin === undefined ? "default" : formatOrigin(withoutColumn(origin));
}

function withoutColumn(origin: Origin): Origin {
  return { file: `${origin.file}${origin.line === undefined ? "" : `:${origin.line}`}` };
}
