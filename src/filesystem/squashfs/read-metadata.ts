/**
 * Reads metadata: 8 KiB blocks behind 16-bit headers, read as one stream from any place. A few unpacked blocks are kept.
 */
import type { FileContent } from "../../bytes/content.js";
import type { Layout } from "../../bytes/layout.js";
import { decodeStructure, invalid } from "./errors.js";
import { METADATA_BYTES, METADATA_STORED } from "./structures.js";
import type { UnpackBlock } from "./unpack-block.js";

const KEPT_BLOCKS = 64;

interface MetadataBlock {
  readonly bytes: Uint8Array;
  /** Where the next one begins in the image. */
  readonly next: number;
}

/** Reads the metadata of an image. */
export class MetadataReader {
  private readonly image: FileContent;
  private readonly unpack: UnpackBlock;
  private readonly kept = new Map<number, MetadataBlock>();

  constructor(image: FileContent, unpack: UnpackBlock) {
    this.image = image;
    this.unpack = unpack;
  }

  /** A cursor at an offset of the block that begins at `start` of the image. @throws AssembleError `filesystem/squashfs-invalid` */
  at(start: number, offset: number): MetadataCursor {
    return new MetadataCursor(this, start, offset);
  }

  /** The block that begins at a place of the image. */
  block(start: number): MetadataBlock {
    const known = this.kept.get(start);
    if (known !== undefined) return known;
    if (start < 0 || start + 2 > this.image.size) throw invalid(`metadata is said to be at ${start}`);
    const head = this.image.read(start, 2);
    const word = head[0]! | (head[1]! << 8);
    const size = word & (METADATA_STORED - 1);
    if (size === 0 || size > METADATA_BYTES || start + 2 + size > this.image.size)
      throw invalid(`the metadata block at ${start} has ${size} bytes`);
    const stored = this.image.read(start + 2, size);
    const bytes = (word & METADATA_STORED) === 0 ? this.unpack(stored, METADATA_BYTES) : stored;
    const block = { bytes, next: start + 2 + size };
    if (this.kept.size >= KEPT_BLOCKS) this.kept.delete(this.kept.keys().next().value!);
    this.kept.set(start, block);
    return block;
  }
}

/** A place in the metadata that moves forward. */
export class MetadataCursor {
  private readonly reader: MetadataReader;
  private start: number;
  private offset: number;

  constructor(reader: MetadataReader, start: number, offset: number) {
    this.reader = reader;
    this.start = start;
    this.offset = offset;
  }

  /** Another cursor at the same place. */
  fork(): MetadataCursor {
    return new MetadataCursor(this.reader, this.start, this.offset);
  }

  /** The next `length` bytes. Memory is taken as they are found. */
  take(length: number): Uint8Array {
    const first = this.piece(length);
    if (first.length === length) return first;
    const pieces = [first];
    for (let left = length - first.length; left > 0; ) {
      const piece = this.piece(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** The next structure. */
  decode<T>(structure: Layout<T>): T {
    return decodeStructure(structure, this.take(structure.size));
  }

  /** The next 32-bit number. */
  u32(): number {
    const bytes = this.take(4);
    return (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0;
  }

  /** Passes over bytes. */
  skip(length: number): void {
    for (let left = length; left > 0; ) left -= this.piece(left).length;
  }

  private piece(length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    let block = this.reader.block(this.start);
    if (this.offset === block.bytes.length && block.bytes.length === METADATA_BYTES) {
      this.start = block.next;
      this.offset = 0;
      block = this.reader.block(this.start);
    }
    if (this.offset >= block.bytes.length)
      throw invalid(
        `the metadata block at ${this.start} has ${block.bytes.length} bytes, byte ${this.offset} is asked for`,
      );
    const bytes = block.bytes.subarray(this.offset, this.offset + length);
    this.offset += bytes.length;
    return bytes;
  }
}
