/**
 * Counts the files of an artifact.
 */

import type { ArtifactEntry } from "./artifact-entry.js";
import type { TreeSummary } from "./inspection.js";

/** How many files of which kind, and their bytes. */
export async function summarize(entries: AsyncIterable<ArtifactEntry> | Iterable<ArtifactEntry>): Promise<TreeSummary> {
  const tree = { files: 0, directories: 0, symlinks: 0, hardLinks: 0, special: 0, bytes: 0 };
  for await (const { type, size, hardLinkTo } of entries) {
    if (type === "directory") tree.directories++;
    else if (type === "symlink") tree.symlinks++;
    else if (type !== "file") tree.special++;
    else if (hardLinkTo === undefined) tree.files++;
    else tree.hardLinks++;
    tree.bytes += size;
  }
  return tree;
}
