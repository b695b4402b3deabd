/**
 * Two contents, layer by layer: what both are decides how they are compared, down to a line, a section or a byte. What cannot be
 * read further, and what differs only in how it is stored, is said to be that.
 */
import { contentOfBytes, type FileContent, toByteString } from "../../bytes/content.js";
import { sliceContent } from "../../bytes/slice-content.js";
import { type Compression, decompress, decompressWhole } from "../../codec/decompress.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { readErofs } from "../../filesystem/erofs/read-erofs.js";
import { readExt4 } from "../../filesystem/ext4/read-ext4.js";
import { parseElf } from "../../rootfs/helpers/elf.js";
import { type ArtifactKind, artifactEntries, artifactKindOf } from "../inspect/open-artifact.js";
import { debMembers } from "../inspect/walk-deb.js";
import { type Segment, segmentFormatOf, walkInitramfs } from "../inspect/walk-initramfs.js";
import { squashfsFacts } from "../inspect/walk-squashfs.js";
import { compareBytes } from "./compare-bytes.js";
import { diffDisk } from "./diff-disk.js";
import { bytesWords, diffElf } from "./diff-elf.js";
import { diffEntries } from "./diff-entries.js";
import { diffStatus } from "./diff-packages.js";
import { diffPe } from "./diff-pe.js";
import { diffText, textOf } from "./diff-text.js";
import type { Difference, Where } from "./difference.js";

/** Archives in archives: what lies deeper is bytes. */
const DEPTH_MAX = 8;
const HELD_MAX = 128 << 20;

type Kind = ArtifactKind | Exclude<Compression, "none"> | undefined;
type Pair = readonly [FileContent, FileContent];

/** The differences between two contents; none where their bytes are equal. */
export async function* diffContents(
  where: Where,
  left: FileContent,
  right: FileContent,
  depth = 0,
): AsyncGenerator<Difference> {
  const bytes = await compareBytes(left, right);
  if (bytes === undefined) return;
  let found = 0;
  let kinds: readonly [Kind, Kind] = [undefined, undefined];
  try {
    kinds = depth > DEPTH_MAX ? kinds : [await kindOf(left), await kindOf(right)];
    for await (const difference of diffByKind(where, { pair: [left, right], kinds, depth })) {
      found++;
      yield difference;
    }
  } catch (error) {
    if (!(error instanceof AssembleError) || error.code.startsWith("io/")) throw error;
    yield {
      where,
      kind: "damaged",
      left: error.message,
      right: "",
      note: bytesWords(bytes, left.size, right.size).note,
    };
    return;
  }
  if (found > 0) return;
  const words = bytesWords(bytes, left.size, right.size);
  const how = kinds[0] === undefined ? undefined : await storedForm(kinds[0], left, right);
  if (how === undefined) yield { where, kind: "content", ...words };
  else yield { where, kind: "encoding", left: how, right: "", note: words.note };
}

interface Step {
  readonly pair: Pair;
  readonly kinds: readonly [Kind, Kind];
  readonly depth: number;
}

const TREES: ReadonlySet<Kind> = new Set<Kind>(["cpio", "tar", "ext4", "erofs", "squashfs", "deb"]);

async function* diffByKind(where: Where, { pair, kinds, depth }: Step): AsyncGenerator<Difference> {
  const [left, right] = pair;
  const [a, b] = kinds;
  const explain = (place: Where, one: FileContent, other: FileContent) => diffContents(place, one, other, depth + 1);
  if (TREES.has(a) && TREES.has(b)) {
    if (a !== b) yield { where: [...where, "format"], kind: "field", left: a!, right: b! };
    else yield* fieldsOf(where, a, pair);
    yield* diffEntries(where, [() => artifactEntries(left), () => artifactEntries(right)], { explain, order: a === b });
  } else if (a !== b) yield { where, kind: "type", left: a ?? "bytes", right: b ?? "bytes" };
  else if (a === "pe") yield* diffPe(where, left, right, explain);
  else if (a === "disk") yield* diffDisk(where, left, right, explain);
  else if (a === "gzip" || a === "xz" || a === "zstd") {
    const unpacked = await Promise.all(pair.map((side) => decompressWhole(a, side.chunks(), HELD_MAX)));
    yield* explain([...where, "unpacked"], contentOfBytes(unpacked[0]!), contentOfBytes(unpacked[1]!));
  } else if (Math.max(left.size, right.size) <= HELD_MAX) yield* diffPlain(where, left.read(), right.read());
}

