/**
 * Places in an index by a name: a hash table of numbers, so that it can be kept as bytes and be there again at once.
 *
 * For the 69,000 packages and as many provided names of trixie, Maps from names took twice the time to make.
 */
import { fnv1a } from "./order/fnv1a.js";

/** The entries of a table, in the order of the file: hash and place of each. */
export interface NameEntries {
  /** FNV-1a of the name. */
  readonly hashes: Int32Array;
  readonly places: Int32Array;
}

export interface NameTable {
  /** The places that may have a name, in the order of the file. What shares a hash is found too: the caller looks again. */
  lookUp(name: string): readonly number[];
}

/** Chains the entries by their hashes. */
export function nameTable({ hashes, places }: NameEntries): NameTable {
  const mask = 2 ** Math.ceil(Math.log2(hashes.length + 2)) - 1;
  const heads = new Int32Array(mask + 1).fill(-1);
  const next = new Int32Array(hashes.length);
  for (let entry = 0; entry < hashes.length; entry++) {
    const bucket = (hashes[entry] as number) & mask;
    next[entry] = heads[bucket] as number;
    heads[bucket] = entry;
  }
  return {
    lookUp(name) {
      const hash = fnv1a(name) | 0;
      const found: number[] = [];
      for (let entry = heads[hash & mask] as number; entry >= 0; entry = next[entry] as number)
        if (hashes[entry] === hash && found[found.length - 1] !== places[entry]) found.push(places[entry] as number);
      return found.reverse();
    },
  };
}

const NEWLINE = 10;
const SPACE = 32;
const COMMA = 0x2c;
const PARENTHESIS = 0x28;
const COLON = 0x3a;
const BAR = 0x7c;

/** FNV-1a, as in order/fnv1a.ts, byte by byte. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** One name of a relation field. */
export interface NamedPlace {
  readonly hash: number;
  /** The paragraph that the field is of. */
  readonly place: number;
  /** `name:any` and the like. */
  readonly isQualified: boolean;
}

/** The names in relation fields: `values` are pairs, the place of a paragraph and where its value starts in `text`. */
export function readNames(text: Uint8Array, values: readonly number[], onName: (name: NamedPlace) => void): void {
  for (let i = 0; i < values.length; i += 2) {
    const place = values[i] as number;
    let hash = OFFSET;
    let state: "before" | "inside" | "after" = "before";
    for (let at = values[i + 1] as number; ; at++) {
      const byte = text[at] ?? NEWLINE;
      const isEnd = byte === NEWLINE && (text[at + 1] ?? NEWLINE) > SPACE;
      if (byte > SPACE && byte !== COMMA && byte !== BAR && byte !== PARENTHESIS && byte !== COLON) {
        if (state === "after") continue;
        state = "inside";
        hash = Math.imul(hash ^ byte, PRIME);
        continue;
      }
      if (state === "inside") {
        onName({ hash, place, isQualified: byte === COLON });
        state = "after";
      }
      if (byte === COMMA || byte === BAR) {
        state = "before";
        hash = OFFSET;
      }
      if (isEnd || at >= text.length) break;
    }
  }
}

/** The entries of Provides fields. */
export function provideEntries(text: Uint8Array, values: readonly number[]): NameEntries {
  const hashes: number[] = [];
  const places: number[] = [];
  readNames(text, values, ({ hash, place }) => {
    hashes.push(hash);
    places.push(place);
  });
  return { hashes: Int32Array.from(hashes), places: Int32Array.from(places) };
}
