/**
 * A part of a tree that nothing can change: what is mounted read-only on a real system. Whoever tries gets EROFS, by whatever way.
 */
import { FileSystemError } from "./file-system-error.js";
import type { DirectoryNode, Node } from "./node.js";

/** A directory with all below it, read-only. The nodes given must not be used any more. */
export function sealDirectory(directory: DirectoryNode, path: string): DirectoryNode {
  const entries = new Map<string, Node>();
  for (const [name, node] of directory.entries) {
    const below = `${path}/${name}`;
    entries.set(name, node.type === "directory" ? sealDirectory(node, below) : sealNode(node, below));
  }
  const refuse = refusal(path);
  return sealNode(
    { ...directory, entries: Object.assign(entries, { set: refuse, delete: refuse, clear: refuse }) },
    path,
  );
}

/** What open(2) for writing asks of a file, and rename(2) of both directories. @throws FileSystemError EROFS */
export function requireWritable(node: Node): void {
  // A sealed node refuses to be assigned to, whatever the value.
  Object.assign(node, { mtime: node.mtime });
}

function sealNode<Kind extends Node>(node: Kind, path: string): Kind {
  const refuse = refusal(path);
  return new Proxy(node, { set: refuse, defineProperty: refuse, deleteProperty: refuse });
}

function refusal(path: string): () => never {
  return () => {
    throw new FileSystemError("EROFS", path);
  };
}
