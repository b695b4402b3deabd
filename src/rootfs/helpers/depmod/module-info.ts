/**
 * What a kernel module says of itself: its .modinfo section (NUL-separated `key=value`), the symbols it exports and needs.
 */
import { parseElf, sectionBytes, symbolsOf } from "../elf.js";

/** A module as depmod sees it. */
export interface ModuleInfo {
  /** `nf_tables`: the file name without ending, `-` as `_`. */
  readonly name: string;
  /** Values of each .modinfo key in order: `alias`, `depends`, `softdep`, `weakdep`, `vermagic`, … */
  readonly modinfo: ReadonlyMap<string, readonly string[]>;
  readonly exports: readonly string[];
  readonly needs: readonly string[];
}

/** Name of the module in a file: `kernel/net/nf-tables.ko.xz` → `nf_tables`. */
export function moduleNameOf(path: string): string {
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/\.ko(\.(xz|zst|gz))?$/, "")
    .replaceAll("-", "_");
}

/** Parses NUL-separated `key=value` pairs. */
export function parseModinfo(bytes: Uint8Array): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of Buffer.from(bytes).toString("latin1").split("\0")) {
    const equals = pair.indexOf("=");
    if (equals <= 0) continue;
    const key = pair.slice(0, equals);
    const list = values.get(key);
    if (list === undefined) values.set(key, [pair.slice(equals + 1)]);
    else list.push(pair.slice(equals + 1));
  }
  return values;
}

/** Reads an uncompressed module; undefined if it is no ELF file. */
export function readModule(path: string, bytes: Uint8Array): ModuleInfo | undefined {
  const elf = parseElf(bytes);
  if (elf === undefined) return undefined;
  const exports: string[] = [];
  const needs: string[] = [];
  for (const symbol of symbolsOf(elf)) {
    if (symbol.name.startsWith("__ksymtab_")) exports.push(symbol.name.slice("__ksymtab_".length));
    else if (symbol.sectionIndex === 0 && (symbol.binding === 1 || symbol.binding === 2)) needs.push(symbol.name);
  }
  return {
    name: moduleNameOf(path),
    modinfo: parseModinfo(sectionBytes(elf, ".modinfo") ?? new Uint8Array()),
    exports,
    needs,
  };
}
