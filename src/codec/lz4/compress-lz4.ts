/**
 * Compresses LZ4 blocks (LZ4 Block Format Description, 2022-07-31): no frame, no checksum. The bytes depend on the input and the level alone, and
 * are the project's own to keep.
 *
 * The code is `wasm/lz4`, which says how. Checked by: unsquashfs, fsck.erofs, the kernel.
 */
import { growTo, instantiateWasm, placeAfter, type WasmModule } from "../wasm-module.js";

/** Levels: a search takes at most 4 × level steps. */
export const lz4Levels = { min: 1, max: 12 } as const;

/** What the module exports; `wasm/lz4/module.c` says what each does. Sizes and places are in bytes. */
interface Lz4Exports extends WasmModule {
  workBytes(size: number): number;
  compress(from: number, size: number, to: number, work: number, depth: number): number;
  fill(from: number, size: number, to: number, capacity: number, work: number, depth: number): number;
  filledBytes(): number;
}

const STEPS_A_LEVEL = 4;

/** A filled block. */
export interface FilledBlock {
  /** Bytes of input that it holds. */
  readonly consumed: number;
  readonly block: Uint8Array;
}

/** A compressor with a memory of its own, which stays as large as it once was: keep one a thread. */
export class Lz4Compressor {
  private exports: Lz4Exports | undefined;

  /** Compresses bytes into one block, which may be larger than they are. */
  compress(bytes: Uint8Array, level: number): Uint8Array {
    const lz4 = this.open(level);
    const { source, target, work } = layOut(lz4, bytes, bytes.length + Math.floor(bytes.length / 255) + 16);
    const size = lz4.compress(source, bytes.length, target, work, STEPS_A_LEVEL * level);
    return new Uint8Array(lz4.memory.buffer, target, size).slice();
  }

  /** Fills a block of at most `capacity` bytes from the start of `input`: what EROFS stores. */
  fill(input: Uint8Array, { capacity, level }: { readonly capacity: number; readonly level: number }): FilledBlock {
    const lz4 = this.open(level);
    const { source, target, work } = layOut(lz4, input, capacity);
    const consumed = lz4.fill(source, input.length, target, capacity, work, STEPS_A_LEVEL * level);
    if (consumed === 0) throw new RangeError(`${capacity} bytes are no room for an LZ4 block`);
    return { consumed, block: new Uint8Array(lz4.memory.buffer, target, lz4.filledBytes()).slice() };
  }

  private open(level: number): Lz4Exports {
    if (!Number.isInteger(level) || level < lz4Levels.min || level > lz4Levels.max)
      throw new RangeError(`${level} is no LZ4 level from ${lz4Levels.min} to ${lz4Levels.max}`);
    this.exports ??= instantiateWasm("lz4/lz4.wasm");
    return this.exports;
  }
}

/** Places the input, room for the output, and room to work in. */
function layOut(
  lz4: Lz4Exports,
  input: Uint8Array,
  capacity: number,
): { readonly source: number; readonly target: number; readonly work: number } {
  const sizes = [input.length, capacity, lz4.workBytes(input.length)];
  const { places, end } = placeAfter(lz4.heapBase(), sizes);
  const [source, target, work] = places as [number, number, number];
  growTo(lz4, end);
  new Uint8Array(lz4.memory.buffer, source, input.length).set(input);
  return { source, target, work };
}
