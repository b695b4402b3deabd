/**
 * Writes the nodes of a tree as JSON, and gathers the contents that have to go with them.
 */
import { createHash } from "node:crypto";
import type { FileContent } from "../../bytes/content.js";
import { type DirectoryNode, type FileNode, type Node, sortedEntries } from "./node.js";
import { type AttributeRow, type NodeRow, ROW, type SerializedNodes, type XattrRow } from "./serialized-nodes.js";
import type { Tree } from "./tree.js";

/** The lasting name of a file of the cache, or undefined if it has none. */
export type NameFile = (path: string) => string | undefined;

/** The two parts of a serialized tree. */
export interface WrittenNodes {
  readonly json: string;
  readonly contents: readonly Uint8Array[];
}

/** Writes all nodes. */
export function serializeNodes(tree: Tree, nameFile: NameFile): WrittenNodes {
  const writer = new NodeWriter(nameFile);
  const root = writer.row("", tree.root);
  const nodes: SerializedNodes = { epoch: tree.epoch, attributes: writer.attributes, files: writer.files, root };
  return { json: JSON.stringify(nodes), contents: writer.contents };
}

class NodeWriter {
  readonly attributes: AttributeRow[] = [];
  readonly files: string[] = [];
  readonly contents: Uint8Array[] = [];
  readonly #nameFile: NameFile;
  readonly #attributeNumbers = new Map<string, number>();
  readonly #fileNumbers = new Map<string, number>();
  readonly #fileNames = new Map<string, string | undefined>();
  readonly #seen = new Map<Node, number>();
  #contentBytes = 0;
  /** Nodes so far, directories not counted. */
  #count = 0;

  constructor(nameFile: NameFile) {
    this.#nameFile = nameFile;
  }

  row(name: string, node: Node): NodeRow {
    if (node.type === "directory") return this.#directory(name, node);
    if (node.links > 1) {
      const number = this.#seen.get(node);
      if (number !== undefined) return [name, ROW.again, number];
      this.#seen.set(node, this.#count);
    }
    this.#count++;
    const attributes = this.#attributesOf(node);
    const xattrs = xattrsOf(node);
    switch (node.type) {
      case "file":
        return this.#file(name, node, attributes);
      case "symlink":
        return xattrs === undefined
          ? [name, ROW.symlink, attributes, node.target]
          : [name, ROW.symlink, attributes, node.target, xattrs];
      case "char":
      case "block":
        return xattrs === undefined
          ? [name, ROW[node.type], attributes, node.major, node.minor]
          : [name, ROW[node.type], attributes, node.major, node.minor, xattrs];
      default:
        return xattrs === undefined ? [name, ROW[node.type], attributes] : [name, ROW[node.type], attributes, xattrs];
    }
  }

  #directory(name: string, node: DirectoryNode): NodeRow {
    const rows = sortedEntries(node).map(([entry, child]) => this.row(entry, child));
    const xattrs = xattrsOf(node);
    const attributes = this.#attributesOf(node);
    return xattrs === undefined
      ? [name, ROW.directory, attributes, rows]
      : [name, ROW.directory, attributes, rows, xattrs];
  }

  #file(name: string, node: FileNode, attributes: number): NodeRow {
    const { content } = node;
    const xattrs = xattrsOf(node);
    const place = this.#placeOf(content);
    const row = [name, ROW.file, attributes, place.file, place.offset, content.size] as const;
    if (xattrs !== undefined) return [...row, place.digest ?? null, xattrs];
    return place.digest === undefined ? row : [...row, place.digest];
  }

  #placeOf(content: FileContent): {
    readonly file: number;
    readonly offset: number;
    readonly digest: string | undefined;
  } {
    const location = content.location;
    const name = location === undefined ? undefined : this.#nameOf(location.path);
    if (location !== undefined && name !== undefined) {
      let file = this.#fileNumbers.get(name);
      if (file === undefined) {
        file = this.files.push(name) - 1;
        this.#fileNumbers.set(name, file);
      }
      return { file, offset: location.offset, digest: content.digest };
    }
    const offset = this.#contentBytes;
    const bytes = content.read();
    this.contents.push(bytes);
    this.#contentBytes += content.size;
    // Every content has one from here on: nothing that reads the tree has to hash it again to know it.
    const digest = content.digest ?? createHash("sha256").update(bytes).digest("hex");
    return { file: -1, offset, digest };
  }

  #nameOf(path: string): string | undefined {
    if (!this.#fileNames.has(path)) this.#fileNames.set(path, this.#nameFile(path));
    return this.#fileNames.get(path);
  }

  #attributesOf(node: Node): number {
    const row: AttributeRow = [node.mode, node.uid, node.gid, node.mtime];
    const key = row.join();
    let number = this.#attributeNumbers.get(key);
    if (number === undefined) {
      number = this.attributes.push(row) - 1;
      this.#attributeNumbers.set(key, number);
    }
    return number;
  }
}

function xattrsOf(node: Node): XattrRow | undefined {
  if (node.xattrs === undefined || node.xattrs.size === 0) return undefined;
  const rows = [...node.xattrs].map(([name, value]) => [name, Buffer.from(value).toString("hex")] as const);
  return Object.fromEntries(rows.sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}
