/**
 * Follows a function of a plug-in that does nothing but store addresses and numbers, as those that describe plug-ins do (x86-64 SDM,
 * volume 2). Nothing is executed: instructions are read one by one, and any that is not listed here ends it.
 */

import { type Operand, type Prefixes, readOperand } from "./operand.js";
import type { PluginImage } from "./plugin-image.js";
import { type PluginMemory, PluginProblem } from "./plugin-memory.js";

/** What a function of another library does: its arguments in order, and what it returns. */
export type Import = (args: readonly bigint[]) => bigint;

const [RAX, RDX, RSP, RSI, RDI] = [0, 2, 4, 6, 7];
const MOST_STEPS = 1000;
/** Where a function returns to. */
const END = 0n;

/** Follows an exported function to its end: what it returns. @throws PluginProblem */
export function runFunction(
  { memory, name }: { readonly memory: PluginMemory; readonly name: string },
  { args, imports }: { readonly args: readonly bigint[]; readonly imports: ReadonlyMap<string, Import> },
): bigint {
  const start = memory.image.symbols.get(name);
  if (start === undefined) throw new PluginProblem(`has no ${name}`);
  const machine = new Machine(memory, imports);
  return machine.run(start, args);
}

class Machine {
  readonly #memory: PluginMemory;
  readonly #image: PluginImage;
  readonly #imports: ReadonlyMap<string, Import>;
  readonly #registers = new BigUint64Array(16);
  /** Two halves each. */
  readonly #vectors = new BigUint64Array(32);
  #at = 0;
  #isZero = false;

  constructor(memory: PluginMemory, imports: ReadonlyMap<string, Import>) {
    this.#memory = memory;
    this.#image = memory.image;
    this.#imports = imports;
  }

  run(start: number, args: readonly bigint[]): bigint {
    this.#at = start;
    for (const [i, register] of [RDI, RSI, RDX].entries()) this.#registers[register] = args[i] ?? 0n;
    this.#registers[RSP] = this.#memory.stackTop;
    this.#push(END);
    for (let step = 0; step < MOST_STEPS; step++) if (this.#step()) return this.#registers[RAX]!;
    throw new PluginProblem("does not end");
  }

  #byte(): number {
    const byte = this.#image.memory[this.#at++];
    if (byte === undefined) throw new PluginProblem("goes out of its code");
    return byte;
  }

