/**
 * The nodes of a tree: what an inode is on a real file system. Hard links are two directory entries that hold the same node.
 */
import type { FileContent } from "../../bytes/content.js";

/** What every node has. */
export interface NodeAttributes {
  /** Permission bits with set-id and sticky, 0–0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Extended attributes by full name (`security.capability`). */
  xattrs?: Map<string, Uint8Array> | undefined;
}

/** A regular file. */
export interface FileNode extends NodeAttributes {
  readonly type: "file";
  content: FileContent;
  /** Number of directory entries that hold this node. */
  links: number;
}

/** A directory; names are byte strings. */
export interface DirectoryNode extends NodeAttributes {
  readonly type: "directory";
  readonly entries: Map<string, Node>;
}

/** A symbolic link; the target is a byte string, taken as it is. */
export interface SymlinkNode extends NodeAttributes {
  readonly type: "symlink";
  readonly target: string;
  links: number;
}

/** A character or block device. */
export interface DeviceNode extends NodeAttributes {
  readonly type: "char" | "block";
  readonly major: number;
  readonly minor: number;
  links: number;
}

/** A named pipe or a socket. */
export interface FifoNode extends NodeAttributes {
  readonly type: "fifo" | "socket";
  links: number;
}

export type Node = FileNode | DirectoryNode | SymlinkNode | DeviceNode | FifoNode;

/** An empty directory. */
export function makeDirectory(attributes: NodeAttributes): DirectoryNode {
  return { type: "directory", entries: new Map(), ...attributes };
}

/** The entries of a directory in byte order. */
export function sortedEntries(directory: DirectoryNode): [string, Node][] {
  return [...directory.entries].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}
