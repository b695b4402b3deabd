/**
 * What an artifact is, by its first bytes, and the files inside it.
 */

import type { FileContent } from "../../bytes/content.js";
import { sliceFile } from "../../bytes/slice-file.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { isErofs, readErofs } from "../../filesystem/erofs/read-erofs.js";
import { readExt4 } from "../../filesystem/ext4/read-ext4.js";
import { isExt4 } from "../../filesystem/ext4/volume.js";
import { isSquashfs } from "../../filesystem/squashfs/read-squashfs.js";
import { diskContainerOf } from "../../gpt/open-disk.js";
import { readPe, sectionContent } from "../../uki/pe/read-pe.js";
import type { ArtifactEntry } from "./artifact-entry.js";
import { walkDeb } from "./walk-deb.js";
import { walkDisk } from "./walk-disk.js";
import { type Segment, segmentFormatOf, walkInitramfs } from "./walk-initramfs.js";
import { walkSquashfs } from "./walk-squashfs.js";
import { isTar, walkTar } from "./walk-tar.js";
import { walkTree } from "./walk-tree.js";

/** Kinds of artifacts: a PE file (a UKI, a stub, a kernel), an initramfs, a Debian package, a disk or FAT, an ext4, squashfs or EROFS file system, a tar archive. */
export type ArtifactKind = "pe" | "cpio" | "deb" | "disk" | "ext4" | "squashfs" | "erofs" | "tar";

/** Where the sections of a PE file and the files of its initrd appear in a listing. */
export const SECTION_PREFIX = "sections/";
export const ROOT_PREFIX = "root/";

/**
 * What an artifact is.
 *
 * @throws AssembleError `inspect/format-unknown`
 */
export function artifactKindOf(content: FileContent): ArtifactKind {
  const head = content.read(0, Math.min(8, content.size));
  if (head[0] === 0x4d && head[1] === 0x5a) return "pe";
  if (Buffer.from(head).toString("latin1") === "!<arch>\n") return "deb";
  if (isSquashfs(head)) return "squashfs";
  // A fixed VHD or a raw disk may begin with anything but these, a Google Cloud archive like a compressed initramfs.
  if (diskContainerOf(content) !== undefined) return "disk";
  if (segmentFormatOf(head) !== undefined) return "cpio";
  if (isExt4(content)) return "ext4";
  if (isErofs(content)) return "erofs";
  if (isTar(content)) return "tar";
  throw new AssembleError(
    "inspect/format-unknown",
    `Cannot inspect ${content.location?.path ?? "the file"}: it is of no known format, a UKI, another PE file, a disk (raw, qcow2, VHD, Google Cloud archive), a cpio archive (plain, gzip, zstd, xz), a .deb, a tar archive, a file system (squashfs, EROFS, ext4, FAT) was wanted`,
  );
}

/**
 * All files inside an artifact, in its order. Of a PE file: its sections under `sections/`, then the files of its initrd
 * under `root/`; of a .deb: its control files under `DEBIAN/`, then its files; of a disk: its
 * partitions under `partitions/`, then the files of partition 1 under `1/` and so on.
 *
 * @throws AssembleError `inspect/format-unknown`, and those of the formats
 */
export async function* artifactEntries(content: FileContent, segments: Segment[] = []): AsyncGenerator<ArtifactEntry> {
  const kind = artifactKindOf(content);
  if (kind === "cpio") yield* walkInitramfs(content, segments);
  else if (kind === "deb") yield* walkDeb(content);
  else if (kind === "disk") yield* walkDisk(content, diskContainerOf(content)!);
  else if (kind === "ext4") yield* walkTree(readExt4(content).tree);
  else if (kind === "erofs") yield* walkTree(readErofs(content).tree);
  else if (kind === "squashfs") yield* walkSquashfs(content);
  else if (kind === "tar") yield* walkTar(content);
  else yield* peEntries(content, segments);
}

async function* peEntries(content: FileContent, segments: Segment[]): AsyncGenerator<ArtifactEntry> {
  const image = await readPe(content);
  for (const section of image.sections) {
    const body = sectionContent(content, section);
    yield {
      path: `${SECTION_PREFIX}${section.name}`,
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtimeSeconds: 0,
      size: body.size,
      chunks: () => body.chunks(),
    };
  }
  const initrd = image.sections.find((section) => section.name === ".initrd");
  if (initrd === undefined) return;
  for await (const entry of walkInitramfs(sliceFile(content, initrd.pointerToRawData, initrd.virtualSize), segments))
    yield {
      ...entry,
      path: ROOT_PREFIX + entry.path,
      ...(entry.hardLinkTo === undefined ? {} : { hardLinkTo: ROOT_PREFIX + entry.hardLinkTo }),
    };
}
