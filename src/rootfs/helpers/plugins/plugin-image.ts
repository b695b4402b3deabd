/**
 * A plug-in as the dynamic linker would place it in memory (System V gABI, chapter 5; its x86-64 supplement, "Relocation Types"): the
 * tables that a plug-in describes itself with, their pointers set. Safe on hostile input.
 */
import { type ElfFile, parseElf, readString } from "../elf.js";

/** A plug-in in memory, from address 0 on. */
export interface PluginImage {
  readonly memory: Uint8Array;
  /** Addresses of what the plug-in defines. */
  readonly symbols: ReadonlyMap<string, number>;
  /** Names of what other libraries would put at an address. */
  readonly imports: ReadonlyMap<number, string>;
}

const MACHINE_X86_64 = 62;
const PT_LOAD = 1;
const SHT_RELA = 4;
const SHT_DYNSYM = 11;
const SHT_RELR = 19;
const SHF_ALLOC = 2;
const [R_64, R_GLOB_DAT, R_JUMP_SLOT, R_RELATIVE] = [1, 6, 7, 8];
const LARGEST = 1 << 28;

/** Places a shared library; undefined if it is none for x86-64, or has relocations of other kinds. */
export function loadPlugin(bytes: Uint8Array): PluginImage | undefined {
  const elf = parseElf(bytes);
  if (elf === undefined || elf.class !== 64 || elf.machine !== MACHINE_X86_64) return undefined;
  try {
    const memory = placeSegments(elf);
    if (memory === undefined) return undefined;
    const dynamic = dynamicSymbols(elf);
    const symbols = new Map(dynamic.flatMap(({ name, isDefined, value }) => (isDefined ? [[name, value]] : [])));
    const imports = relocate(elf, { memory, dynamic });
    return imports && { memory, symbols, imports };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function u64(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

function placeSegments({ bytes, header }: ElfFile): Uint8Array | undefined {
  const view = viewOf(bytes);
  const segments = Array.from({ length: header.programHeaderCount }, (_, i) => {
    const at = header.programHeaderOffset + i * 56;
    return {
      type: view.getUint32(at, true),
      offset: u64(view, at + 8),
      address: u64(view, at + 16),
      fileSize: u64(view, at + 32),
      size: u64(view, at + 40),
    };
  }).filter(({ type }) => type === PT_LOAD);
  const size = Math.max(0, ...segments.map(({ address, size }) => address + size));
  if (size > LARGEST) return undefined;
  const memory = new Uint8Array(size);
  for (const { offset, address, fileSize } of segments) memory.set(bytes.subarray(offset, offset + fileSize), address);
  return memory;
}

interface DynamicSymbol {
  readonly name: string;
  readonly isDefined: boolean;
  readonly value: number;
}

function dynamicSymbols({ bytes, sections }: ElfFile): DynamicSymbol[] {
  const table = sections.find(({ type }) => type === SHT_DYNSYM);
  const strings = table && sections[table.link];
  if (table === undefined || strings === undefined) return [];
  const view = viewOf(bytes);
  return Array.from({ length: Math.floor(table.size / 24) }, (_, i) => {
    const at = table.offset + i * 24;
    const name = readString(bytes, strings.offset + view.getUint32(at, true), strings.offset + strings.size);
    return { name, isDefined: view.getUint16(at + 6, true) !== 0, value: u64(view, at + 8) };
  });
}

/** Sets what the linker would set. */
function relocate(
  elf: ElfFile,
  { memory, dynamic }: { readonly memory: Uint8Array; readonly dynamic: readonly DynamicSymbol[] },
): Map<number, string> | undefined {
  const imports = new Map<number, string>();
  const view = viewOf(elf.bytes);
  const target = viewOf(memory);
  for (const section of elf.sections) {
    if (section.type === SHT_RELR) return undefined;
    if (section.type !== SHT_RELA || (section.flags & SHF_ALLOC) === 0) continue;
    for (let at = section.offset; at + 24 <= section.offset + section.size; at += 24) {
      const place = u64(view, at);
      const kind = view.getUint32(at + 8, true);
      const addend = view.getBigInt64(at + 16, true);
      const symbol = dynamic[view.getUint32(at + 12, true)];
      if (kind === R_RELATIVE) target.setBigInt64(place, addend, true);
      else if (kind !== R_64 && kind !== R_GLOB_DAT && kind !== R_JUMP_SLOT) imports.set(place, "");
      else if (symbol?.isDefined !== true) imports.set(place, symbol?.name ?? "");
      else target.setBigInt64(place, BigInt(symbol.value) + (kind === R_64 ? addend : 0n), true);
    }
  }
  return imports;
}
