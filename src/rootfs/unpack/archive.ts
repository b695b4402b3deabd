/**
 * What unpacking needs to know of a .deb: its control members and the entries of its data archive, in archive order.
 */
import type { FileContent } from "../../bytes/content.js";

/** Kinds of entries a tar can hold. */
export type EntryType = "file" | "directory" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/** One entry of a data archive. Names are byte strings, as they stand in the archive. */
export interface ArchiveEntry {
  readonly path: string;
  readonly type: EntryType;
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
  /** Of files. */
  readonly content?: FileContent | undefined;
}

/** One member of a .deb's control archive. */
export interface ControlMember {
  readonly mode: number;
  readonly mtime: number;
  readonly bytes: Uint8Array;
}

/** A .deb that can be unpacked. */
export interface PackageArchive {
  /** By name without `./`, in archive order. */
  readonly members: ReadonlyMap<string, ControlMember>;
  readonly entries: readonly ArchiveEntry[];
}
