/**
 * The operands of an instruction: a ModRM byte, and what belongs to it (x86-64 SDM, volume 2, chapter 2).
 */
import type { PluginMemory } from "./plugin-memory.js";

/** A register of one kind or another in `field`, and a register or an address. */
export interface Operand {
  readonly field: number;
  readonly register?: number;
  readonly address?: bigint;
}

/** What stands before an instruction's code. */
export interface Prefixes {
  /** Operands of 64 bits. */
  readonly wide: boolean;
  readonly rex: number;
  readonly operandSize: boolean;
  /** 0xf2, 0xf3, or 0. */
  readonly repeat: number;
  readonly threadLocal: boolean;
}

/** Reads the operands at an address of the code; `after` more bytes of the instruction follow them. */
export function readOperand(
  memory: PluginMemory,
  {
    at,
    registers,
    prefixes: { rex, threadLocal },
    after,
  }: { readonly at: number; readonly registers: BigUint64Array; readonly prefixes: Prefixes; readonly after: number },
): { readonly operand: Operand; readonly end: number } {
  let end = at;
  const next = (size: 1 | 4): bigint => {
    const value = BigInt.asIntN(8 * size, memory.read(BigInt(end), size));
    end += size;
    return value;
  };
  const modrm = Number(next(1)) & 0xff;
  const mode = modrm >> 6;
  const field = ((modrm >> 3) & 7) | ((rex & 4) << 1);
  const high = (rex & 1) << 3;
  if (mode === 3) return { operand: { field, register: (modrm & 7) | high }, end };
  const base = modrm & 7;
  let address: bigint;
  if (base === 4) {
    const scaled = Number(next(1)) & 0xff;
    const index = ((scaled >> 3) & 7) | ((rex & 2) << 2);
    address = index === 4 ? 0n : registers[index]! << BigInt(scaled >> 6);
    address += mode === 0 && (scaled & 7) === 5 ? next(4) : registers[(scaled & 7) | high]!;
  } else if (mode === 0 && base === 5) address = next(4) + BigInt(end + after);
  else address = registers[base | high]!;
  if (mode === 1) address += next(1);
  if (mode === 2) address += next(4);
  address = BigInt.asUintN(64, address);
  return { operand: { field, address: threadLocal ? memory.threadLocal(address) : address }, end };
}
