/**
 * Patterns that are a `*` and a suffix, as a tree of their characters from the last one on.
 */
import { byteStringToText } from "../../../bytes/content.js";
import type { Glob } from "./mime-database.js";

/** A character, or with the character 0 the end of a pattern. */
export interface SuffixNode {
  readonly character: number;
  readonly glob: Glob | undefined;
  readonly children: readonly SuffixNode[];
}

/** The roots of the tree; siblings are sorted by character. */
export function suffixTree(globs: readonly Glob[]): SuffixNode[] {
  return siblings(globs.map((glob) => ({ glob, rest: [...byteStringToText(glob.pattern.slice(1))] })));
}

function siblings(all: readonly { readonly glob: Glob; readonly rest: readonly string[] }[]): SuffixNode[] {
  // A type counts once, as heavy as its heaviest pattern.
  const ended = new Map<string, Glob>();
  for (const { glob, rest } of all) {
    if (rest.length > 0) continue;
    const known = ended.get(glob.type);
    ended.set(glob.type, known === undefined ? glob : { ...known, weight: Math.max(known.weight, glob.weight) });
  }
  const groups = new Map<number, { glob: Glob; rest: readonly string[] }[]>();
  for (const { glob, rest } of all) {
    const character = rest.at(-1)?.codePointAt(0);
    if (character === undefined) continue;
    const group = groups.get(character) ?? [];
    groups.set(character, group);
    group.push({ glob, rest: rest.slice(0, -1) });
  }
  return [
    ...[...ended.values()].map((glob) => ({ character: 0, glob, children: [] })),
    ...[...groups]
      .sort(([a], [b]) => a - b)
      .map(([character, group]) => ({ character, glob: undefined, children: siblings(group) })),
  ];
}
