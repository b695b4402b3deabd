/**
 * The JSON part of a serialized tree. Attributes and the cache's files are numbered, since few differ; a node that has several names
 * is stated once and then referred to by its number.
 */

/** Mode, uid, gid, mtime. */
export type AttributeRow = readonly [mode: number, uid: number, gid: number, mtime: number];

/** Extended attributes: name to hexadecimal value. */
export type XattrRow = Readonly<Record<string, string>>;

/** The kinds of rows. */
export const ROW = { directory: 0, file: 1, symlink: 2, char: 3, block: 4, fifo: 5, socket: 6, again: 7 } as const;

/** One directory entry: name, kind, then what the kind needs. */
export type NodeRow =
  | readonly [name: string, kind: 0, attributes: number, entries: readonly NodeRow[], xattrs?: XattrRow]
  | readonly [
      name: string,
      kind: 1,
      attributes: number,
      /** Index into `files`, or -1: behind the JSON part. */
      file: number,
      offset: number,
      size: number,
      digest?: string | null,
      xattrs?: XattrRow,
    ]
  | readonly [name: string, kind: 2, attributes: number, target: string, xattrs?: XattrRow]
  | readonly [name: string, kind: 3 | 4, attributes: number, major: number, minor: number, xattrs?: XattrRow]
  | readonly [name: string, kind: 5 | 6, attributes: number, xattrs?: XattrRow]
  /** The node with this number among all that are no directories, in the order in which they first come. */
  | readonly [name: string, kind: 7, number: number];

/** The whole. */
export interface SerializedNodes {
  readonly epoch: number;
  readonly attributes: readonly AttributeRow[];
  readonly files: readonly string[];
  readonly root: NodeRow;
}
