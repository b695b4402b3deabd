/**
 * Deflates (RFC 1951), bare or in zlib's or gzip's container, with zlib 1.3.1: the bytes depend on the input and the level alone, which those of
 * `node:zlib` do not (they differ between versions and processors). Oracle: zlib of trixie, by way of Python.
 *
 * The code is `wasm/zlib`: upstream's deflate around one stream.
 */
import { growTo, instantiateWasm, placeAfter, type WasmModule } from "./wasm-module.js";

/** What the module exports; `wasm/zlib/module.c` says what each does. Sizes and places are in bytes. */
interface ZlibExports extends WasmModule {
  begin(level: number, bits: number): number;
  bound(size: number): number;
  setInput(from: number, size: number): void;
  setOutput(to: number, capacity: number): void;
  step(last: 0 | 1): number;
  inputLeft(): number;
  outputLeft(): number;
  fill(from: number, size: number, to: number, capacity: number, level: number, guess: number): number;
  filledBytes(): number;
}

/** What surrounds the compressed bytes, as zlib's number of window bits says it. */
const CONTAINERS = { raw: -15, zlib: 15, gzip: 31 } as const;
const PIECE = 1 << 18;
const STREAM_END = 1;

/** A container for deflated bytes. */
export type DeflateContainer = keyof typeof CONTAINERS;

/** A deflater with a memory of its own, which stays as large as it once was: keep one a thread. Levels are 1–9. */
export class Deflater {
  private exports: ZlibExports | undefined;

  /** Compresses a whole. */
  compress(bytes: Uint8Array, options: { readonly level: number; readonly container: DeflateContainer }): Uint8Array {
    const zlib = this.begin(options);
    const capacity = zlib.bound(bytes.length) >>> 0;
    const [source, target] = layOut(zlib, [bytes.length, capacity]) as [number, number];
    new Uint8Array(zlib.memory.buffer, source, bytes.length).set(bytes);
    zlib.setInput(source, bytes.length);
    zlib.setOutput(target, capacity);
    ended(zlib.step(1));
    return new Uint8Array(zlib.memory.buffer, target, capacity - (zlib.outputLeft() >>> 0)).slice();
  }

  /** Begins what is compressed in pieces; until its end the deflater does nothing else. */
  start(options: { readonly level: number; readonly container: DeflateContainer }): DeflateStream {
    return new DeflateStream(this.begin(options));
  }

  /**
   * Compresses, without a container, as long a start of the input as is found to take `capacity` bytes at most; `guess` is the length that is
   * tried first. Undefined where that shows that next to nothing is gained.
   */
  fill(
    input: Uint8Array,
    options: { readonly level: number; readonly capacity: number; readonly guess: number },
  ): { readonly consumed: number; readonly block: Uint8Array } | undefined {
    const { level, capacity, guess } = options;
    const zlib = this.begin({ level, container: "raw" });
    const [source, target] = layOut(zlib, [input.length, zlib.bound(input.length) >>> 0]) as [number, number];
    new Uint8Array(zlib.memory.buffer, source, input.length).set(input);
    const consumed = zlib.fill(source, input.length, target, capacity, level, guess) >>> 0;
    if (consumed === 0) return undefined;
    return { consumed, block: new Uint8Array(zlib.memory.buffer, target, zlib.filledBytes() >>> 0).slice() };
  }

  private begin({ level, container }: { readonly level: number; readonly container: DeflateContainer }): ZlibExports {
    if (!Number.isInteger(level) || level < 1 || level > 9) throw new RangeError(`${level} is no level from 1 to 9`);
    this.exports ??= instantiateWasm("zlib/zlib.wasm");
    if (this.exports.begin(level, CONTAINERS[container]) !== 0) throw new Error("zlib does not begin");
    return this.exports;
  }
}

/** Compresses in pieces; what comes out does not depend on how the input is cut. */
export class DeflateStream {
  private readonly zlib: ZlibExports;
  private readonly source: number;
  private readonly target: number;

  constructor(zlib: ZlibExports) {
    this.zlib = zlib;
    [this.source, this.target] = layOut(zlib, [PIECE, PIECE]) as [number, number];
    zlib.setOutput(this.target, PIECE);
  }

  /** Takes input; what is ready after it. */
  *push(bytes: Uint8Array): Generator<Uint8Array, void, void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      new Uint8Array(this.zlib.memory.buffer, this.source, piece.length).set(piece);
      this.zlib.setInput(this.source, piece.length);
      do {
        this.zlib.step(0);
        if (this.zlib.outputLeft() === 0) yield this.taken();
      } while (this.zlib.inputLeft() > 0);
    }
  }

  /** What is left. */
  *end(): Generator<Uint8Array, void, void> {
    for (let code = 0; code !== STREAM_END; ) {
      code = this.zlib.step(1);
      yield this.taken();
    }
  }

  private taken(): Uint8Array {
    const bytes = new Uint8Array(this.zlib.memory.buffer, this.target, PIECE - this.zlib.outputLeft()).slice();
    this.zlib.setOutput(this.target, PIECE);
    return bytes;
  }
}

/** Places room of the sizes one after the other. */
function layOut(zlib: ZlibExports, sizes: readonly number[]): number[] {
  const { places, end } = placeAfter(zlib.heapBase(), sizes);
  growTo(zlib, end);
  return places;
}

function ended(code: number): void {
  if (code !== STREAM_END) throw new Error(`zlib stopped with ${code}`);
}
