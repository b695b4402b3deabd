/**
 * What every resolve-*.ts shares: the merged data with its places, and how a value that does not fit is refused.
 */

import type { AssembleError } from "../errors/assemble-error.js";
import { recipeFile } from "./host-paths.js";
import { type MapNode, nodeAt, originAt } from "./node.js";
import { formatKeyPath, type KeyPath, type Origin } from "./origin.js";
import type { RecipeFile } from "./recipe.js";
import { invalidValue } from "./validate.js";

/** Values of the host that `fromHost` may take. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One recipe on its way from merged data to `Recipe`. */
export interface Resolving {
  /** Merged, with defaults. */
  readonly root: MapNode;
  /** Absolute. */
  readonly directory: string;
  readonly environment: Environment;
}

/** The list of a list that has no `replace` any more. */
export function listed<Item>(
  value: readonly Item[] | { readonly replace: readonly Item[] } | undefined,
): readonly Item[] {
  if (value === undefined) return [];
  return "replace" in value ? value.replace : value;
}

/** An error about the value at a path: `kernel.load[0] <what>`. */
export function refuse(
  resolving: Resolving,
  path: KeyPath,
  problem: { readonly what: string; readonly code?: string; readonly hint?: string },
): AssembleError {
  const { what, ...options } = problem;
  return invalidValue(originOf(resolving, path), `${formatKeyPath(path)} ${what}`, options);
}

/** An error about a key that has to be there. */
export function missing(resolving: Resolving, path: KeyPath, wanted: string): AssembleError {
  return refuse(resolving, path, { what: `is missing, ${wanted} was wanted`, code: "recipe/missing-key" });
}

/** A file of the host that a path of the recipe names. */
export function fileOf(resolving: Resolving, name: string): RecipeFile {
  return recipeFile(name, resolving.directory);
}

/** Bytes of a size: a number, or a text with K, M, G, T (powers of 1024). */
export function sizeBytes(size: string | number): number {
  if (typeof size === "number") return size;
  const power = " KMGT".indexOf(size.at(-1)!);
  return power < 0 ? Number(size) : Number(size.slice(0, -1)) * 1024 ** power;
}

/** The number of a mode in octal digits. */
export function modeOf(mode: string | undefined): number | undefined {
  return mode === undefined ? undefined : Number.parseInt(mode, 8);
}

function originOf(resolving: Resolving, path: KeyPath): Origin {
  const parent = nodeAt(resolving.root, path.slice(0, -1));
  const value = nodeAt(resolving.root, path);
  const key = parent?.kind === "map" ? parent.keys.get(String(path.at(-1))) : undefined;
  if (value?.kind === "scalar") return value.origin;
  return key ?? originAt(resolving.root, path);
}
