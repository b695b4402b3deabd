/**
 * Metadata: a stream of structures, cut into blocks of 8 KiB that are compressed one by one. A place in it is the start of a stored block,
 * relative to the table, and an offset in the unpacked one.
 */
import { fromByteString } from "../../bytes/content.js";
import { type Layout, u32 } from "../../bytes/layout.js";
import type { CompressBlock } from "./compression.js";
import { METADATA_BYTES, METADATA_STORED, Word } from "./structures.js";

/** A place in a table of metadata. */
export interface MetadataPlace {
  readonly block: number;
  readonly offset: number;
}

/** A place as inodes and tables state it. */
export function referenceTo(place: MetadataPlace): number {
  return place.block * 65536 + place.offset;
}

/** Collects the metadata of one table. */
export class MetadataWriter {
  /** Where each stored block begins, relative to the table. */
  readonly blockStarts: number[] = [];
  private readonly compress: CompressBlock;
  private readonly stored: Uint8Array[] = [];
  private readonly block = Buffer.alloc(METADATA_BYTES);
  private readonly view = new DataView(this.block.buffer, this.block.byteOffset, METADATA_BYTES);
  private filled = 0;
  private storedBytes = 0;

  constructor(compress: CompressBlock) {
    this.compress = compress;
  }

  /** Where the next byte goes. */
  get place(): MetadataPlace {
    return { block: this.storedBytes, offset: this.filled };
  }

  /** Appends bytes; returns where they begin. */
  write(bytes: Uint8Array): MetadataPlace {
    const { place } = this;
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(METADATA_BYTES - this.filled, bytes.length - at);
      this.block.set(bytes.subarray(at, at + count), this.filled);
      at += count;
      this.advance(count);
    }
    return place;
  }

  /** Appends a structure. */
  put<T>(layout: Layout<T>, value: T): void {
    if (this.filled + layout.size > METADATA_BYTES) {
      this.write(layout.encode(value));
      return;
    }
    layout.write(this.view, this.filled, value);
    this.advance(layout.size);
  }

  /** Appends a 32-bit number. */
  putU32(value: number): void {
    if (this.filled + u32.size > METADATA_BYTES) this.put(Word, { value });
    else {
      u32.write(this.view, this.filled, value, true);
      this.advance(u32.size);
    }
  }

  /** Appends a byte string. */
  putText(text: string): void {
    if (this.filled + text.length > METADATA_BYTES) {
      this.write(fromByteString(text));
      return;
    }
    this.block.write(text, this.filled, "latin1");
    this.advance(text.length);
  }

  /** The whole table. */
  finish(): Uint8Array {
    this.flush();
    return new Uint8Array(Buffer.concat(this.stored));
  }

  private advance(count: number): void {
    this.filled += count;
    if (this.filled === METADATA_BYTES) this.flush();
  }

  private flush(): void {
    if (this.filled === 0) return;
    const bytes = new Uint8Array(this.block.subarray(0, this.filled));
    const compressed = this.compress(bytes);
    const body = compressed ?? bytes;
    const header = Uint8Array.of(
      body.length & 255,
      (body.length | (compressed === undefined ? METADATA_STORED : 0)) >> 8,
    );
    this.blockStarts.push(this.storedBytes);
    this.stored.push(header, body);
    this.storedBytes += header.length + body.length;
    this.filled = 0;
  }
}
