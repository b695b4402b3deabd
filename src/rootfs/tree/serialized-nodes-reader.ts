/**
 * Makes nodes of the JSON part of a serialized tree.
 */
import { contentOfBytes, type FileContent } from "../../bytes/content.js";
import type { DirectoryNode, Node, NodeAttributes } from "./node.js";
import { type NodeRow, ROW, type SerializedNodes, type XattrRow } from "./serialized-nodes.js";

/** Where a content is in its file, and its sha256 if it was known. */
export interface ContentRange {
  readonly offset: number;
  readonly size: number;
  readonly digest?: string | undefined;
}

/** Opens a range of a file of the cache; without a name, of the serialized bytes themselves. */
export type OpenContent = (file: string | undefined, range: ContentRange) => FileContent | Uint8Array;

/** Reads all nodes. */
export function deserializeNodes(
  json: string,
  open: OpenContent,
): { readonly root: DirectoryNode; readonly epoch: number } {
  const nodes = JSON.parse(json) as SerializedNodes;
  const reader = new NodeReader(nodes, open);
  const root = reader.node(nodes.root);
  if (root.type !== "directory") throw new RangeError("the root of a serialized tree is no directory");
  return { root, epoch: nodes.epoch };
}

class NodeReader {
  readonly #nodes: SerializedNodes;
  readonly #open: OpenContent;
  readonly #known: Node[] = [];

  constructor(nodes: SerializedNodes, open: OpenContent) {
    this.#nodes = nodes;
    this.#open = open;
  }

  node(row: NodeRow): Node {
    if (row[1] === ROW.again) return this.#known[row[2]]!;
    const node = this.#make(row);
    if (node.type !== "directory") this.#known.push(node);
    return node;
  }

  #make(row: Exclude<NodeRow, readonly [string, 7, number]>): Node {
    switch (row[1]) {
      case ROW.directory: {
        const entries = new Map<string, Node>();
        for (const child of row[3]) this.#attach(entries, child);
        return { type: "directory", entries, ...this.#attributes(row[2], row[4]) };
      }
      case ROW.file: {
        const [, , attributes, file, offset, size, digest, xattrs] = row;
        const opened = this.#open(file < 0 ? undefined : this.#nodes.files[file], {
          offset,
          size,
          digest: digest ?? undefined,
        });
        const content = opened instanceof Uint8Array ? contentOfBytes(opened) : opened;
        const known = digest == null || content.digest !== undefined ? content : withDigest(content, digest);
        return { type: "file", content: known, links: 0, ...this.#attributes(attributes, xattrs) };
      }
      case ROW.symlink:
        return { type: "symlink", target: row[3], links: 0, ...this.#attributes(row[2], row[4]) };
      case ROW.char:
      case ROW.block: {
        const type = row[1] === ROW.char ? "char" : "block";
        return { type, major: row[3], minor: row[4], links: 0, ...this.#attributes(row[2], row[5]) };
      }
      case ROW.fifo:
      case ROW.socket:
        return { type: row[1] === ROW.fifo ? "fifo" : "socket", links: 0, ...this.#attributes(row[2], row[3]) };
    }
  }

  #attach(entries: Map<string, Node>, row: NodeRow): void {
    const node = this.node(row);
    entries.set(row[0], node);
    if (node.type !== "directory") node.links++;
  }

  #attributes(number: number, xattrs: XattrRow | undefined): NodeAttributes {
    const [mode, uid, gid, mtime] = this.#nodes.attributes[number]!;
    if (xattrs === undefined) return { mode, uid, gid, mtime };
    const values = Object.entries(xattrs).map(
      ([name, hex]) => [name, new Uint8Array(Buffer.from(hex, "hex"))] as const,
    );
    return { mode, uid, gid, mtime, xattrs: new Map(values) };
  }
}

function withDigest(content: FileContent, digest: string): FileContent {
  return {
    size: content.size,
    digest,
    location: content.location,
    read: (offset, length) => content.read(offset, length),
    chunks: () => content.chunks(),
  };
}
