/**
 * The files of a tar archive.
 */
import type { RandomAccess } from "../../codec/random-access.js";
import type { TarEntry } from "../../codec/tar/entry.js";
import { readTar } from "../../codec/tar/read-tar.js";
import { type ArtifactEntry, plainPath } from "./artifact-entry.js";

const MAGIC_OFFSET = 257;

/** Whether an artifact begins as a tar archive. */
export function isTar(source: RandomAccess): boolean {
  return Buffer.from(source.read(MAGIC_OFFSET, 5)).toString("latin1") === "ustar";
}

/** All files of an archive, their paths below `prefix`. @throws AssembleError `codec/tar-…` */
export async function* walkTar(archive: RandomAccess, prefix = ""): AsyncGenerator<ArtifactEntry> {
  for (const entry of readTar(archive)) yield entryOf(entry, prefix, archive);
}

const CHUNK_BYTES = 1 << 20;

function entryOf(entry: TarEntry, prefix: string, archive: RandomAccess): ArtifactEntry {
  const { type, linkTarget } = entry;
  return {
    path: plainPath(prefix + entry.path),
    type: type === "hardlink" ? "file" : type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtimeSeconds: entry.mtime,
    size: entry.size,
    xattrs: entry.xattrs ?? new Map(),
    ...(type === "symlink" && linkTarget !== undefined ? { target: linkTarget } : {}),
    ...(type === "hardlink" && linkTarget !== undefined ? { hardLinkTo: plainPath(prefix + linkTarget) } : {}),
    ...(entry.major === undefined || entry.minor === undefined ? {} : { device: [entry.major, entry.minor] as const }),
    async *chunks() {
      const end = entry.offset + entry.size;
      for (let at = entry.offset; at < end; at += CHUNK_BYTES) yield archive.read(at, Math.min(CHUNK_BYTES, end - at));
    },
  };
}
