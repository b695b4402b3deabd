/** What a .deb holds, once it is unpacked into the cache. */

import type { FileContent } from "../../bytes/content.js";
import type { TarEntryType } from "../../codec/tar/entry.js";

/** One entry of the data archive, in archive order. Names are byte strings, as they stand in the archive (`./usr/bin/ls`). */
export interface DebEntry {
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Owner's name; empty where the archive has none. */
  readonly user: string;
  readonly group: string;
  /** Seconds. */
  readonly mtime: number;
  /** Of symbolic and hard links. */
  readonly linkTarget?: string | undefined;
  /** Of devices. */
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  /** By full name (`security.capability`). */
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
  /** Of files: a slice of the unpacked archive, with its sha256 as `digest`. */
  readonly content?: FileContent | undefined;
  /** Of files, where the package ships no md5sums: lower-case hex. */
  readonly md5?: string | undefined;
}

/** One member of the control archive. */
export interface DebControlMember {
  readonly mode: number;
  readonly mtime: number;
  readonly bytes: Uint8Array;
}

/** An unpacked .deb. */
export interface DebPackage {
  /** Of the .deb. */
  readonly sha256: string;
  /** Files of the control archive by name without `./`, in archive order. */
  readonly members: ReadonlyMap<string, DebControlMember>;
  readonly entries: readonly DebEntry[];
}
