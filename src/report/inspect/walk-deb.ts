/**
 * Walks the files of a Debian package (deb(5)): the control archive's under `DEBIAN/`, then the data archive's.
 *
 * Checked by: dpkg-deb --contents, dpkg-deb --ctrl-tarfile.
 */

import type { FileContent } from "../../bytes/content.js";
import { type ArMember, readAr } from "../../codec/ar.js";
import { type Compression, compressionOfName, decompressWhole } from "../../codec/decompress.js";
import { randomAccessOf } from "../../codec/random-access.js";
import type { TarEntry } from "../../codec/tar/entry.js";
import { readTar } from "../../codec/tar/read-tar.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type ArtifactEntry, plainPath } from "./artifact-entry.js";
import { sliceFile } from "./slice-file.js";

/** Where control files appear in a listing. */
export const CONTROL_PREFIX = "DEBIAN/";

/** An archive is unpacked into memory to be listed. */
const UNPACKED_MAX = 2 ** 31;

/** The members of a package: format version, control archive, data archive, and what else is there. */
export function debMembers(content: FileContent): readonly ArMember[] {
  return [...readAr(content)];
}

/**
 * All files of a package. Its hard links name an earlier entry; none of the entries lives longer than the walk.
 *
 * @throws AssembleError `inspect/deb-invalid`, and those of ar, tar and the decoders
 */
export async function* walkDeb(content: FileContent): AsyncGenerator<ArtifactEntry> {
  const members = debMembers(content);
  for (const [archive, prefix] of [
    ["control.tar", CONTROL_PREFIX],
    ["data.tar", ""],
  ] as const) {
    const member = members.find(({ name }) => name === archive || name.startsWith(`${archive}.`));
    const compression = member === undefined ? undefined : compressionOf(member.name);
    if (member === undefined || compression === undefined)
      throw new AssembleError(
        "inspect/deb-invalid",
        `Cannot read the package: it has no ${archive} (plain, gzip, xz, zstd), one was wanted`,
      );
    const stored = sliceFile(content, member.offset, member.size);
    const bytes = await decompressWhole(compression, stored.chunks(), UNPACKED_MAX);
    for (const entry of readTar(randomAccessOf(bytes))) {
      const found = entryOf(entry, prefix, bytes);
      if (found.path !== prefix.slice(0, -1)) yield found;
    }
  }
}

function compressionOf(name: string): Compression | undefined {
  return name.endsWith(".tar") ? "none" : compressionOfName(name);
}

function entryOf(entry: TarEntry, prefix: string, bytes: Uint8Array): ArtifactEntry {
  const { type, linkTarget } = entry;
  return {
    path: plainPath(prefix + entry.path),
    type: type === "hardlink" ? "file" : type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtimeSeconds: entry.mtime,
    size: entry.size,
    ...(type === "symlink" && linkTarget !== undefined ? { target: linkTarget } : {}),
    ...(type === "hardlink" && linkTarget !== undefined ? { hardLinkTo: plainPath(prefix + linkTarget) } : {}),
    ...(entry.major === undefined || entry.minor === undefined ? {} : { device: [entry.major, entry.minor] as const }),
    async *chunks() {
      if (entry.size > 0) yield bytes.subarray(entry.offset, entry.offset + entry.size);
    },
  };
}
