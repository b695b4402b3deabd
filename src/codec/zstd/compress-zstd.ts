/**
 * Compresses with zstd 1.5.7's one-shot ZSTD_compress: the bytes depend on the input and the level alone. (The streaming and multi-threaded
 * functions of the same version give other bytes, and so do other versions.)
 *
 * The code is the WebAssembly of `@bokuweb/zstd-wasm`, pinned to 0.0.27, used without the package's own glue: that keeps one memory
 * for ever, which grows with the largest input; here input is written straight into the memory, and a large one is given back.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AssembleError } from "../../errors/assemble-error.js";

/** zstd's levels that are of use here. */
export const zstdLevels = { min: 1, max: 22 } as const;

/** What the module exports, under the names that its build gave them. */
interface ZstdExports {
  /** The memory. */
  readonly f: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Constructors. */
  g(): void;
  /** ZSTD_isError. */
  h(code: number): number;
  /** ZSTD_compressBound. */
  i(size: number): number;
  /** ZSTD_compress(dst, dstCapacity, src, srcSize, level). */
  m(target: number, capacity: number, source: number, size: number, level: number): number;
  /** malloc. */
  s(size: number): number;
  /** free. */
  t(pointer: number): void;
}

interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const PAGE = 65536;
/** Beyond this an instance is dropped after use. Level 19 itself takes some 90 MiB. */
const KEEP_BYTES = 192 << 20;
const MEMORY_MAX = 2 ** 31;
/** From here on memory for the output counts. */
const LARGE_BYTES = 4 << 20;

/** A compressor with a memory of its own: keep one a thread. */
export class ZstdCompressor {
  private module: object | undefined;
  private exports: ZstdExports | undefined;

  /**
   * Compresses `size` bytes into one frame with a content size and no checksum. `fill` writes the input into the array that it is given.
   *
   * @throws AssembleError `codec/zstd-memory` for an input that is too large for one frame
   */
  compress(size: number, options: { readonly level: number; readonly fill: (target: Uint8Array) => void }): Uint8Array {
    const { level } = options;
    if (!Number.isInteger(level) || level < zstdLevels.min || level > zstdLevels.max)
      throw new RangeError(`${level} is no zstd level from ${zstdLevels.min} to ${zstdLevels.max}`);
    const zstd = (this.exports ??= instantiate((this.module ??= loadModule())));
    const bound = zstd.i(size) >>> 0;
    const source = size < MEMORY_MAX && zstd.h(bound) === 0 ? zstd.s(Math.max(size, 1)) >>> 0 : 0;
    if (source === 0) {
      this.exports = undefined;
      throw tooMuch(size);
    }
    options.fill(new Uint8Array(zstd.f.buffer, source, size));
    // Half of the input is room enough for nearly all; the bytes do not depend on the room.
    const output =
      size > LARGE_BYTES
        ? (compressInto(zstd, { source, size, level, capacity: size >>> 1 }) ??
          compressInto(zstd, { source, size, level, capacity: bound }))
        : compressInto(zstd, { source, size, level, capacity: bound });
    if (output === undefined) {
      this.exports = undefined;
      throw tooMuch(size);
    }
    zstd.t(source);
    if (zstd.f.buffer.byteLength > KEEP_BYTES) this.exports = undefined;
    return output;
  }
}

/** Compresses bytes at a level from 1 to 22 into one frame. The bytes are those of ZSTD_compress of zstd 1.5.7. */
export function compressZstd(bytes: Uint8Array, level: number): Uint8Array {
  return new ZstdCompressor().compress(bytes.length, { level, fill: (target) => target.set(bytes) });
}

interface Job {
  readonly source: number;
  readonly size: number;
  readonly level: number;
  readonly capacity: number;
}

/** The frame; undefined when it does not fit, or memory is short. */
function compressInto(zstd: ZstdExports, { source, size, level, capacity }: Job): Uint8Array | undefined {
  const target = zstd.s(capacity) >>> 0;
  if (target === 0) return undefined;
  const written = zstd.m(target, capacity, source, size, level) >>> 0;
  const output = zstd.h(written) === 0 ? new Uint8Array(zstd.f.buffer, target, written).slice() : undefined;
  zstd.t(target);
  return output;
}

function loadModule(): object {
  const require = createRequire(import.meta.url);
  const path = join(dirname(require.resolve("@bokuweb/zstd-wasm")), "zstd.wasm");
  return new (webAssembly().Module)(readFileSync(path));
}

function instantiate(module: object): ZstdExports {
  let zstd: ZstdExports | undefined;
  const stop = (): never => {
    throw new Error("zstd stopped itself");
  };
  const grow = (wanted: number): number => {
    const memory = zstd!.f;
    const need = wanted >>> 0;
    if (need > MEMORY_MAX) return 0;
    try {
      memory.grow(Math.ceil((need - memory.buffer.byteLength) / PAGE));
      return 1;
    } catch {
      return 0;
    }
  };
  // proc_exit, keepalive_clear, abort, setitimer, resize_heap.
  const imports = { a: { a: stop, b: () => {}, c: stop, d: () => 0, e: grow } };
  zstd = new (webAssembly().Instance)(module, imports).exports as ZstdExports;
  zstd.g();
  return zstd;
}

function webAssembly(): WasmApi {
  return (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
}

function tooMuch(size: number): AssembleError {
  return new AssembleError(
    "codec/zstd-memory",
    `Cannot compress ${size} bytes as one zstd frame: there is not enough memory, an input of at most some 800 MB was wanted`,
  );
}
