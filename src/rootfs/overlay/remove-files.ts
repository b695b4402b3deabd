/**
 * `removeFiles`: what a booted system does not need leaves the tree.
 */
import type { Tree } from "../tree/tree.js";
import { globPaths } from "./glob.js";

/** Removes everything the globs match and returns, per glob, how many entries went (0: nothing was there). */
export function removeFiles(tree: Tree, globs: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const glob of globs) {
    const paths = globPaths(tree, glob);
    for (const path of paths) tree.removeAll(path);
    counts.set(glob, paths.length);
  }
  return counts;
}

/** What `cleanPackageMetadata` drops: dpkg's and apt's state, debconf's database, caches and logs of installing. */
const PACKAGE_METADATA = [
  "/var/lib/dpkg",
  "/var/lib/apt",
  "/var/lib/ucf",
  "/var/lib/pam",
  "/var/cache/apt",
  "/var/cache/debconf",
  "/var/cache/ldconfig",
  "/var/log/apt",
  "/var/log/dpkg.log",
  "/var/log/alternatives.log",
  "/var/log/bootstrap.log",
  "/etc/apt",
  "/etc/dpkg",
];

/** Drops the package managers' state from an image that will never install a package. */
export function cleanPackageMetadata(tree: Tree): void {
  for (const path of PACKAGE_METADATA) tree.removeAll(path);
}
