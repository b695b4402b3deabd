/**
 * One file inside an artifact, whatever archive it lies in.
 */

/** Kinds of files. */
export type EntryType = "file" | "directory" | "symlink" | "char" | "block" | "fifo" | "socket";

/** A file inside an artifact. Paths are byte strings without leading `/` or `./`. */
export interface ArtifactEntry {
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  /** Of files: bytes. */
  readonly size: number;
  /** Of symbolic links. */
  readonly target?: string;
  /** Of devices: major and minor number. */
  readonly device?: readonly [number, number];
  /** Extended attributes by full name; absent where the format, or its reader, has none. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
  /** Path of an earlier entry that this is another name of. */
  readonly hardLinkTo?: string;
  /** A file's bytes: to be read, if at all, before the next entry is asked for. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A path of an archive without what does not change its meaning: leading `/` and `./`, doubled and trailing slashes. */
export function plainPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
