/**
 * mime.cache, version 1.2 (Shared MIME-info Database specification 0.21, "The mime.cache files"): the whole database for mmap(2).
 * After the lists of the specification stands one more, of as many zeros as there are types (observed).
 */
import { compareByteStrings } from "../../../bytes/order.js";
import { hashEntries, hashOrder } from "../hash-order.js";
import { type MagicRule, sortSections } from "./magic-rule.js";
import type { Glob, MimeDatabase } from "./mime-database.js";
import { type SuffixNode, suffixTree } from "./suffix-tree.js";

const HEADER_SIZE = 44;
const CASE_SENSITIVE = 0x100;

/** Encodes a database. */
export function writeMimeCache(database: MimeDatabase): Uint8Array {
  const globs = sortGlobKinds(database);
  const out = new Words(HEADER_SIZE);
  const strings = new Map<string, number>();
  for (const text of hashOrder(stringsOf(database, globs))) strings.set(text, out.padded(`${text}\0`));
  const at = (text: string): number => strings.get(text)!;
  const list = (rows: readonly (readonly number[])[]): number => {
    const start = out.u32(rows.length);
    for (const row of rows) for (const value of row) out.u32(value);
    return start;
  };
  const globList = (kind: readonly Glob[]): number =>
    list(kind.map((glob) => [at(glob.pattern), at(glob.type), flagsOf(glob)]));
  const pairs = (map: ReadonlyMap<string, string>): number =>
    list(sortedEntries(map).map(([key, value]) => [at(key), at(value)]));

  const sections = [
    pairs(database.aliases),
    writeParents(out, { database, at }),
    globList(globs.literals),
    writeSuffixTree(out, { roots: suffixTree(globs.suffixes), at }),
    globList(globs.patterns),
    writeMagic(out, { database, at }),
    list(sortedEntries(database.namespaces).map(([, { uri, localName, type }]) => [at(uri), at(localName), at(type)])),
    pairs(database.icons),
    pairs(database.genericIcons),
    list([...database.types].map(() => [0])),
  ];
  const bytes = out.bytes();
  const header = new DataView(bytes.buffer);
  header.setUint16(0, 1);
  header.setUint16(2, 2);
  for (const [i, offset] of sections.entries()) header.setUint32(4 + 4 * i, offset);
  return bytes;
}

interface GlobKinds {
  /** Without wildcards. */
  readonly literals: readonly Glob[];
  /** Of the form `*` and a literal. */
  readonly suffixes: readonly Glob[];
  readonly patterns: readonly Glob[];
}

function sortGlobKinds(database: MimeDatabase): GlobKinds {
  const all = hashEntries(database.globs)
    .flatMap(([, globs]) => globs)
    .sort((a, b) => compareByteStrings(a.pattern, b.pattern));
  const isSuffix = ({ pattern }: Glob): boolean => /^\*[^*?[]+$/s.test(pattern);
  const isLiteral = ({ pattern }: Glob): boolean => !/[*?[]/.test(pattern);
  return {
    literals: all.filter(isLiteral),
    suffixes: all.filter(isSuffix),
    patterns: all.filter((glob) => !isLiteral(glob) && !isSuffix(glob)),
  };
}

/** Every text that a list names, in the order in which the lists come up. */
function stringsOf(database: MimeDatabase, globs: GlobKinds): string[] {
  const suffixes = new Set(globs.suffixes);
  return [
    ...hashEntries(database.aliases).flat(),
    ...hashEntries(database.parents).flatMap(([type, parents]) => [type, ...parents]),
    ...hashEntries(database.globs)
      .flatMap(([, kinds]) => kinds)
      .flatMap((glob) => (suffixes.has(glob) ? [glob.type] : [glob.pattern, glob.type])),
    ...sortSections(database.magic).map(({ type }) => type),
    ...hashEntries(database.namespaces).flatMap(([, { uri, localName, type }]) => [uri, localName, type]),
    ...hashEntries(database.icons).flat(),
    ...hashEntries(database.genericIcons).flat(),
  ];
}

function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => compareByteStrings(a, b));
}

