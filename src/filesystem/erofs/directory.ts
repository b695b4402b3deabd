/**
 * Directories: blocks of entries in byte order, each with the entries first and their names behind them.
 */
import { fromByteString, toByteString } from "../../bytes/content.js";
import { corrupt, decodeStructure } from "./errors.js";
import { BLOCK_BYTES, DirectoryEntry } from "./structures.js";

/** An entry; `.` and `..` too. */
export interface Entry {
  readonly name: string;
  readonly nid: number;
  readonly type: number;
}

/** Names of a directory, with `.` and `..`, in byte order and as they fall into blocks. */
export function blocksOfNames(names: Iterable<string>): string[][] {
  const sorted = [".", "..", ...names].sort((a, b) => (a < b ? -1 : 1));
  const blocks: string[][] = [];
  let used = BLOCK_BYTES;
  for (const name of sorted) {
    const need = DirectoryEntry.size + name.length;
    if (used + need > BLOCK_BYTES) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)!.push(name);
    used += need;
  }
  return blocks;
}

/** Bytes of a directory: whole blocks but for the last. */
export function directorySize(blocks: readonly (readonly string[])[]): number {
  const last = blocks.at(-1)!.reduce((sum, name) => sum + DirectoryEntry.size + name.length, 0);
  return BLOCK_BYTES * (blocks.length - 1) + last;
}

/** Encodes a directory. */
export function encodeDirectory(
  blocks: readonly (readonly string[])[],
  entryOf: (name: string) => { readonly nid: number; readonly type: number },
): Uint8Array {
  const bytes = new Uint8Array(directorySize(blocks));
  blocks.forEach((names, i) => {
    const start = BLOCK_BYTES * i;
    let nameOffset = DirectoryEntry.size * names.length;
    names.forEach((name, j) => {
      const { nid, type } = entryOf(name);
      DirectoryEntry.encodeInto(bytes, start + DirectoryEntry.size * j, { nid, nameOffset, type, reserved: 0 });
      bytes.set(fromByteString(name), start + nameOffset);
      nameOffset += name.length;
    });
  });
  return bytes;
}

/** Decodes a block of a directory. @throws AssembleError `filesystem/erofs-invalid` */
export function decodeDirectoryBlock(block: Uint8Array): Entry[] {
  const first = decodeStructure(DirectoryEntry, block).nameOffset;
  if (first === 0 || first % DirectoryEntry.size !== 0 || first > block.length)
    throw corrupt(`the names of a directory begin at ${first} of its block`);
  const count = first / DirectoryEntry.size;
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    const { nid, nameOffset, type } = decodeStructure(DirectoryEntry, block, DirectoryEntry.size * i);
    const end =
      i + 1 < count ? decodeStructure(DirectoryEntry, block, DirectoryEntry.size * (i + 1)).nameOffset : block.length;
    if (nameOffset < first || end < nameOffset || end > block.length) throw corrupt("a name lies outside its block");
    const text = toByteString(block.subarray(nameOffset, end));
    const name = i + 1 < count ? text : text.replace(/\0.*$/s, "");
    if (name === "" || name.length > 255 || /[/\0]/.test(name)) throw corrupt(`a name is ${JSON.stringify(name)}`);
    entries.push({ name, nid, type });
  }
  return entries;
}