  #signed(size: 1 | 4): bigint {
    const value = this.#memory.read(BigInt(this.#at), size);
    this.#at += size;
    return BigInt.asUintN(64, BigInt.asIntN(8 * size, value));
  }

  #operand(prefixes: Prefixes, after = 0): Operand {
    const { operand, end } = readOperand(this.#memory, { at: this.#at, registers: this.#registers, prefixes, after });
    this.#at = end;
    return operand;
  }

  #push(value: bigint): void {
    this.#registers[RSP]! -= 8n;
    this.#memory.write(this.#registers[RSP]!, 8, value);
  }

  #pop(): bigint {
    const value = this.#memory.read(this.#registers[RSP]!, 8);
    this.#registers[RSP]! += 8n;
    return value;
  }

  /** One instruction; true after the last. */
  #step(): boolean {
    const start = this.#at;
    let opcode = this.#byte();
    let [operandSize, repeat, threadLocal, rex] = [false, 0, false, 0];
    for (; [0x66, 0xf2, 0xf3, 0x64].includes(opcode); opcode = this.#byte()) {
      if (opcode === 0x66) operandSize = true;
      else if (opcode === 0x64) threadLocal = true;
      else repeat = opcode;
    }
    if (opcode >> 4 === 4) {
      rex = opcode;
      opcode = this.#byte();
    }
    const prefixes = { wide: (rex & 8) !== 0, rex, operandSize, repeat, threadLocal };
    if (opcode === 0x0f) this.#vector(this.#byte(), prefixes, start);
    else return this.#general(opcode, prefixes, start);
    return false;
  }

  #refuse(start: number): never {
    const bytes = [...this.#image.memory.subarray(start, start + 8)].map((byte) => byte.toString(16).padStart(2, "0"));
    throw new PluginProblem(`has an instruction that is not followed (${bytes.join(" ")})`);
  }

  #general(opcode: number, prefixes: Prefixes, start: number): boolean {
    const { wide, rex } = prefixes;
    const size = wide ? 8 : 4;
    if (prefixes.operandSize) this.#refuse(start);
    switch (opcode) {
      case 0xc3: {
        const back = this.#pop();
        this.#at = Number(back);
        return back === END;
      }
      case 0xe8: {
        const distance = this.#signed(4);
        this.#push(BigInt(this.#at));
        return this.#jump(distance);
      }
      case 0xe9:
        return this.#jump(this.#signed(4));
      case 0xeb:
        return this.#jump(this.#signed(1));
      case 0x74:
      case 0x75: {
        const distance = this.#signed(1);
        return this.#isZero === (opcode === 0x74) ? this.#jump(distance) : false;
      }
      case 0xff: {
        const operand = this.#operand(prefixes);
        if (operand.field !== 2 && operand.field !== 4) this.#refuse(start);
        if (operand.field === 2) this.#push(BigInt(this.#at));
        return this.#callThrough(operand, start);
      }
      case 0x8d: {
        const { field, address } = this.#operand(prefixes);
        this.#registers[field] = address ?? this.#refuse(start);
        return false;
      }
      case 0x89:
      case 0x8b: {
        const operand = this.#operand(prefixes);
        if (opcode === 0x89) this.#store(operand, size, this.#registers[operand.field]!);
        else this.#registers[operand.field] = this.#load(operand, size);
        return false;
      }
      case 0xc7: {
        const operand = this.#operand(prefixes, 4);
        if (operand.field !== 0) this.#refuse(start);
        this.#store(operand, size, this.#signed(4));
        return false;
      }
      case 0x81:
      case 0x83: {
        const operand = this.#operand(prefixes, opcode === 0x83 ? 1 : 4);
        const value = this.#signed(opcode === 0x83 ? 1 : 4);
        if (operand.field !== 0 && operand.field !== 5) this.#refuse(start);
        const sum = this.#load(operand, size) + (operand.field === 0 ? value : -value);
        this.#isZero = BigInt.asUintN(8 * size, sum) === 0n;
        this.#store(operand, size, sum);
        return false;
      }
      case 0x2b:
      case 0x31:
      case 0x33:
      case 0x85: {
        const operand = this.#operand(prefixes);
        const [one, other] = [BigInt.asUintN(8 * size, this.#registers[operand.field]!), this.#load(operand, size)];
        const result = opcode === 0x2b ? one - other : opcode === 0x85 ? one & other : one ^ other;
        this.#isZero = BigInt.asUintN(8 * size, result) === 0n;
        if (opcode === 0x31) this.#store(operand, size, result);
        else if (opcode !== 0x85) this.#registers[operand.field] = BigInt.asUintN(8 * size, result);
        return false;
      }
      case 0x90:
        return false;
    }
    const register = (opcode & 7) | ((rex & 1) << 3);
    if (opcode >> 3 === 0x0a) this.#push(this.#registers[register]!);
    else if (opcode >> 3 === 0x0b) this.#registers[register] = this.#pop();
    else if (opcode >> 3 === 0x17 && !wide) this.#registers[register] = BigInt.asUintN(32, this.#signed(4));
    else this.#refuse(start);
    return false;
  }

  #jump(distance: bigint): boolean {
    this.#at = Number(BigInt.asIntN(64, distance)) + this.#at;
    return false;
  }

  /** Goes where an address in memory leads: to another library, for the most part. */
  #callThrough({ address }: Operand, start: number): boolean {
    if (address === undefined) this.#refuse(start);
    const name = this.#image.imports.get(Number(address));
    if (name === undefined) {
      this.#at = Number(this.#memory.read(address, 8));
      return false;
    }
    const imported = this.#imports.get(name);
    if (imported === undefined) throw new PluginProblem(`calls ${name || "what is not known"}`);
    this.#registers[RAX] = imported([RDI, RSI, RDX].map((register) => this.#registers[register]!));
    const back = this.#pop();
    this.#at = Number(back);
    return back === END;
  }

  #vector(opcode: number, prefixes: Prefixes, start: number): void {
    const { operandSize, repeat } = prefixes;
    // Marks of branch targets, and padding.
    if (opcode === 0x1e && repeat === 0xf3 && this.#byte() === 0xfa) return;
    if (opcode === 0x1f) {
      this.#operand(prefixes);
      return;
    }
    if (opcode === 0x84 || opcode === 0x85) {
      const distance = this.#signed(4);
      if (this.#isZero === (opcode === 0x84)) this.#jump(distance);
      return;
    }
    const operand = this.#operand(prefixes);
    const low = 2 * operand.field;
    const [first, second] = this.#vectors.subarray(low, low + 2);
    const form = `${operandSize ? "66 " : repeat === 0 ? "" : `${repeat.toString(16)} `}${opcode.toString(16)}`;
    switch (form) {
      case "f3 7e": // movq from memory or a vector
      case "66 6e": // movq from a register
        if (form === "66 6e" && !prefixes.wide) this.#refuse(start);
        this.#vectors[low] = form === "f3 7e" ? this.#loadVector(operand)[0]! : this.#load(operand, 8);
        this.#vectors[low + 1] = 0n;
        return;
      case "66 6c": // punpcklqdq
        this.#vectors[low + 1] = this.#loadVector(operand)[0]!;
        return;
      case "16": // movhps from memory
        if (operand.address === undefined) this.#refuse(start);
        this.#vectors[low + 1] = this.#load(operand, 8);
        return;
      case "66 ef": // pxor
        this.#vectors.set(
          this.#loadVector(operand).map((half, i) => half ^ this.#vectors[low + i]!),
          low,
        );
        return;
      case "66 d6": // movq to memory
        if (operand.address === undefined) this.#refuse(start);
        this.#memory.write(operand.address, 8, first!);
        return;
      case "10":
      case "28":
      case "66 6f":
      case "f3 6f":
        this.#vectors.set(this.#loadVector(operand), low);
        return;
      case "11":
      case "29":
      case "66 7f":
      case "f3 7f":
        if (operand.address === undefined) this.#refuse(start);
        this.#memory.write(operand.address, 8, first!);
        this.#memory.write(operand.address + 8n, 8, second!);
        return;
      default:
        this.#refuse(start);
    }
  }

  #loadVector({ register, address }: Operand): [bigint, bigint] {
    if (register !== undefined) return [this.#vectors[2 * register]!, this.#vectors[2 * register + 1]!];
    return [this.#memory.read(address!, 8), this.#memory.read(address! + 8n, 8)];
  }

  #load({ register, address }: Operand, size: 4 | 8): bigint {
    if (register !== undefined) return BigInt.asUintN(8 * size, this.#registers[register]!);
    return this.#memory.read(address!, size);
  }

  #store({ register, address }: Operand, size: 4 | 8, value: bigint): void {
    const stored = BigInt.asUintN(8 * size, value);
    if (register === undefined) this.#memory.write(address!, size, stored);
    else this.#registers[register] = stored;
  }
}
