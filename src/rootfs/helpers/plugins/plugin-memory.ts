/**
 * What a function of a plug-in reads and writes: the plug-in's own memory, a stack, and room that it is given to fill.
 */
import { readString } from "../elf.js";
import type { PluginImage } from "./plugin-image.js";

/** A plug-in that does not describe itself in a way that is understood. */
export class PluginProblem extends Error {
  override readonly name = "PluginProblem";
}

const ROOM = 1n << 40n;
const ROOM_SIZE = 1 << 16;
/** How much of the room the caller may hand out, from its start; the stack has the rest. */
const GIVEN = 1 << 12;
const THREAD = ROOM + BigInt(ROOM_SIZE - 0x100);

/** Memory. */
export class PluginMemory {
  readonly image: PluginImage;
  readonly stackTop = THREAD;
  readonly #room = new Uint8Array(ROOM_SIZE);
  #given = 0;

  constructor(image: PluginImage) {
    this.image = image;
  }

  /** The address of so many zeros. */
  give(size: number): bigint {
    const address = ROOM + BigInt(this.#given);
    this.#given += Math.ceil(size / 16) * 16;
    if (this.#given > GIVEN) throw new PluginProblem("wants more room than there is");
    return address;
  }

  /** An address in a thread's own memory, where the stack's guard is. */
  threadLocal(offset: bigint): bigint {
    return THREAD + offset;
  }

  read(address: bigint, size: 1 | 4 | 8): bigint {
    const place = this.#find(address, size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(place.bytes[place.at + i]!);
    return value;
  }

  write(address: bigint, size: 4 | 8, value: bigint): void {
    const place = this.#find(address, size);
    for (let i = 0; i < size; i++) place.bytes[place.at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  /** The text at an address. */
  text(address: bigint): string {
    const { bytes, at } = this.#find(address, 1);
    return readString(bytes, at);
  }

  /** The addresses of a list that a zero ends. */
  list(address: bigint): bigint[] {
    const items: bigint[] = [];
    for (let at = address; items.length < 1000; at += 8n) {
      const item = this.read(at, 8);
      if (item === 0n) return items;
      items.push(item);
    }
    throw new PluginProblem("has a list without an end");
  }

  #find(address: bigint, size: number): { readonly bytes: Uint8Array; readonly at: number } {
    const [bytes, at] = address >= ROOM ? [this.#room, address - ROOM] : [this.image.memory, address];
    if (at + BigInt(size) > BigInt(bytes.length) || at < 1n) {
      // Address 0 is nothing's, but the room starts at its own.
      if (bytes !== this.#room || at !== 0n) throw new PluginProblem("uses memory that it does not have");
    }
    if (bytes !== this.#room && this.image.imports.has(Number(at)) && size === 8)
      throw new PluginProblem(`points to ${this.image.imports.get(Number(at)) || "what is not known"}`);
    return { bytes, at: Number(at) };
  }
}
