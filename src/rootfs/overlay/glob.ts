/**
 * The globs of `removeFiles` (contract §1.1): `*` matches dotfiles but not `/`, `**` crosses it.
 */
import picomatch from "picomatch";
import { utf8ToByteString } from "../../bytes/content.js";
import type { Tree } from "../tree/tree.js";

/**
 * Canonical paths of the tree that a glob matches, in byte order. The directories that lead to a match may be symbolic links
 * only where they are spelled out before the first glob character; a directory that matches stands for all below it.
 */
export function globPaths(tree: Tree, pattern: string): string[] {
  const bytes = utf8ToByteString(pattern);
  if (!/[*?[\]{}()!\\]/.test(bytes)) {
    const place = resolveOrNothing(tree, bytes);
    return place === undefined ? [] : [place];
  }
  const parts = bytes.split("/").filter((part) => part !== "");
  const firstGlob = parts.findIndex((part) => /[*?[\]{}()!\\]/.test(part));
  const base = firstGlob === 0 ? "/" : resolveOrNothing(tree, `/${parts.slice(0, firstGlob).join("/")}/`);
  if (base === undefined) return [];
  const matches = picomatch(parts.slice(firstGlob).join("/"), { dot: true, strictSlashes: false });
  const prefix = base === "/" ? 1 : base.length + 1;
  const found: string[] = [];
  let whole: string | undefined;
  for (const { path } of tree.walk(base)) {
    if (whole !== undefined && path.startsWith(whole)) continue;
    if (!matches(path.slice(prefix))) continue;
    found.push(path);
    whole = `${path}/`;
  }
  return found;
}

function resolveOrNothing(tree: Tree, path: string): string | undefined {
  if (tree.lookup(path, { follow: false }) === undefined) return undefined;
  return tree.resolve(path, { follow: path.endsWith("/") }).path;
}
