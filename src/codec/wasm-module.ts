/** The project's own WebAssembly modules (`wasm/`): each is one file without imports, with one memory that is laid out from here. */
import { readFileSync } from "node:fs";

/** What every module exports besides its functions. Sizes and places are in bytes. */
export interface WasmModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Where the memory is free. */
  heapBase(): number;
}

/** WebAssembly is not among the types of Node alone. */
interface WasmApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const PAGE = 65536;
const ALIGNMENT = 64;

/** Compiles and instantiates `wasm/<file>`. */
export function instantiateWasm<T extends WasmModule>(file: string): T {
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
  const module = new Module(readFileSync(new URL(`../../wasm/${file}`, import.meta.url)));
  return new Instance(module, {}).exports as T;
}

/** Places for room of the sizes, one after the other behind `start`. */
export function placeAfter(
  start: number,
  sizes: readonly number[],
): { readonly places: number[]; readonly end: number } {
  let end = alignPlace(start);
  const places = sizes.map((size) => {
    const place = end;
    end = alignPlace(end + size);
    return place;
  });
  return { places, end };
}

/** Grows a module's memory until it reaches `end`. @throws RangeError where there is not enough */
export function growTo({ memory }: WasmModule, end: number): void {
  const pages = Math.ceil((end - memory.buffer.byteLength) / PAGE);
  if (pages > 0) memory.grow(pages);
}

function alignPlace(place: number): number {
  return Math.ceil(place / ALIGNMENT) * ALIGNMENT;
}
