/**
 * A tree as bytes, for the step cache: metadata compactly, contents by reference to the cache's own files where they live there.
 *
 * Layout: the magic, the length of the JSON part (u32, little endian), JSON, then the contents that live nowhere else. Loading makes
 * no copies: contents are ranges of the given bytes or of the cache's files. Same tree, same bytes.
 */
import { contentOfBytes, type FileContent } from "../../bytes/content.js";
import { type ContentRange, deserializeNodes, type OpenContent } from "./serialized-nodes-reader.js";
import { type NameFile, serializeNodes } from "./serialized-nodes-writer.js";
import { Tree } from "./tree.js";

/** Changes with the format: what has another one is not read. */
const MAGIC = "tdx-tree-1\n";

/** How to write. */
export interface SerializeOptions {
  /** The name under which a file of the cache is found again (its digest), or undefined to store the content itself. */
  readonly nameFile?: NameFile;
}

/** How to read. */
export interface DeserializeOptions {
  /** Opens a range of a file of the cache by the name it was stored with. */
  readonly openFile?: (name: string, range: ContentRange) => FileContent;
  /** Opens a range of the serialized bytes themselves: what is not asked for is then not read. */
  readonly openOwn?: (range: ContentRange) => FileContent;
}

/** A tree as bytes. */
export function serializeTree(tree: Tree, options: SerializeOptions = {}): Uint8Array {
  const all = Buffer.concat(serializedPieces(tree, options));
  return new Uint8Array(all.buffer, all.byteOffset, all.byteLength);
}

/** The pieces of `serializeTree`, one after the other. */
export function serializedPieces(tree: Tree, options: SerializeOptions = {}): Uint8Array[] {
  const { json, contents } = serializeNodes(tree, options.nameFile ?? (() => undefined));
  const head = Buffer.from(MAGIC, "latin1");
  const text = Buffer.from(json, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return [head, length, text, ...contents];
}

/** The tree that bytes hold. @throws RangeError for bytes that `serializeTree` of this version did not make */
export function deserializeTree(stored: Uint8Array | FileContent, options: DeserializeOptions = {}): Tree {
  const content = stored instanceof Uint8Array ? contentOfBytes(stored) : stored;
  const start = MAGIC.length + 4;
  const head = Buffer.from(content.read(0, start));
  if (head.length < start || head.toString("latin1", 0, MAGIC.length) !== MAGIC)
    throw new RangeError("these bytes are no serialized tree");
  const end = start + head.readUInt32LE(MAGIC.length);
  const json = Buffer.from(content.read(start, end - start)).toString("utf8");
  const own = options.openOwn ?? (({ offset, size }: ContentRange) => content.read(offset, size));
  const open: OpenContent = (file, range) => {
    if (file === undefined) return own({ ...range, offset: end + range.offset });
    if (options.openFile === undefined) throw new RangeError(`the tree refers to ${file}, which cannot be opened here`);
    return options.openFile(file, range);
  };
  const { root, epoch } = deserializeNodes(json, open);
  return new Tree({ root, epoch });
}
