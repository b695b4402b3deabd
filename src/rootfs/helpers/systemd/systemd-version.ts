/**
 * Which systemd a tree has: its version number is in the name of its shared library.
 */
import type { Tree } from "../../tree/tree.js";

/** The number; undefined where there is none. */
export function systemdVersion(tree: Tree): number | undefined {
  const directory = tree.lookup("/usr/lib/x86_64-linux-gnu/systemd");
  if (directory?.type !== "directory") return undefined;
  for (const name of [...directory.entries.keys()].sort()) {
    const match = /^libsystemd-shared-([0-9]+)/.exec(name);
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}
