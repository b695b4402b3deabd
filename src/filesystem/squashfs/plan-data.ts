/**
 * The data of an image: which bytes become which block, without looking at them.
 *
 * Files of one content are stored once. A file of a block or more is cut into blocks of its own; smaller ones share fragments. (mksquashfs
 * does the same unless it is told `-tailends`.) Blocks are compressed, and cached, in batches: batches end where the contents
 * say so, so that a changed file leaves those after it as they were.
 */
import { type FileContent, toByteString } from "../../bytes/content.js";
import { hashContent } from "../../bytes/hash-content.js";
import type { FileNode } from "../../rootfs/tree/node.js";
import type { InodePlan } from "./plan-inodes.js";

/** Where a file's data goes. Data of different sections never share a batch or fragment. */
export interface DataPlace {
  /** Sections follow each other in byte order; inside, groups do. */
  readonly section: string;
  readonly group: string;
  /** False: its bytes must not enter the cache. */
  readonly cacheable: boolean;
}

/** A content that is stored. */
export interface StoredFile {
  readonly content: FileContent;
  /** Where it is known, or was needed. */
  readonly digest: string | undefined;
  readonly place: DataPlace;
}

/** Bytes of a file. */
export interface DataRange {
  readonly file: StoredFile;
  readonly offset: number;
  readonly size: number;
}

/** Bytes that are cut into blocks from their own start: of one file, or those of one fragment. */
export type DataRun = readonly DataRange[];

/** What is compressed, and cached, in one go. */
export interface DataBatch {
  readonly runs: readonly DataRun[];
  readonly size: number;
  readonly kind: "blocks" | "fragments";
  readonly cacheable: boolean;
}

/** Where a small file lies. */
export interface FragmentPlace {
  readonly index: number;
  readonly offset: number;
}

/** The plan. */
export interface DataPlan {
  /** All of the blocks, then all of the fragments. */
  readonly batches: readonly DataBatch[];
  /** What is stored of each file; absent for empty ones. */
  readonly stored: ReadonlyMap<FileNode, StoredFile>;
  readonly fragmentOf: ReadonlyMap<StoredFile, FragmentPlace>;
}

/** Bytes that a batch is filled up to; longer files are cut here too. */
const BATCH_MAX = 4 << 20;
/** A batch of this size or more ends where a digest says so: on average at the eighth file. */
const BATCH_MIN = 1 << 20;

/** How to plan. */
export interface DataPlanOptions {
  readonly blockSize: number;
  readonly placeOf: (file: FileNode) => DataPlace;
  /** Whether batches are compressed, and cached: else long files are not cut. */
  readonly compressed: boolean;
}

/**
 * Plans the data. Contents whose sha256 is not known are read once; where nothing is compressed, only those are that may be equal to another,
 * being of its size.
 */
export async function planData(plan: InodePlan, options: DataPlanOptions): Promise<DataPlan> {
  const { stored, files } = await findStored(plan, options);
  const { blockSize } = options;
  const fragmentOf = new Map<StoredFile, FragmentPlace>();
  const fragments = planFragments(
    files.filter(({ content }) => content.size < blockSize),
    { blockSize, fragmentOf },
  );
  const blocks = planBlocks(
    files.filter(({ content }) => content.size >= blockSize),
    options.compressed ? BATCH_MAX : Number.MAX_SAFE_INTEGER,
  );
  return { batches: [...blocks, ...fragments], stored, fragmentOf };
}

