/**
 * Relative paths of a recipe start from the file that states them. Each layer's paths are rewritten, before merging, to
 * names that start from the main recipe's directory: two files that name the same thing merge, and nothing that is
 * digested holds a path of this host.
 */

import path from "node:path";
import { schemasAt } from "./json-schema.js";
import type { RecipeNode } from "./node.js";
import type { KeyPath } from "./origin.js";
import type { RecipeFile } from "./recipe.js";

/** Where a layer's paths start from, and what names are relative to. Both absolute. */
export interface PathBase {
  readonly stated: string;
  readonly main: string;
}

/** Rewrites every value that the schema marks as a path of the host. */
export function resolveHostPaths(node: RecipeNode, base: PathBase, at: KeyPath = []): RecipeNode {
  if (node.kind === "map") {
    const entries = [...node.entries].map(
      ([key, value]) => [key, resolveHostPaths(value, base, [...at, key])] as const,
    );
    return { ...node, entries: new Map(entries) };
  }
  if (node.kind === "list") {
    return { ...node, items: node.items.map((item, i) => resolveHostPaths(item, base, [...at, i])) };
  }
  if (typeof node.value !== "string" || !isHostPath(at, node.value)) return node;
  const name = nameOf(node.value, base);
  const bare = at.at(-1) === "stub" && !isStubFile(name);
  return { ...node, value: bare ? `./${name}` : name };
}

/** The name of a path that a layer states: relative to the main directory with `/`, or absolute as stated. */
export function nameOf(stated: string, base: PathBase): string {
  if (path.isAbsolute(stated)) return path.normalize(stated);
  const name = path.relative(base.main, path.resolve(base.stated, stated)).replaceAll(path.sep, "/");
  return name === "" ? "." : name;
}

/** The file that a name stands for. */
export function recipeFile(name: string, mainDirectory: string): RecipeFile {
  return { name, path: path.resolve(mainDirectory, name) };
}

/** Whether `stub` names a file: it starts with `./`, `../` or `/`, or ends in `.stub` or `.efi`. Else it is a package. */
export function isStubFile(stub: string): boolean {
  return /^\.{0,2}\/|\.(stub|efi)$/.test(stub);
}

function isHostPath(at: KeyPath, value: string): boolean {
  const marks = schemasAt(at).map((branch) => branch.format);
  return marks.includes("path") || (marks.includes("path-or-package") && isStubFile(value));
}
