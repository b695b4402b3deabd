/**
 * `diff A B`: two artifacts, or trees of files, side by side. Start here.
 *
 * Each layer is compared by what it is (diff-contents.ts): PE sections, cpio, tar, squashfs, erofs, ext4 and FAT entries, partitions,
 * members of packages, ELF sections, lines. Memory holds lists of entries and at most 128 MiB of contents.
 */
import type { FileContent } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { ArtifactEntry } from "../inspect/artifact-entry.js";
import { artifactEntries, artifactKindOf, ROOT_PREFIX } from "../inspect/open-artifact.js";
import { walkDirectory } from "../inspect/walk-directory.js";
import type { Manifest } from "../manifest.js";
import { diffContents } from "./diff-contents.js";
import { diffEntries } from "./diff-entries.js";
import { diffManifests } from "./diff-packages.js";
import type { Difference } from "./difference.js";
import type { Walk } from "./index-entries.js";

/** One side: a file, or a directory of the host. */
export interface DiffSide {
  /** For messages. */
  readonly name: string;
  readonly source: { readonly content: FileContent } | { readonly directory: string };
  /** The manifest beside a file. */
  readonly manifest?: Manifest | undefined;
}

/**
 * The differences between two artifacts or trees, none where they are equal.
 *
 * @throws AssembleError `diff/no-tree`, `diff/disk-too-large`
 */
export async function* diffArtifacts(left: DiffSide, right: DiffSide): AsyncGenerator<Difference> {
  if (left.manifest !== undefined && right.manifest !== undefined)
    yield* diffManifests([], left.manifest, right.manifest);
  const [a, b] = [left.source, right.source];
  if ("content" in a && "content" in b) yield* diffContents([], a.content, b.content);
  else
    yield* diffEntries([], [walkOf(left), walkOf(right)], {
      explain: diffContents,
      order: "directory" in a && "directory" in b,
    });
}

function walkOf(side: DiffSide): Walk {
  const { source } = side;
  if ("directory" in source) return () => walkDirectory(source.directory);
  const kind = artifactKindOf(source.content);
  if (kind === "disk")
    throw new AssembleError(
      "diff/no-tree",
      `Cannot compare ${side.name} with a directory: it is a disk, a tree of files (UKI, cpio, tar, squashfs, erofs, ext4, .deb) was wanted`,
    );
  return kind === "pe" ? () => rootOf(source.content) : () => artifactEntries(source.content);
}

/** The files of a UKI's initrd. */
async function* rootOf(content: FileContent): AsyncGenerator<ArtifactEntry> {
  for await (const entry of artifactEntries(content)) {
    if (!entry.path.startsWith(ROOT_PREFIX)) continue;
    const { hardLinkTo } = entry;
    yield {
      ...entry,
      path: entry.path.slice(ROOT_PREFIX.length),
      ...(hardLinkTo === undefined ? {} : { hardLinkTo: hardLinkTo.slice(ROOT_PREFIX.length) }),
    };
  }
}
