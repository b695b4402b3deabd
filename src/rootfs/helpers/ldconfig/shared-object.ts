/**
 * What ldconfig reads of a shared library: machine, class and DT_SONAME (System V gABI, chapter 5, “Dynamic Section”).
 */
import { type ElfSource, readElfHeaders, readString } from "../elf.js";

/** A shared library. */
export interface SharedObject {
  readonly class: 32 | 64;
  readonly machine: number;
  /** DT_SONAME; undefined if it has none. */
  readonly soname: string | undefined;
  readonly needed: readonly string[];
}

const ET_DYN = 3;
const SHT_DYNAMIC = 6;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_SONAME = 14;

/** Reads a shared object's headers and dynamic section, and no more of it; undefined for anything else. */
export function readSharedObject(source: ElfSource): SharedObject | undefined {
  const elf = readElfHeaders(source);
  if (elf === undefined || elf.type !== ET_DYN) return undefined;
  const dynamic = elf.sections.find((section) => section.type === SHT_DYNAMIC);
  const strings = dynamic === undefined ? undefined : elf.sections[dynamic.link];
  if (dynamic === undefined || strings === undefined) return undefined;
  const entries = source.read(dynamic.offset, dynamic.size);
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  const entryBytes = elf.class === 64 ? 16 : 8;
  const names = source.read(strings.offset, strings.size);
  const text = (offset: number): string => readString(names, offset);
  let soname: string | undefined;
  const needed: string[] = [];
  for (let at = 0; at + entryBytes <= entries.length; at += entryBytes) {
    // The low word is enough: tags and string offsets are small.
    const tag = view.getUint32(at, true);
    const value = view.getUint32(at + entryBytes / 2, true);
    if (tag === DT_NULL) break;
    if (tag === DT_SONAME) soname = text(value);
    else if (tag === DT_NEEDED) needed.push(text(value));
  }
  return { class: elf.class, machine: elf.machine, soname, needed };
}
