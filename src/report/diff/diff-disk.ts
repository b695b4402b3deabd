/**
 * Two disks, in whatever containers: the GPT's fields, the partitions' contents, what lies between them.
 */
import type { FileContent } from "../../bytes/content.js";
import { sliceFile } from "../../bytes/slice-file.js";
import { SECTOR } from "../../gpt/gpt-layout.js";
import { diskContainerOf, openDisk, partitionContent } from "../../gpt/open-disk.js";
import { partitionTypeWord } from "../../gpt/partition-types.js";
import { looksLikeGpt, type NumberedPartition, type ReadGpt, readGpt } from "../../gpt/read-gpt.js";
import { openFileSystem } from "../inspect/walk-disk.js";
import { compareBytes } from "./compare-bytes.js";
import { compareEntries } from "./compare-entries.js";
import { bytesWords } from "./diff-elf.js";
import type { Explain } from "./diff-entries.js";
import type { Difference, Where } from "./difference.js";
import { holdDisk } from "./hold-disk.js";
import type { IndexedEntry } from "./index-entries.js";

/** The differences between two disks. */
export async function* diffDisk(
  where: Where,
  left: FileContent,
  right: FileContent,
  explain: Explain,
): AsyncGenerator<Difference> {
  const [a, b] = [diskContainerOf(left)!, diskContainerOf(right)!];
  if (a !== b) yield { where: [...where, "container"], kind: "field", left: a, right: b };
  const [diskA, diskB] = [await guestDisk(left), await guestDisk(right)];
  if (diskA.size !== diskB.size)
    yield { where: [...where, "disk size"], kind: "field", left: `${diskA.size}`, right: `${diskB.size}` };
  const [gptA, gptB] = [looksLikeGpt(diskA), looksLikeGpt(diskB)];
  if (gptA && gptB) yield* diffPartitions(where, diskA, diskB, explain);
  else if (gptA !== gptB)
    yield { where, kind: "type", left: gptA ? "a GPT" : "no GPT", right: gptB ? "a GPT" : "no GPT" };
  else yield* diffVolume(where, diskA, diskB, explain);
}

async function guestDisk(content: FileContent): Promise<FileContent> {
  const { disk, random } = await openDisk(content, diskContainerOf(content)!);
  return random ?? (await holdDisk(disk));
}

const BOOT_CODE_BYTES = 446;

async function* diffPartitions(
  where: Where,
  left: FileContent,
  right: FileContent,
  explain: Explain,
): AsyncGenerator<Difference> {
  const [a, b] = [readGpt(left), readGpt(right)];
  yield* field([...where, "GPT", "disk UUID"], a.diskUuid, b.diskUuid);
  yield* field([...where, "GPT"], a.problems.join("; "), b.problems.join("; "));
  const bootCode = await compareBytes(sliceFile(left, 0, BOOT_CODE_BYTES), sliceFile(right, 0, BOOT_CODE_BYTES));
  if (bootCode !== undefined)
    yield {
      where: [...where, "MBR boot code"],
      kind: "content",
      ...bytesWords(bootCode, BOOT_CODE_BYTES, BOOT_CODE_BYTES),
    };
  const others = new Map(b.partitions.map((partition) => [partition.number, partition]));
  let shifted = false;
  for (const one of a.partitions) {
    const place = [...where, `partition ${one.number} (${nameOf(one)})`];
    const other = others.get(one.number);
    if (other === undefined) {
      yield { where: place, kind: "only-left", left: `${one.sectors * SECTOR} bytes`, right: "" };
      continue;
    }
    yield* field([...place, "type"], one.typeUuid, other.typeUuid);
    yield* field([...place, "UUID"], one.uuid, other.uuid);
    yield* field([...place, "label"], one.label, other.label);
    yield* field([...place, "attributes"], `0x${one.attributes.toString(16)}`, `0x${other.attributes.toString(16)}`);
    yield* field([...place, "size"], `${one.sectors * SECTOR}`, `${other.sectors * SECTOR}`);
    // Where one has another size, those behind it begin elsewhere.
    if (!shifted) yield* field([...place, "first sector"], `${one.startLba}`, `${other.startLba}`);
    shifted ||= one.sectors !== other.sectors || one.startLba !== other.startLba;
    yield* explain(place, partitionContent(left, one), partitionContent(right, other));
  }
  const known = new Set(a.partitions.map(({ number }) => number));
  for (const other of b.partitions)
    if (!known.has(other.number))
      yield {
        where: [...where, `partition ${other.number} (${nameOf(other)})`],
        kind: "only-right",
        left: "",
        right: `${other.sectors * SECTOR} bytes`,
      };
  if (!shifted && left.size === right.size) yield* diffGaps(where, a, [left, right]);
}

