/**
 * A table of entries of one size that is read by number: metadata blocks, and behind them a list of where each begins in the image.
 */
import type { CompressBlock } from "./compression.js";
import { MetadataWriter } from "./metadata-writer.js";

/** A table as it is stored. */
export interface LookupTable {
  /** The metadata blocks, then the list. */
  readonly bytes: Uint8Array;
  /** Where the list begins: what the superblock names. */
  readonly listStart: number;
}

/** Stores a table at `start` of the image; `head` goes before the list. */
export function writeLookupTable(
  entries: Uint8Array,
  options: { readonly start: number; readonly compress: CompressBlock; readonly head?: Uint8Array },
): LookupTable {
  const { start, compress, head = new Uint8Array(0) } = options;
  const writer = new MetadataWriter(compress);
  writer.write(entries);
  const blocks = writer.finish();
  const list = Buffer.alloc(8 * writer.blockStarts.length);
  for (const [i, at] of writer.blockStarts.entries()) list.writeBigUInt64LE(BigInt(start + at), 8 * i);
  return { bytes: new Uint8Array(Buffer.concat([blocks, head, list])), listStart: start + blocks.length };
}
