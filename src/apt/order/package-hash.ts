/**
 * The order in which dpkg walks its table of packages: by hash of the name, not by name.
 *
 * Observed of dpkg 1.21 and 1.22: FNV-1a, 32 bits, of the lower-case name, modulo 65521. Names that share a bucket come in
 * the order in which the status file mentions them first.
 */
import type { RelationField } from "../package.js";
import type { DpkgState } from "./dpkg-state.js";
import { fnv1a } from "./fnv1a.js";

const BUCKETS = 65521;

/** The bucket of a package's name. */
export function packageBucket(name: string): number {
  return fnv1a(name.toLowerCase()) % BUCKETS;
}

/** All packages of a state, in that order. */
export function packageHashOrder(state: DpkgState): readonly string[] {
  const names = [...state.packages.keys()].map((name) => ({ name, bucket: packageBucket(name) }));
  names.sort((a, b) => a.bucket - b.bucket);
  let mentions: ReadonlyMap<string, number> | undefined;
  for (let i = 1; i < names.length; i++) {
    if (names[i]?.bucket !== names[i - 1]?.bucket) continue;
    mentions ??= firstMentions(state);
    break;
  }
  if (mentions !== undefined) {
    const place = mentions;
    names.sort((a, b) => a.bucket - b.bucket || (place.get(a.name) ?? 0) - (place.get(b.name) ?? 0));
  }
  return names.map(({ name }) => name);
}

/** The relation fields in the order of a stanza of the status file. */
const STATUS_FIELDS: readonly (RelationField | "Provides")[] = [
  "Replaces",
  "Provides",
  "Depends",
  "Pre-Depends",
  "Recommends",
  "Suggests",
  "Breaks",
  "Conflicts",
  "Enhances",
];

function firstMentions(state: DpkgState): ReadonlyMap<string, number> {
  const mentions = new Map<string, number>();
  const mention = (name: string): void => {
    if (!mentions.has(name)) mentions.set(name, mentions.size);
  };
  for (const name of [...state.packages.keys()].sort()) {
    mention(name);
    const record = state.packages.get(name)!.package.record;
    for (const field of STATUS_FIELDS) {
      if (field === "Provides") for (const provide of record.provides) mention(provide.name);
      else for (const group of record.relations(field)) for (const alternative of group) mention(alternative.name);
    }
  }
  return mentions;
}
