/**
 * Compresses with zstd 1.5.7: the bytes depend on the input and the level alone. A frame is made in one call (those of ZSTD_compress), or of
 * input in pieces (those of ZSTD_compressStream2 with the size stated), in memory that does not grow with it. The two differ, and so
 * do other versions of zstd. Oracle: libzstd 1.5.7 and the zstd of trixie.
 *
 * The code is `wasm/zstd`: upstream's compressor around one context, in memory that is laid out here. The context is made anew for
 * each frame: one that is used again salts its hash tables, and could then give other bytes.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import { growTo, instantiateWasm, placeAfter, type WasmModule } from "../wasm-module.js";

/** zstd's levels that are of use here. */
export const zstdLevels = { min: 1, max: 22 } as const;

/** What the module exports; `wasm/zstd/module.c` says what each does. Sizes and places are in bytes. */
interface ZstdExports extends WasmModule {
  isError(code: number): number;
  compressBound(size: number): number;
  contextSize(level: number): number;
  streamSize(level: number): number;
  place(memory: number, size: number): number;
  compress(to: number, capacity: number, from: number, size: number, level: number): number;
  begin(level: number, size: number): number;
  setInput(from: number, size: number): void;
  setOutput(to: number, capacity: number): void;
  step(last: 0 | 1): number;
  inputTaken(): number;
  outputFilled(): number;
}

const MEMORY_MAX = 2 ** 31;
/** From here on memory for the output counts. */
const LARGE_BYTES = 4 << 20;
/** Pieces of a stream: of its input, and of the frame. */
const PIECE = 1 << 20;
/** A block of a frame. */
const BLOCK = 1 << 17;

/** A compressor with a memory of its own, which stays as large as it once was: keep one a thread. */
export class ZstdCompressor {
  private exports: ZstdExports | undefined;

  /**
   * Compresses `size` bytes into one frame with a content size and no checksum. `fill` writes the input into the array that it is given.
   *
   * @throws AssembleError `codec/zstd-memory` for an input that is too large to be in memory as a whole
   */
  compress(size: number, options: { readonly level: number; readonly fill: (target: Uint8Array) => void }): Uint8Array {
    const { level, fill } = options;
    const zstd = this.open(level);
    const bound = zstd.compressBound(size) >>> 0;
    if (size >= MEMORY_MAX || zstd.isError(bound) !== 0) throw tooMuch(size);
    // Half of the input is room enough for nearly all; the bytes do not depend on the room.
    const capacities = size > LARGE_BYTES ? [size >>> 1, bound] : [bound];
    for (const capacity of capacities) {
      const [source, target] = this.layOut(zstd, {
        context: zstd.contextSize(level),
        sizes: [size, capacity],
        whole: size,
      });
      // With more room it lies where it lay.
      if (capacity === capacities[0]) fill(new Uint8Array(zstd.memory.buffer, source, size));
      const written = zstd.compress(target!, capacity, source!, size, level) >>> 0;
      if (zstd.isError(written) === 0) return new Uint8Array(zstd.memory.buffer, target, written).slice();
    }
    throw tooMuch(size);
  }

  /**
   * Compresses `size` bytes, read in pieces, into one frame with a content size and no checksum. `read` fills the array that it is given, whole.
   * Pieces of the frame come out as views that are valid until the next is asked for.
   */
  *compressStream(
    size: number,
    options: { readonly level: number; readonly read: (target: Uint8Array) => void },
  ): Generator<Uint8Array, void, void> {
    const { level, read } = options;
    const zstd = this.open(level);
    const context = zstd.streamSize(level);
    const [source, target] = this.layOut(zstd, { context, sizes: [PIECE, PIECE], whole: size });
    check(zstd, zstd.begin(level, size));
    for (let left = size, ended = false; !ended; ) {
      // The end comes with the last block alone, as the zstd program gives it: it would be cut otherwise with what lies before it.
      const isLast = left <= BLOCK;
      const count = isLast ? left : Math.min(PIECE, Math.ceil(left / BLOCK - 1) * BLOCK);
      read(new Uint8Array(zstd.memory.buffer, source, count));
      left -= count;
      zstd.setInput(source!, count);
      for (let done = false; !done; ) {
        zstd.setOutput(target!, PIECE);
        const rest = check(zstd, zstd.step(isLast ? 1 : 0));
        ended = isLast && rest === 0;
        done = isLast ? ended : zstd.inputTaken() === count;
        const filled = zstd.outputFilled();
        if (filled > 0) yield new Uint8Array(zstd.memory.buffer, target, filled);
      }
    }
  }

  private open(level: number): ZstdExports {
    if (!Number.isInteger(level) || level < zstdLevels.min || level > zstdLevels.max)
      throw new RangeError(`${level} is no zstd level from ${zstdLevels.min} to ${zstdLevels.max}`);
    this.exports ??= instantiateWasm("zstd/zstd.wasm");
    return this.exports;
  }

  /** Places a new context, and room of the sizes behind it. */
  private layOut(
    zstd: ZstdExports,
    { context, sizes, whole }: { readonly context: number; readonly sizes: readonly number[]; readonly whole: number },
  ): number[] {
    const base = zstd.heapBase();
    const { places, end } = placeAfter(base + (context >>> 0), sizes);
    if (end > MEMORY_MAX) throw tooMuch(whole);
    try {
      growTo(zstd, end);
    } catch (cause) {
      throw tooMuch(whole, cause);
    }
    if (zstd.place(base, context) === 0) throw tooMuch(whole);
    return places;
  }
}

/** Compresses bytes at a level from 1 to 22 into one frame. The bytes are those of ZSTD_compress of zstd 1.5.7. */
export function compressZstd(bytes: Uint8Array, level: number): Uint8Array {
  return new ZstdCompressor().compress(bytes.length, { level, fill: (target) => target.set(bytes) });
}

function check(zstd: ZstdExports, code: number): number {
  if (zstd.isError(code) !== 0) throw new Error(`zstd stopped with ${code}`);
  return code >>> 0;
}

function tooMuch(size: number, cause?: unknown): AssembleError {
  return new AssembleError(
    "codec/zstd-memory",
    `Cannot compress ${size} bytes as one zstd frame: there is not enough memory, an input of at most some 800 MB was wanted`,
    { cause },
  );
}
