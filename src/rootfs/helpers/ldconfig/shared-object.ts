/**
 * What ldconfig reads of a shared library: machine, class and DT_SONAME (System V gABI, chapter 5, “Dynamic Section”).
 */
import { parseElf, readString } from "../elf.js";

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

/** Parses a shared object; undefined for anything else. */
export function readSharedObject(bytes: Uint8Array): SharedObject | undefined {
  const elf = parseElf(bytes);
  if (elf === undefined || elf.type !== ET_DYN) return undefined;
  const dynamic = elf.sections.find((section) => section.type === SHT_DYNAMIC);
  const strings = dynamic === undefined ? undefined : elf.sections[dynamic.link];
  if (dynamic === undefined || strings === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entryBytes = elf.class === 64 ? 16 : 8;
  const text = (offset: number): string => readString(bytes, strings.offset + offset, strings.offset + strings.size);
  let soname: string | undefined;
  const needed: string[] = [];
  for (let at = dynamic.offset; at + entryBytes <= dynamic.offset + dynamic.size; at += entryBytes) {
    // The low word is enough: tags and string offsets are small.
    const tag = view.getUint32(at, true);
    const value = view.getUint32(at + entryBytes / 2, true);
    if (tag === DT_NULL) break;
    if (tag === DT_SONAME) soname = text(value);
    else if (tag === DT_NEEDED) needed.push(text(value));
  }
  return { class: elf.class, machine: elf.machine, soname, needed };
}
