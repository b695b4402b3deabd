/**
 * The files of a squashfs image as a listing has them.
 */
import type { FileContent } from "../../bytes/content.js";
import { COMPRESSOR_NAMES } from "../../filesystem/squashfs/compression.js";
import { openSquashfs } from "../../filesystem/squashfs/read-squashfs.js";
import { FLAG } from "../../filesystem/squashfs/structures.js";
import type { ArtifactEntry } from "./artifact-entry.js";

/** All files of an image. @throws AssembleError `filesystem/squashfs-invalid`, `filesystem/squashfs-unsupported` */
export async function* walkSquashfs(image: FileContent): AsyncGenerator<ArtifactEntry> {
  const firstNames = new Map<number, string>();
  for (const { content, inode, links, ...entry } of openSquashfs(image).entries()) {
    const first = entry.type === "directory" || links < 2 ? undefined : firstNames.get(inode);
    if (entry.type !== "directory" && links > 1 && first === undefined) firstNames.set(inode, entry.path);
    const none = entry.type !== "file" || first !== undefined;
    yield {
      ...entry,
      size: none ? 0 : content!.size,
      ...(entry.type === "file" && first !== undefined && { hardLinkTo: first }),
      async *chunks() {
        if (!none) yield* content!.chunks();
      },
    };
  }
}

/** What the superblock says. */
export function squashfsFacts(image: FileContent): {
  readonly compression: string;
  readonly blockSize: number;
  readonly inodes: number;
  readonly fragments: number;
  readonly mtimeSeconds: number;
} {
  const { compressor, flags, blockSize, inodeCount, fragmentCount, mtimeSeconds } = openSquashfs(image).superblock;
  const compression = (flags & FLAG.storedData) !== 0 ? "none" : (COMPRESSOR_NAMES.get(compressor) ?? "unknown");
  return { compression, blockSize, inodes: inodeCount, fragments: fragmentCount, mtimeSeconds };
}
