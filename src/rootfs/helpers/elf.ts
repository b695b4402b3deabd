/**
 * Reads the parts of an ELF file that helpers need (System V gABI, chapters 4 and 5): sections, symbols, the dynamic section.
 * Both classes, little-endian only. Safe on hostile input: every offset is checked before it is used.
 */
import { array, at, layout, raw, u8, u16, u32, u64, type Values } from "../../bytes/layout.js";

const Ident = layout("ElfIdent", 16, "little", {
  magic: at(0, raw(4)),
  class: at(4, u8),
  data: at(5, u8),
  version: at(6, u8),
  osAbi: at(7, u8),
  padding: at(8, raw(8)),
});

const Header64 = layout("Elf64Header", 48, "little", {
  type: at(0, u16),
  machine: at(2, u16),
  version: at(4, u32),
  entry: at(8, u64),
  programHeaderOffset: at(16, u64),
  sectionHeaderOffset: at(24, u64),
  flags: at(32, u32),
  headerSize: at(36, u16),
  programHeaderEntrySize: at(38, u16),
  programHeaderCount: at(40, u16),
  sectionHeaderEntrySize: at(42, u16),
  sectionHeaderCount: at(44, u16),
  sectionNameIndex: at(46, u16),
});

const Header32 = layout("Elf32Header", 36, "little", {
  type: at(0, u16),
  machine: at(2, u16),
  version: at(4, u32),
  entry: at(8, u32),
  programHeaderOffset: at(12, u32),
  sectionHeaderOffset: at(16, u32),
  flags: at(20, u32),
  headerSize: at(24, u16),
  programHeaderEntrySize: at(26, u16),
  programHeaderCount: at(28, u16),
  sectionHeaderEntrySize: at(30, u16),
  sectionHeaderCount: at(32, u16),
  sectionNameIndex: at(34, u16),
});

const Section64 = layout("Elf64SectionHeader", 64, "little", {
  name: at(0, u32),
  type: at(4, u32),
  flagsAndAddress: at(8, array(4, u32)),
  offset: at(24, u64),
  size: at(32, u64),
  link: at(40, u32),
  info: at(44, u32),
  alignment: at(48, u64),
  entrySize: at(56, u64),
});

const Section32 = layout("Elf32SectionHeader", 40, "little", {
  name: at(0, u32),
  type: at(4, u32),
  flagsAndAddress: at(8, array(2, u32)),
  offset: at(16, u32),
  size: at(20, u32),
  link: at(24, u32),
  info: at(28, u32),
  alignment: at(32, u32),
  entrySize: at(36, u32),
});

/** One section, its name resolved. */
export interface ElfSection {
  readonly name: string;
  readonly type: number;
  /** The low half of its flags. */
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** The headers of an ELF file. */
export interface ElfHeaders {
  readonly class: 32 | 64;
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly header: Values<typeof Header64> | Values<typeof Header32>;
  readonly sections: readonly ElfSection[];
}

/** A parsed ELF file. */
export interface ElfFile extends ElfHeaders {
  readonly bytes: Uint8Array;
}

/** Bytes that can be read in parts. */
export interface ElfSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** A symbol of the symbol table. */
export interface ElfSymbol {
  readonly name: string;
  /** 0 local, 1 global, 2 weak. */
  readonly binding: number;
  /** 0 for undefined symbols. */
  readonly sectionIndex: number;
}

/** Section type of a file without content (.bss). */
const SHT_NOBITS = 8;

/** Parses headers and sections; undefined if the bytes are no little-endian ELF file or are damaged. */
export function parseElf(bytes: Uint8Array): ElfFile | undefined {
  const headers = readElfHeaders({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  return headers && { bytes, ...headers };
}

/** Reads headers and sections and nothing else; undefined as `parseElf`. */
export function readElfHeaders(source: ElfSource): ElfHeaders | undefined {
  if (source.size < 52) return undefined;
  const head = source.read(0, Math.min(source.size, Ident.size + Header64.size));
  if (head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return undefined;
  try {
    const ident = Ident.decode(head);
    if (ident.data !== 1 || (ident.class !== 1 && ident.class !== 2)) return undefined;
    const wide = ident.class === 2;
    const header = wide ? Header64.decode(head, 16) : Header32.decode(head, 16);
    const entrySize = wide ? Section64.size : Section32.size;
    const count = header.sectionHeaderOffset === 0 ? 0 : header.sectionHeaderCount;
    if (count > 0 && header.sectionHeaderOffset + count * entrySize > source.size) return undefined;
    const table = source.read(header.sectionHeaderOffset, count * entrySize);
    const raws = Array.from({ length: count }, (_, i) => (wide ? Section64 : Section32).decode(table, i * entrySize));
    if (raws.some(({ type, offset, size }) => type !== SHT_NOBITS && offset + size > source.size)) return undefined;
    const stated = raws[header.sectionNameIndex];
    const names = stated === undefined ? undefined : source.read(stated.offset, stated.size);
    const sections = raws.map(({ name, type, flagsAndAddress, offset, size, link }) => ({
      name: names === undefined ? "" : readString(names, name),
      type,
      flags: flagsAndAddress[0]!,
      offset,
      size,
      link,
    }));
    const { type, machine, flags } = header;
    return { class: wide ? 64 : 32, type, machine, flags, header, sections };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The bytes of the section of that name, or undefined. */
export function sectionBytes(elf: ElfFile, name: string): Uint8Array | undefined {
  const section = elf.sections.find((candidate) => candidate.name === name);
  if (section === undefined || section.type === SHT_NOBITS) return undefined;
  return elf.bytes.subarray(section.offset, section.offset + section.size);
}

/** The symbols of .symtab (64-bit files), in file order, without the first, empty one. */
export function symbolsOf(elf: ElfFile): ElfSymbol[] {
  const table = elf.sections.find((section) => section.type === 2);
  const strings = table === undefined ? undefined : elf.sections[table.link];
  if (table === undefined || strings === undefined || elf.class !== 64) return [];
  const view = new DataView(elf.bytes.buffer, elf.bytes.byteOffset, elf.bytes.byteLength);
  const symbols: ElfSymbol[] = [];
  for (let offset = table.offset + 24; offset + 24 <= table.offset + table.size; offset += 24) {
    const name = readString(elf.bytes, strings.offset + view.getUint32(offset, true), strings.offset + strings.size);
    symbols.push({ name, binding: view.getUint8(offset + 4) >> 4, sectionIndex: view.getUint16(offset + 6, true) });
  }
  return symbols;
}

/** A NUL-terminated string that ends before `limit`, as a byte string. */
export function readString(bytes: Uint8Array, offset: number, limit: number = bytes.length): string {
  let end = offset;
  while (end < limit && bytes[end] !== 0) end++;
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, Math.max(0, end - offset)).toString("latin1");
}