function nameOf({ typeUuid, label }: NumberedPartition): string {
  return partitionTypeWord(typeUuid) ?? (label === "" ? typeUuid : label);
}

/** What no partition covers, within the range that partitions may use. */
async function* diffGaps(
  where: Where,
  gpt: ReadGpt,
  [left, right]: readonly [FileContent, FileContent],
): AsyncGenerator<Difference> {
  let at = gpt.firstUsableLba;
  const sorted = [...gpt.partitions].sort((a, b) => a.startLba - b.startLba);
  const gaps: (readonly [number, number])[] = [];
  for (const { startLba, sectors } of sorted) {
    if (startLba > at) gaps.push([at, startLba]);
    at = Math.max(at, startLba + sectors);
  }
  if (gpt.lastUsableLba + 1 > at) gaps.push([at, gpt.lastUsableLba + 1]);
  for (const [start, end] of gaps) {
    const [a, b] = [left, right].map((disk) => sliceFile(disk, start * SECTOR, (end - start) * SECTOR)) as [
      FileContent,
      FileContent,
    ];
    const found = await compareBytes(a, b);
    if (found !== undefined)
      yield {
        where: [...where, `between partitions, from sector ${start}`],
        kind: "content",
        ...bytesWords(found, a.size, b.size),
      };
  }
}

/** Two FAT file systems: their headers, and their files, which can be read anywhere and are never held. */
async function* diffVolume(
  where: Where,
  left: FileContent,
  right: FileContent,
  explain: Explain,
): AsyncGenerator<Difference> {
  const [a, b] = [openFileSystem(left), openFileSystem(right)];
  if (a === undefined || b === undefined) return;
  yield* field([...where, "FAT type"], `${a.type}`, `${b.type}`);
  yield* field([...where, "FAT volume id"], a.volumeId.toString(16), b.volumeId.toString(16));
  yield* field([...where, "FAT label"], a.label ?? "", b.label ?? "");
  yield* field([...where, "FAT cluster size"], `${a.clusterBytes}`, `${b.clusterBytes}`);
  const [filesA, filesB] = [
    new Map([...a.files()].map((file) => [file.path, file])),
    new Map([...b.files()].map((file) => [file.path, file])),
  ];
  const entries = (files: typeof filesA): ReadonlyMap<string, IndexedEntry> =>
    new Map(
      [...files].map(([path, { type, mtimeSeconds, content }]) => [
        Buffer.from(path).toString("latin1"),
        {
          ...{ path, type, mode: type === "directory" ? 0o755 : 0o644, uid: 0, gid: 0, mtimeSeconds },
          ...{ size: content.size, digest: "", dataKey: path },
        },
      ]),
    );
  yield* compareEntries(where, { left: entries(filesA), right: entries(filesB), order: true });
  for (const [path, file] of filesA) {
    const other = filesB.get(path);
    if (other?.type !== "file" || file.type !== "file") continue;
    yield* explain([...where, path], file.content, other.content);
  }
}

function* field(where: Where, left: string, right: string): Generator<Difference> {
  if (left !== right) yield { where, kind: "field", left, right };
}
