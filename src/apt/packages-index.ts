/**
 * The Packages index of an archive: tens of thousands of paragraphs, of which a resolution reads a few hundred.
 *
 * Specification: https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices and deb822(5). One pass over the
 * bytes notes where each paragraph is (index-tables.ts); a paragraph is parsed when it is first asked for.
 */
import { lazyParagraph } from "./deb822.js";
import { endOfParagraph, findLines, type IndexTables, nameAt, paragraphOf, readIndexTables } from "./index-tables.js";
import { nameTable } from "./name-table.js";
import { type PackageRecord, packageRecord, RELATION_FIELDS } from "./package.js";
import type { Alternative } from "./relation.js";

/** The packages of one index, by name. */
export interface PackagesIndex {
  /** The archive's id, as given to {@link parsePackagesIndex}. */
  readonly archive: string;
  /** How many paragraphs it has. */
  readonly size: number;
  /** Every name that has a package of its own, in the order of the file. */
  names(): IterableIterator<string>;
  /** The versions of a package, in the order of the file. @throws AssembleError `apt/control-invalid` */
  named(name: string): readonly PackageRecord[];
  /** The packages that provide a name, in the order of the file. @throws AssembleError `apt/control-invalid` */
  providers(name: string): readonly PackageRecord[];
  /** The packages with `Essential: yes`. */
  essential(): readonly PackageRecord[];
  /** The packages of one priority, for instance `required`. */
  withPriority(priority: string): readonly PackageRecord[];
  /** The first paragraph that is a package's own or mentions it in a relation; undefined where there is none. */
  firstMention(name: string): PackageMention | undefined;
}

/** See `PackagesIndex.firstMention`. */
export interface PackageMention {
  /** Grows from paragraph to paragraph. */
  readonly place: number;
  readonly record: PackageRecord;
}

export interface PackagesIndexOptions {
  /** The archive's id: it ends up in every record. */
  readonly archive: string;
  /** Paragraphs of other architectures (but `all`) are left out. Default: `amd64`. */
  readonly architecture?: string;
  /** What `readIndexTables` found out about the same bytes. Default: it is found out now. */
  readonly tables?: IndexTables | undefined;
}

/**
 * Reads an index. The caller must not change `bytes` afterwards: paragraphs are read from them later.
 *
 * @throws AssembleError `apt/control-invalid` for a paragraph without a name
 */
export function parsePackagesIndex(bytes: Uint8Array, options: PackagesIndexOptions): PackagesIndex {
  const { archive, architecture = "amd64", tables = readIndexTables(bytes, archive) } = options;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = tables.names.places;
  const byName = nameTable(tables.names);
  const byProvided = nameTable(tables.provides);
  const byMention = nameTable(tables.mentions);
  const records = new Map<number, PackageRecord>();
  const known = new Map<string, Alternative>();
  // A thousand packages of a resolution ask for the same few libraries.
  const named = new Map<string, readonly PackageRecord[]>();
  const providers = new Map<string, readonly PackageRecord[]>();
  const firsts = new Map<string, PackageMention | undefined>();

  const record = (start: number): PackageRecord => {
    let found = records.get(start);
    if (found === undefined) {
      const paragraph = text.toString("latin1", start, endOfParagraph(text, start));
      found = packageRecord(lazyParagraph(paragraph, `the index of ${archive}`), { archive, known });
      records.set(start, found);
    }
    return found;
  };
  const recordsAt = (found: ArrayLike<number>): readonly PackageRecord[] =>
    found.length === 0
      ? NONE
      : Array.from(found, record).filter((one) => one.architecture === "all" || one.architecture === architecture);
  const startsOf = (name: string): readonly number[] => {
    const found = byName.lookUp(name);
    return found.length === 0 ? found : found.filter((start) => nameAt(text, { start, archive }) === name);
  };
  const findMention = (name: string): PackageMention | undefined => {
    const [own] = startsOf(name);
    const [first] = byMention.lookUp(name);
    if (first === undefined || (own !== undefined && own <= first))
      return own === undefined ? undefined : { place: own, record: record(own) };
    if (mentions(record(first), name)) return { place: first, record: record(first) };
    // Another name has the same hash, and is mentioned before this one.
    for (const at of wordStarts(text, name, own ?? text.length)) {
      const place = paragraphOf(starts, at);
      if (mentions(record(place), name)) return { place, record: record(place) };
    }
    return own === undefined ? undefined : { place: own, record: record(own) };
  };

  return {
    archive,
    size: starts.length,
    *names() {
      const seen = new Set<string>();
      for (const start of starts) {
        const name = nameAt(text, { start, archive });
        if (seen.has(name)) continue;
        seen.add(name);
        yield name;
      }
    },
    named(name) {
      let found = named.get(name);
      if (found === undefined) {
        found = recordsAt(startsOf(name));
        named.set(name, found);
      }
      return found;
    },
    providers(name) {
      let found = providers.get(name);
      if (found === undefined) {
        found = recordsAt(byProvided.lookUp(name)).filter((one) =>
          one.provides.some((provide) => provide.name === name),
        );
        providers.set(name, found);
      }
      return found;
    },
    essential: () => recordsAt(tables.essential),
    withPriority: (priority) =>
      recordsAt(priority === "required" ? tables.required : findLines(text, starts, `Priority: ${priority}`)),
    firstMention(name) {
      if (!firsts.has(name)) firsts.set(name, findMention(name));
      return firsts.get(name);
    },
  };
}

const NONE: readonly PackageRecord[] = [];
const SPACE = 32;

/** Where a name stands as a word of its own, before `end`. */
function* wordStarts(text: Buffer, name: string, end: number): IterableIterator<number> {
  for (let at = text.indexOf(name, 0, "latin1"); at >= 0 && at < end; at = text.indexOf(name, at + 1, "latin1"))
    if (isDelimiter(text[at - 1]) && isDelimiter(text[at + name.length])) yield at;
}

/** Blanks, commas, bars, parentheses and colons stand around the names of a relation. */
function isDelimiter(byte: number | undefined): boolean {
  return byte === undefined || byte <= SPACE || byte === 0x2c || byte === 0x7c || byte === 0x28 || byte === 0x3a;
}

function mentions(record: PackageRecord, name: string): boolean {
  if (record.name === name || record.provides.some((provide) => provide.name === name)) return true;
  return RELATION_FIELDS.some((field) =>
    record.relations(field).some((group) => group.some((one) => one.name === name && one.qualifier === undefined)),
  );
}