async function* diffPlain(where: Where, left: Uint8Array, right: Uint8Array): AsyncGenerator<Difference> {
  const [elfA, elfB] = [parseElf(left), parseElf(right)];
  if (elfA !== undefined && elfB !== undefined) {
    yield* diffElf(where, elfA, elfB);
    return;
  }
  const [a, b] = [textOf(left), textOf(right)];
  if (a === undefined || b === undefined) return;
  let packages = 0;
  if (/(^|\/)var\/lib\/dpkg\/status$/.test(where.at(-1) ?? ""))
    for (const difference of diffStatus(where, toByteString(left), toByteString(right))) {
      packages++;
      yield difference;
    }
  if (packages === 0) yield* diffText(where, a, b);
}

/** What a content is; a compressed file is an archive only where one is in it. */
async function kindOf(content: FileContent): Promise<Kind> {
  let kind: ArtifactKind;
  try {
    kind = artifactKindOf(content);
  } catch (error) {
    if (error instanceof AssembleError && error.code === "inspect/format-unknown") return undefined;
    throw error;
  }
  if (kind !== "cpio") return kind;
  const format = segmentFormatOf(content.read(0, 6));
  if (format === undefined || format === "newc") return kind;
  for await (const chunk of decompress(format, content.chunks()))
    return toByteString(chunk.subarray(0, 5)) === "07070" ? kind : format;
  return format;
}

/** What the header of a tree says, apart from its files. */
async function* fieldsOf(where: Where, kind: Kind, [left, right]: Pair): AsyncGenerator<Difference> {
  const facts = (content: FileContent): Readonly<Record<string, unknown>> => {
    if (kind === "squashfs") {
      const { compression, blockSize, mtimeSeconds } = squashfsFacts(content);
      return { compression, "block size": blockSize, time: mtimeSeconds };
    }
    if (kind === "ext4") {
      const { uuid, label, blockSize, blocksCount, features } = readExt4(content);
      return { uuid, label, "block size": blockSize, blocks: blocksCount, features: features.join(" ") };
    }
    if (kind === "erofs") {
      const { uuid, label, compression, timeSeconds } = readErofs(content);
      return { uuid, label, compression, time: timeSeconds };
    }
    if (kind === "deb")
      return {
        members: debMembers(content)
          .map(({ name }) => name)
          .join(" "),
      };
    return {};
  };
  const [a, b] = [facts(left), facts(right)];
  for (const name of Object.keys(a))
    if (a[name] !== b[name]) yield { where: [...where, name], kind: "field", left: `${a[name]}`, right: `${b[name]}` };
}

/** How two contents differ that hold the same; undefined where only bytes can be told. */
async function storedForm(kind: NonNullable<Kind>, left: FileContent, right: FileContent): Promise<string | undefined> {
  const same = "every file, mode, owner, time and place is the same";
  switch (kind) {
    case "gzip":
    case "xz":
    case "zstd":
      return "compressed bytes alone differ: they unpack to the same";
    case "cpio": {
      const [a, b] = [unpackInitramfs(left), unpackInitramfs(right)];
      const found = await compareBytes({ size: 0, chunks: () => a }, { size: 0, chunks: () => b });
      if (found === undefined) return "compressed bytes alone differ: they unpack to the same archive";
      return `the archive's form alone differs (inode numbers, padding), from byte ${found.offset} unpacked on: ${same}`;
    }
    case "deb":
      return `compressed bytes or archive headers alone differ: ${same}`;
    case "erofs":
    case "squashfs":
      return `compressed bytes or layout alone differ: ${same}`;
    case "ext4":
    case "tar":
      return `the layout alone differs (tables, padding): ${same}`;
    case "disk":
      return "the container's bytes or unused space alone differ: partitions and files are the same";
    case "pe":
      return undefined;
  }
}

async function* unpackInitramfs(content: FileContent): AsyncGenerator<Uint8Array> {
  const segments: Segment[] = [];
  for await (const entry of walkInitramfs(content, segments)) void entry;
  for (const { format, offset, size } of segments)
    yield* decompress(format === "newc" ? "none" : format, sliceContent(content, offset, size).chunks());
}