function flagsOf({ weight, caseSensitive }: Glob): number {
  return weight | (caseSensitive ? CASE_SENSITIVE : 0);
}

type Lookup = (text: string) => number;

/** The list, then the parents of each type. */
function writeParents(out: Words, { database, at }: { readonly database: MimeDatabase; readonly at: Lookup }): number {
  const entries = sortedEntries(database.parents);
  const start = out.u32(entries.length);
  let next = start + 4 + 8 * entries.length;
  for (const [type, of] of entries) {
    out.u32(at(type));
    out.u32(next);
    next += 4 + 4 * of.length;
  }
  for (const [, of] of entries) {
    out.u32(of.length);
    for (const parent of of) out.u32(at(parent));
  }
  return start;
}

/** Level by level: all roots, then all that are below them. */
function writeSuffixTree(
  out: Words,
  { roots, at }: { readonly roots: readonly SuffixNode[]; readonly at: Lookup },
): number {
  const start = out.u32(roots.length);
  out.u32(start + 8);
  for (let level = roots; level.length > 0; level = level.flatMap(({ children }) => children)) {
    let below = out.size + 12 * level.length;
    for (const { character, children, glob } of level) {
      out.u32(character);
      out.u32(glob === undefined ? children.length : at(glob.type));
      out.u32(glob === undefined ? below : flagsOf(glob));
      below += 12 * children.length;
    }
  }
  return start;
}

const SECTION_SIZE = 16;
const RULE_SIZE = 32;

/** Sections, then the rules of each with what is below them, then all values and masks. */
function writeMagic(out: Words, { database, at }: { readonly database: MimeDatabase; readonly at: Lookup }): number {
  const sections = sortSections(database.magic);
  const start = out.u32(sections.length);
  out.u32(Math.max(0, ...sections.map(({ rules }) => extentOf(rules))));
  out.u32(start + 12);
  let below = out.size + SECTION_SIZE * sections.length;
  for (const { priority, type, rules } of sections) {
    out.u32(priority);
    out.u32(at(type));
    out.u32(rules.length);
    out.u32(below);
    below += RULE_SIZE * countRules(rules);
  }
  let data = below;
  const values: string[] = [];
  const place = (value: string): number => {
    values.push(value);
    const here = data;
    data += paddedLength(value.length);
    return here;
  };
  const write = (rules: readonly MagicRule[]): void => {
    let next = out.size + RULE_SIZE * rules.length;
    for (const rule of rules) {
      out.u32(rule.start);
      out.u32(rule.length);
      out.u32(rule.wordSize);
      out.u32(rule.value.length);
      out.u32(place(rule.value));
      out.u32(rule.mask === undefined ? 0 : place(rule.mask));
      out.u32(rule.children.length);
      out.u32(rule.children.length === 0 ? 0 : next);
      next += RULE_SIZE * countRules(rule.children);
    }
    for (const { children } of rules) write(children);
  };
  for (const { rules } of sections) write(rules);
  for (const value of values) out.padded(value);
  return start;
}

function countRules(rules: readonly MagicRule[]): number {
  return rules.reduce((sum, { children }) => sum + 1 + countRules(children), 0);
}

/** How much of a file the rules look at. */
function extentOf(rules: readonly MagicRule[]): number {
  return Math.max(
    0,
    ...rules.map((rule) => Math.max(rule.start + rule.length + rule.value.length, extentOf(rule.children))),
  );
}

function paddedLength(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** A file of big-endian words. */
class Words {
  readonly #parts: string[] = [];
  size: number;

  constructor(headerSize: number) {
    this.#parts.push("\0".repeat(headerSize));
    this.size = headerSize;
  }

  /** Appends a number. Returns where it is. */
  u32(value: number): number {
    return this.padded(String.fromCharCode(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff));
  }

  /** Appends bytes, and zeros up to a whole word. Returns where they are. */
  padded(bytes: string): number {
    const start = this.size;
    this.size += paddedLength(bytes.length);
    this.#parts.push(bytes.padEnd(this.size - start, "\0"));
    return start;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(Buffer.from(this.#parts.join(""), "latin1"));
  }
}
