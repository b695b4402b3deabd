/**
 * Where the indexes mention a package first: as a paragraph of its own, in a relation of another, or as a provided name.
 *
 * apt numbers packages in this order, and a tie between providers goes to the higher number.
 */
import { type PackageRecord, RELATION_FIELDS } from "../package.js";
import type { UniverseArchive } from "../pin.js";

/** A place in the indexes: the index, the paragraph, the field in apt's order of reading, and the place inside. */
export type Mention = readonly number[];

/** Negative if `a` comes later than `b`. */
export function laterMention(a: Mention, b: Mention): number {
  for (let i = 0; i < a.length || i < b.length; i++) {
    const difference = (b[i] ?? 0) - (a[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The first mention of a name. */
export function firstMention(archives: readonly UniverseArchive[], name: string): Mention {
  for (const [place, { index }] of archives.entries()) {
    const found = index.firstMention(name);
    if (found !== undefined) return [place, found.place, ...placeInside(found.record, name)];
  }
  return [archives.length];
}

/** A paragraph is read from its name over its relations to its Provides. */
function placeInside(record: PackageRecord, name: string): readonly [field: number, item: number] {
  if (record.name === name) return [0, 0];
  for (const [field, type] of RELATION_FIELDS.entries()) {
    const item = record
      .relations(type)
      .flat()
      .findIndex((one) => one.name === name && one.qualifier === undefined);
    if (item >= 0) return [field + 1, item];
  }
  return [RELATION_FIELDS.length + 1, record.provides.findIndex((provide) => provide.name === name)];
}
