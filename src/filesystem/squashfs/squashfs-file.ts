/**
 * The content of a file inside an image: blocks are found and unpacked as they are read.
 */
import type { FileContent } from "../../bytes/content.js";
import { invalid } from "./errors.js";
import type { FileInodeData } from "./read-inode.js";
import type { MetadataCursor } from "./read-metadata.js";
import { exactly, type SquashfsTables } from "./read-tables.js";
import { BLOCK_STORED, NONE } from "./structures.js";
import type { UnpackBlock } from "./unpack-block.js";

/** What contents of one image share. */
export interface SquashfsBlocks {
  readonly image: FileContent;
  readonly blockSize: number;
  readonly tables: SquashfsTables;
  readonly unpack: UnpackBlock;
  /** The blocks that were unpacked last, by their place in the image. */
  readonly kept: Map<number, Uint8Array>;
}

const KEPT_BYTES = 16 << 20;
const CHUNK_BYTES = 1 << 20;

/** Where the reading of a file has come to. */
interface Position {
  block: number;
  start: number;
  readonly words: MetadataCursor;
}

/** A file of an image; reading throws `filesystem/squashfs-invalid` where it is damaged. */
export class SquashfsFile implements FileContent {
  readonly size: number;
  private readonly inode: FileInodeData;
  private readonly blocks: SquashfsBlocks;
  /** Blocks that are the file's own; the rest is in a fragment. */
  private readonly ownBlocks: number;
  private position: Position | undefined;

  constructor(inode: FileInodeData, blocks: SquashfsBlocks) {
    this.inode = inode;
    this.blocks = blocks;
    this.size = inode.sizeBytes;
    const whole = this.size / blocks.blockSize;
    this.ownBlocks = inode.fragmentIndex === NONE ? Math.ceil(whole) : Math.floor(whole);
  }

  read(offset = 0, length = this.size - offset): Uint8Array {
    const end = Math.min(this.size, offset + length);
    if (end <= offset) return new Uint8Array(0);
    const { blockSize } = this.blocks;
    const pieces: Uint8Array[] = [];
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / blockSize);
      const from = at - index * blockSize;
      const piece = this.block(index).subarray(from, from + end - at);
      pieces.push(piece);
      at += piece.length;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < this.size; at += CHUNK_BYTES) yield this.read(at, CHUNK_BYTES);
  }

  private block(index: number): Uint8Array {
    const { blockSize } = this.blocks;
    const size = Math.min(blockSize, this.size - index * blockSize);
    if (index >= this.ownBlocks) return this.tail(size);
    const { start, word } = this.find(index);
    return word === 0 ? new Uint8Array(size) : unpackAt(this.blocks, { start, word, size });
  }

  private tail(size: number): Uint8Array {
    const { fragmentIndex, fragmentOffset } = this.inode;
    const { start, size: word } = this.blocks.tables.fragment(fragmentIndex);
    const fragment = unpackAt(this.blocks, { start, word, size: undefined });
    if (fragmentOffset + size > fragment.length)
      throw invalid(`a file is said to end at ${fragmentOffset + size} of a fragment of ${fragment.length} bytes`);
    return fragment.subarray(fragmentOffset, fragmentOffset + size);
  }

  /** Sizes are read in order, and not kept: a hostile image may state any number. */
  private find(index: number): { readonly start: number; readonly word: number } {
    const { inode } = this;
    if (this.position === undefined || this.position.block > index)
      this.position = { block: 0, start: inode.blocksStart, words: inode.words.fork() };
    const { position } = this;
    for (; ; position.block++) {
      const word = position.block === index ? position.words.fork().u32() : position.words.u32();
      if (position.block === index) return { start: position.start, word };
      position.start += word & (BLOCK_STORED - 1);
    }
  }
}

/** Unpacks a block; `size` is what it must have, if that is known. */
function unpackAt(
  blocks: SquashfsBlocks,
  stored: { readonly start: number; readonly word: number; readonly size: number | undefined },
): Uint8Array {
  const { start, word, size } = stored;
  const { blockSize, kept } = blocks;
  const known = kept.get(start);
  const storedSize = word & (BLOCK_STORED - 1);
  if (word >= 2 * BLOCK_STORED || storedSize === 0 || storedSize > blockSize)
    throw invalid(`the block at ${start} has ${word} for its size`);
  const raw = known === undefined ? exactly(blocks.image, start, storedSize) : undefined;
  const bytes = known ?? ((word & BLOCK_STORED) === 0 ? blocks.unpack(raw!, blockSize) : raw!);
  if (size !== undefined && bytes.length !== size)
    throw invalid(`the block at ${start} unpacks to ${bytes.length} bytes where ${size} are stated`);
  if (known === undefined) {
    if ((kept.size + 1) * blockSize > KEPT_BYTES) kept.delete(kept.keys().next().value!);
    kept.set(start, bytes);
  }
  return bytes;
}
