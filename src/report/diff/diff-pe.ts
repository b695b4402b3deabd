/**
 * Two PE files: header fields, the section table, the sections' contents, their padding, the signatures.
 *
 * Offsets, addresses and totals follow from the sizes of the sections: they are told only where nothing else differs.
 */
import type { FileContent } from "../../bytes/content.js";
import { sliceFile } from "../../bytes/slice-file.js";
import type { SectionHeader } from "../../uki/pe/headers.js";
import { certificateTable, type PeImage, readPe } from "../../uki/pe/read-pe.js";
import { compareBytes } from "./compare-bytes.js";
import { bytesWords } from "./diff-elf.js";
import type { Explain } from "./diff-entries.js";
import type { Difference, Where } from "./difference.js";

const COFF_FIELDS = ["machine", "timeDateStamp", "characteristics"] as const;
const OPTIONAL_FIELDS = [
  "addressOfEntryPoint",
  "imageBase",
  "sectionAlignment",
  "fileAlignment",
  "majorImageVersion",
  "minorImageVersion",
  "subsystem",
  "dllCharacteristics",
] as const;
const DERIVED_FIELDS = ["sizeOfCode", "sizeOfInitializedData", "sizeOfImage", "sizeOfHeaders", "checkSum"] as const;

/** The differences between two PE files. */
export async function* diffPe(
  where: Where,
  left: FileContent,
  right: FileContent,
  explain: Explain,
): AsyncGenerator<Difference> {
  const [a, b] = [await readPe(left), await readPe(right)];
  let found = 0;
  const counted = async function* (differences: Iterable<Difference> | AsyncIterable<Difference>) {
    for await (const difference of differences) {
      found++;
      yield difference;
    }
  };
  yield* counted(fields(where, COFF_FIELDS, [a.coff, b.coff]));
  yield* counted(fields(where, OPTIONAL_FIELDS, [a.optional, b.optional]));
  const [namesA, namesB] = [keyed(a.sections), keyed(b.sections)];
  yield* counted(sectionTable(where, namesA, namesB));
  for (const [name, one] of namesA) {
    const other = namesB.get(name);
    if (other === undefined) continue;
    yield* counted(explain([...where, name], bodyOf(left, one), bodyOf(right, other)));
    yield* counted(padding([...where, name], paddingOf(left, one), paddingOf(right, other)));
  }
  yield* counted(signatures(where, { image: a, content: left }, { image: b, content: right }));
  if (found === 0) yield* fields(where, DERIVED_FIELDS, [a.optional, b.optional]);
}

function* fields<K extends string>(
  where: Where,
  names: readonly K[],
  [a, b]: readonly [Readonly<Record<K, number | bigint>>, Readonly<Record<K, number | bigint>>],
): Generator<Difference> {
  for (const name of names)
    if (a[name] !== b[name])
      yield { where: [...where, "PE header", name], kind: "field", left: hex(a[name]), right: hex(b[name]) };
}

/** Sections by name; a name that comes again has a number. */
function keyed(sections: readonly SectionHeader[]): ReadonlyMap<string, SectionHeader> {
  const found = new Map<string, SectionHeader>();
  for (const section of sections) {
    let key = section.name;
    for (let i = 2; found.has(key); i++) key = `${section.name} (no. ${i})`;
    found.set(key, section);
  }
  return found;
}

function* sectionTable(
  where: Where,
  a: ReadonlyMap<string, SectionHeader>,
  b: ReadonlyMap<string, SectionHeader>,
): Generator<Difference> {
  const size = (section: SectionHeader): string => `a section of ${section.virtualSize} bytes`;
  for (const [name, section] of a)
    if (!b.has(name)) yield { where: [...where, name], kind: "only-left", left: size(section), right: "" };
  for (const [name, section] of b)
    if (!a.has(name)) yield { where: [...where, name], kind: "only-right", left: "", right: size(section) };
  const orderA = [...a.keys()].filter((name) => b.has(name));
  const orderB = [...b.keys()].filter((name) => a.has(name));
  if (orderA.join() !== orderB.join())
    yield { where: [...where, "section table"], kind: "order", left: orderA.join(" "), right: orderB.join(" ") };
  for (const [name, section] of a) {
    const other = b.get(name);
    if (other !== undefined && other.characteristics !== section.characteristics)
      yield {
        where: [...where, name, "characteristics"],
        kind: "field",
        left: hex(section.characteristics),
        right: hex(other.characteristics),
      };
  }
}

function bodyOf(content: FileContent, { pointerToRawData, virtualSize, sizeOfRawData }: SectionHeader): FileContent {
  return sliceFile(content, pointerToRawData, Math.min(virtualSize, sizeOfRawData));
}

function paddingOf(content: FileContent, { pointerToRawData, virtualSize, sizeOfRawData }: SectionHeader): FileContent {
  const used = Math.min(virtualSize, sizeOfRawData);
  return sliceFile(content, pointerToRawData + used, sizeOfRawData - used);
}

/** Padding that is not zeros, or other zeros than follow from the size, is a difference of its own. */
async function* padding(where: Where, left: FileContent, right: FileContent): AsyncGenerator<Difference> {
  const length = Math.min(left.size, right.size);
  const found = await compareBytes(sliceFile(left, 0, length), sliceFile(right, 0, length));
  if (found === undefined) return;
  yield { where: [...where, "padding"], kind: "content", ...bytesWords(found, left.size, right.size) };
}

interface Side {
  readonly image: PeImage;
  readonly content: FileContent;
}

async function* signatures(where: Where, a: Side, b: Side): AsyncGenerator<Difference> {
  const [left, right] = [certificatesOf(a), certificatesOf(b)];
  const place = [...where, "signatures"];
  if (left === undefined && right !== undefined)
    yield { where: place, kind: "only-right", left: "", right: `${right.size} bytes` };
  else if (left !== undefined && right === undefined)
    yield { where: place, kind: "only-left", left: `${left.size} bytes`, right: "" };
  else if (left !== undefined && right !== undefined) {
    const found = await compareBytes(left, right);
    if (found !== undefined) yield { where: place, kind: "content", ...bytesWords(found, left.size, right.size) };
  }
}

function certificatesOf({ image, content }: Side): FileContent | undefined {
  const table = certificateTable(image);
  return table === undefined ? undefined : sliceFile(content, table.offset, table.size);
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