async function findStored(
  plan: InodePlan,
  options: DataPlanOptions,
): Promise<{ readonly stored: Map<FileNode, StoredFile>; readonly files: StoredFile[] }> {
  const stored = new Map<FileNode, StoredFile>();
  const known = new Map<string | FileContent, StoredFile>();
  const needsDigest = options.compressed ? () => true : mayBeEqual(plan.files.map(({ node }) => node.content));
  for (const { node } of plan.files) {
    const { content } = node;
    if (content.size === 0) continue;
    const digest = content.digest ?? (needsDigest(content) ? await hashContent(content) : undefined);
    const place = options.placeOf(node);
    // What may be cached and what may not are kept apart, even if they are equal.
    const key = digest === undefined ? content : `${digest} ${place.cacheable}`;
    const file = known.get(key) ?? { content, digest, place };
    known.set(key, file);
    stored.set(node, file);
  }
  const files = [...known.values()].sort(
    (a, b) => compare(a.place.section, b.place.section) || compare(a.place.group, b.place.group),
  );
  return { stored, files };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const TAIL_BYTES = 32;

/** Tells of a content whose digest is not known whether another may be equal: one of the same size that ends in the same bytes. */
function mayBeEqual(contents: readonly FileContent[]): (content: FileContent) => boolean {
  const ofSize = new Map<number, FileContent[]>();
  for (const content of contents) {
    const others = ofSize.get(content.size);
    if (others === undefined) ofSize.set(content.size, [content]);
    else others.push(content);
  }
  const suspects = new Set<FileContent>();
  for (const [size, equals] of ofSize) {
    if (size === 0 || equals.length === 1) continue;
    // Of those with a digest no part can be read without reading all.
    const isKnown = equals.some(({ digest }) => digest !== undefined);
    const tailOf = (content: FileContent): string =>
      isKnown ? "" : toByteString(content.read(Math.max(0, size - TAIL_BYTES)));
    const firstOf = new Map<string, FileContent>();
    for (const content of equals) {
      const tail = tailOf(content);
      const first = firstOf.get(tail);
      if (first === undefined) firstOf.set(tail, content);
      else suspects.add(first).add(content);
    }
  }
  return (content) => suspects.has(content);
}

/** Collects runs into batches. */
class Batches {
  readonly all: DataBatch[] = [];
  private readonly kind: DataBatch["kind"];
  private runs: DataRun[] = [];
  private size = 0;
  private place: DataPlace | undefined;

  constructor(kind: DataBatch["kind"]) {
    this.kind = kind;
  }

  add(run: DataRun): void {
    const { place, digest } = run.at(-1)!.file;
    const size = run.reduce((sum, range) => sum + range.size, 0);
    const mixes = this.place?.section !== place.section || this.place.cacheable !== place.cacheable;
    if (mixes || this.size + size > BATCH_MAX) this.close();
    this.place = place;
    this.runs.push(run);
    this.size += size;
    if (this.size >= BATCH_MIN && digest !== undefined && Number.parseInt(digest[0]!, 16) % 8 === 0) this.close();
  }

  close(): void {
    const { runs, size, kind, place } = this;
    if (runs.length > 0) this.all.push({ runs, size, kind, cacheable: place!.cacheable });
    this.runs = [];
    this.size = 0;
  }
}

/** Longer files are cut into pieces of `pieceMax`. */
function planBlocks(files: readonly StoredFile[], pieceMax: number): readonly DataBatch[] {
  const batches = new Batches("blocks");
  for (const file of files) {
    const { size } = file.content;
    // The pieces of a long file are batches of their own, wherever the file begins.
    if (size > pieceMax) batches.close();
    for (let offset = 0; offset < size; offset += pieceMax)
      batches.add([{ file, offset, size: Math.min(pieceMax, size - offset) }]);
    if (size > pieceMax) batches.close();
  }
  batches.close();
  return batches.all;
}

function planFragments(
  files: readonly StoredFile[],
  options: { readonly blockSize: number; readonly fragmentOf: Map<StoredFile, FragmentPlace> },
): readonly DataBatch[] {
  const batches = new Batches("fragments");
  let run: DataRange[] = [];
  let filled = 0;
  let index = 0;
  const close = (): void => {
    if (run.length === 0) return;
    batches.add(run);
    index++;
    run = [];
    filled = 0;
  };
  for (const file of files) {
    const { size } = file.content;
    const before = run.at(-1)?.file.place;
    const mixes =
      before !== undefined && (before.section !== file.place.section || before.cacheable !== file.place.cacheable);
    if (mixes || filled + size > options.blockSize) close();
    options.fragmentOf.set(file, { index, offset: filled });
    run.push({ file, offset: 0, size });
    filled += size;
  }
  close();
  batches.close();
  return batches.all;
}
