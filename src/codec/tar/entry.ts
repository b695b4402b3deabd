/** What a tar archive says of one file. */

/** Kinds of files. */
export type TarEntryType = "file" | "directory" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/** One entry of a tar archive. Names are byte strings, as they stand in the archive. */
export interface TarEntry {
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Owner's name; empty where the archive has none. */
  readonly user: string;
  readonly group: string;
  /** Whole seconds; fractions are dropped. */
  readonly mtime: number;
  /** Of symbolic and hard links. */
  readonly linkTarget?: string | undefined;
  /** Of devices. */
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  /** By full name (`security.capability`). */
  readonly xattrs?: ReadonlyMap<string, Uint8Array> | undefined;
  /** Of files; else 0. */
  readonly size: number;
  /** Where a file's bytes are in the archive. */
  readonly offset: number;
}
