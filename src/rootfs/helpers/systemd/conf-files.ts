/**
 * Configuration directories as systemd reads them: a file in an earlier directory hides those of the same name in later ones; an
 * empty file or a link to /dev/null hides without content; the rest is read in byte order of the names.
 */
import type { Tree } from "../../tree/tree.js";

/** Paths of the files with an ending, in the order of reading. */
export function confFiles(tree: Tree, directories: readonly string[], ending: string): string[] {
  const found = new Map<string, string>();
  for (const directory of directories) {
    const node = tree.lookup(directory);
    if (node?.type !== "directory") continue;
    for (const name of node.entries.keys()) {
      if (name.endsWith(ending) && !found.has(name)) found.set(name, `${directory}/${name}`);
    }
  }
  return [...found.keys()]
    .sort()
    .map((name) => found.get(name)!)
    .filter((path) => tree.lookup(path)?.type === "file");
}
