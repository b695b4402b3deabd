/**
 * The Packages index of an archive: tens of thousands of paragraphs, of which a resolution reads a few hundred.
 *
 * Specification: https://wiki.debian.org/DebianRepository/Format#A.22Packages.22_Indices and deb822(5). One pass over the
 * bytes notes where each paragraph starts and what it is called; a paragraph is parsed when it is first asked for.
 */
import { lazyParagraph } from "./deb822.js";
import { type PackageRecord, packageRecord, RELATION_FIELDS } from "./package.js";
import { type ProvidesTable, provideTable } from "./provides-table.js";

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
}

/**
 * Reads an index. The caller must not change `bytes` afterwards: paragraphs are read from them later.
 *
 * @throws AssembleError `apt/control-invalid` for a paragraph without a name
 */
export function parsePackagesIndex(bytes: Uint8Array, options: PackagesIndexOptions): PackagesIndex {
  const { archive, architecture = "amd64" } = options;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = findParagraphs(text);
  const byName = indexNames(text, starts, archive);
  const records = new Map<number, PackageRecord>();
  let provided: ProvidesTable | undefined;
  const lines = new Map<string, readonly number[]>();
  const firsts = new Map<string, PackageMention | undefined>();

  const record = (start: number): PackageRecord => {
    let found = records.get(start);
    if (found === undefined) {
      const paragraph = text.toString("latin1", start, endOfParagraph(text, start));
      found = packageRecord(lazyParagraph(paragraph, `the index of ${archive}`), { archive });
      records.set(start, found);
    }
    return found;
  };
  const recordsAt = (found: readonly number[]): readonly PackageRecord[] =>
    found.map(record).filter((one) => one.architecture === "all" || one.architecture === architecture);

  const withLine = (line: string): readonly number[] => {
    const found = lines.get(line) ?? findLines(text, starts, line);
    lines.set(line, found);
    return found;
  };
  const findMention = (name: string): PackageMention | undefined => {
    const found = byName.get(name);
    const own = typeof found === "object" ? found[0] : found;
    for (const at of wordStarts(text, name, own ?? text.length)) {
      const place = paragraphOf(starts, at);
      if (mentions(record(place), name)) return { place, record: record(place) };
    }
    return own === undefined ? undefined : { place: own, record: record(own) };
  };

  return {
    archive,
    size: starts.length,
    names: () => byName.keys(),
    named(name) {
      const found = byName.get(name);
      return found === undefined ? [] : recordsAt(typeof found === "number" ? [found] : found);
    },
    providers(name) {
      provided ??= provideTable(text, providesValues(text, starts));
      return recordsAt(provided.lookUp(name)).filter((one) => one.provides.some((provide) => provide.name === name));
    },
    essential: () => recordsAt(withLine("Essential: yes")),
    withPriority: (priority) => recordsAt(withLine(`Priority: ${priority}`)),
    firstMention(name) {
      if (!firsts.has(name)) firsts.set(name, findMention(name));
      return firsts.get(name);
    },
  };
}

const NEWLINE = 10;
const SPACE = 32;

// Native searches for whole needles: a loop in JavaScript over the 56 MB of trixie takes 130 ms, this 30.

/** Where each paragraph starts. */
function findParagraphs(text: Buffer): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  while (at < text.length) {
    while (text[at] === NEWLINE) at++;
    if (at >= text.length) break;
    starts.push(at);
    at = endOfParagraph(text, at);
  }
  return starts;
}

function endOfParagraph(text: Buffer, start: number): number {
  const end = text.indexOf("\n\n", start, "latin1");
  return end < 0 ? text.length : end;
}

/** Starts by name; a list only where a name has several versions. */
function indexNames(text: Buffer, starts: readonly number[], archive: string): Map<string, number | number[]> {
  const byName = new Map<string, number | number[]>();
  for (const start of starts) {
    const name = nameAt(text, start, archive);
    const known = byName.get(name);
    if (known === undefined) byName.set(name, start);
    else if (typeof known === "number") byName.set(name, [known, start]);
    else known.push(start);
  }
  return byName;
}

const PACKAGE = "Package: ";

function nameAt(text: Buffer, start: number, archive: string): string {
  for (let i = 0; i < PACKAGE.length; i++) {
    // Package comes first in every index that apt-ftparchive or dak writes, but nothing demands it.
    if (text[start + i] !== PACKAGE.charCodeAt(i))
      return packageRecord(
        lazyParagraph(text.toString("latin1", start, endOfParagraph(text, start)), `the index of ${archive}`),
      ).name;
  }
  let end = start + PACKAGE.length;
  while (end < text.length && text[end] !== NEWLINE) end++;
  return text.toString("latin1", start + PACKAGE.length, end).trim();
}

/** Where the paragraphs state what they provide: pairs for `provideTable`. */
function providesValues(text: Buffer, starts: readonly number[]): readonly number[] {
  const field = "Provides:";
  const values: number[] = [];
  for (const at of lineStarts(text, field)) values.push(paragraphOf(starts, at), at + field.length);
  return values;
}

/** The paragraphs that have exactly this line. */
function findLines(text: Buffer, starts: readonly number[], line: string): readonly number[] {
  const found: number[] = [];
  for (const at of lineStarts(text, line)) {
    const after = text[at + line.length];
    if (after === undefined || after === NEWLINE) found.push(paragraphOf(starts, at));
  }
  return found;
}

function* lineStarts(text: Buffer, prefix: string): IterableIterator<number> {
  const needle = `\n${prefix}`;
  for (let at = text.indexOf(needle, 0, "latin1"); at >= 0; at = text.indexOf(needle, at + 1, "latin1")) yield at + 1;
}

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

/** The start of the paragraph that a position lies in. */
function paragraphOf(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle;
  }
  return starts[low] as number;
}
