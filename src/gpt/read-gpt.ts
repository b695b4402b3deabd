/**
 * Reads a GPT that nobody vouches for: both headers, their checksums, and where partitions lie. The copy at the end is used
 * where the first is damaged; what is wrong is listed, so that `inspect` can say it.
 */

import { crc32 } from "../bytes/crc32.js";
import { guidText } from "../bytes/guid.js";
import type { RandomAccess } from "../codec/random-access.js";
import { AssembleError } from "../errors/assemble-error.js";
import { GPT_SIGNATURE, GptEntry, GptHeader, SECTOR } from "./gpt-layout.js";
import type { GptPartition } from "./write-gpt.js";

/** A partition with its number, from 1. */
export interface NumberedPartition extends GptPartition {
  readonly number: number;
}

/** A table that was read. */
export interface ReadGpt {
  readonly diskUuid: string;
  readonly firstUsableLba: number;
  readonly lastUsableLba: number;
  /** Where the other header should be. */
  readonly alternateLba: number;
  readonly partitions: readonly NumberedPartition[];
  /** What is wrong with it, in words; empty for a sound table. */
  readonly problems: readonly string[];
}

const ENTRIES_MAX = 1024;
const UNUSED = "00000000-0000-0000-0000-000000000000";

/** Whether a disk has a GPT's signature at its begin. */
export function looksLikeGpt(source: RandomAccess): boolean {
  return Buffer.from(source.read(SECTOR, GPT_SIGNATURE.length)).toString("latin1") === GPT_SIGNATURE;
}

/**
 * Reads a disk's GPT.
 *
 * @throws AssembleError `gpt/damaged` where neither of the two is whole
 */
export function readGpt(source: RandomAccess): ReadGpt {
  const lastLba = Math.floor(source.size / SECTOR) - 1;
  const problems: string[] = [];
  const primary = readTable(source, 1, problems, "the first header");
  const backupLba = primary?.header.alternateLba ?? lastLba;
  const backup = readTable(source, backupLba, problems, "the copy at the end");
  const table = primary ?? backup;
  if (table === undefined)
    throw new AssembleError("gpt/damaged", `Cannot read the partition table: ${problems.join("; ")}`);
  if (primary !== undefined && backup !== undefined) {
    if (primary.header.partitionEntriesCrc32 !== backup.header.partitionEntriesCrc32)
      problems.push("the two tables differ");
    if (backupLba !== lastLba)
      problems.push(`the disk goes on after its last header, by ${lastLba - backupLba} sectors`);
  }
  const { header, entries } = table;
  const partitions = entries.flatMap((entry, i) => partitionOf(entry, i + 1, problems));
  checkPlaces(partitions, header, problems);
  return {
    diskUuid: guidText(header.diskGuid),
    firstUsableLba: header.firstUsableLba,
    lastUsableLba: header.lastUsableLba,
    alternateLba: header.alternateLba,
    partitions,
    problems,
  };
}

interface Table {
  readonly header: GptHeader;
  readonly entries: readonly GptEntry[];
}

function readTable(source: RandomAccess, lba: number, problems: string[], name: string): Table | undefined {
  const wrong = (is: string): undefined => void problems.push(`${name} ${is}`);
  const place = lba * SECTOR;
  if (!Number.isSafeInteger(place) || place + SECTOR > source.size) return wrong("lies outside of the disk");
  const sector = source.read(place, SECTOR).slice();
  if (Buffer.from(sector.subarray(0, 8)).toString("latin1") !== GPT_SIGNATURE) return wrong("is not there");
  try {
    const header = GptHeader.decode(sector);
    if (header.headerSize < GptHeader.size || header.headerSize > SECTOR) return wrong("has a size of its own");
    sector.fill(0, GptHeader.offsetOf("headerCrc32"), GptHeader.offsetOf("reserved"));
    if (crc32(sector.subarray(0, header.headerSize)) !== header.headerCrc32) return wrong("has a wrong checksum");
    if (header.myLba !== lba) return wrong("is that of another place");
    if (header.partitionEntrySize !== GptEntry.size || header.partitionEntries > ENTRIES_MAX)
      return wrong(`has ${header.partitionEntries} entries of ${header.partitionEntrySize} bytes`);
    const bytes = source.read(header.partitionEntryLba * SECTOR, header.partitionEntries * GptEntry.size);
    if (bytes.length < header.partitionEntries * GptEntry.size) return wrong("has its entries outside of the disk");
    if (crc32(bytes) !== header.partitionEntriesCrc32) return wrong("has entries with a wrong checksum");
    const entries = Array.from({ length: header.partitionEntries }, (_, i) =>
      GptEntry.decode(bytes, i * GptEntry.size),
    );
    return { header, entries };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return wrong("has numbers beyond 2^53");
  }
}

function partitionOf(entry: GptEntry, number: number, problems: string[]): NumberedPartition[] {
  const typeUuid = guidText(entry.typeGuid);
  if (typeUuid === UNUSED) return [];
  if (entry.endLba < entry.startLba) {
    problems.push(`partition ${number} ends before it begins`);
    return [];
  }
  const end = entry.name.indexOf(0);
  const label = String.fromCharCode(...(end < 0 ? entry.name : entry.name.slice(0, end)));
  const { startLba, attributes } = entry;
  const sectors = entry.endLba - startLba + 1;
  return [{ number, typeUuid, uuid: guidText(entry.uniqueGuid), label, startLba, sectors, attributes }];
}

function checkPlaces(partitions: readonly NumberedPartition[], header: GptHeader, problems: string[]): void {
  let last = { number: 0, end: 0 };
  for (const { number, startLba, sectors } of [...partitions].sort((a, b) => a.startLba - b.startLba)) {
    if (startLba < header.firstUsableLba || startLba + sectors - 1 > header.lastUsableLba)
      problems.push(`partition ${number} leaves the usable space`);
    if (startLba < last.end) problems.push(`partitions ${last.number} and ${number} overlap`);
    last = { number, end: Math.max(last.end, startLba + sectors) };
  }
}
