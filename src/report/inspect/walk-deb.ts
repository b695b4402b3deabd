/**
 * Walks the files of a Debian package (deb(5)): the control archive's under `DEBIAN/`, then the data archive's.
 *
 * Checked by: dpkg-deb --contents, dpkg-deb --ctrl-tarfile.
 */

import type { FileContent } from "../../bytes/content.js";
import { sliceFile } from "../../bytes/slice-file.js";
import { type ArMember, readAr } from "../../codec/ar.js";
import { type Compression, compressionOfName, decompressWhole } from "../../codec/decompress.js";
import { randomAccessOf } from "../../codec/random-access.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { ArtifactEntry } from "./artifact-entry.js";
import { walkTar } from "./walk-tar.js";

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
    for await (const found of walkTar(randomAccessOf(bytes), prefix))
      if (found.path !== prefix.slice(0, -1)) yield found;
  }
}

function compressionOf(name: string): Compression | undefined {
  return name.endsWith(".tar") ? "none" : compressionOfName(name);
}
