/**
 * The compact form of the index of a compressed file (erofs.docs.kernel.org, compressed format, "Compacted Logical Cluster Index"): packs of 2
 * clusters in 8 bytes, or of 16 in 32, each with a block of its own that those of its heads are counted from.
 *
 * A cluster is its type in 2 bits and 12 more: where in a head its extent begins; of any other how many clusters it lies behind its head, or,
 * as the last of a pack, before the next one. With big clusters an extent's second has its number of blocks. Checked by: mkfs.erofs, whose packs are like these.
 */
import { ExtentCursor, type ExtentTable, hasBigClusters, type IndexOptions } from "./extent-table.js";
import { ADVISE, BLOCK_BYTES, BLOCK_COUNT, CLUSTER_TYPE, MapHeader } from "./structures.js";

/** Bits of what follows the type of a cluster. */
export const VALUE_BITS = 12;
const SMALL = { clusters: 2, bits: 16, bytes: 8 } as const;
const LARGE = { clusters: 16, bits: 14, bytes: 32 } as const;

/** Where the packs of an index lie: small ones up to a multiple of 32 bytes, large ones, small ones. */
export interface PackPlan {
  /** Clusters in the first small packs. */
  readonly before: number;
  /** Clusters in large packs. */
  readonly large: number;
  readonly clusters: number;
}

/** A pack: its first cluster, how its clusters are written, and where it lies from the first pack on. */
export interface PackPlace {
  readonly first: number;
  readonly clusters: number;
  readonly bits: number;
  readonly bytes: number;
  readonly offset: number;
}

/** Plans packs; `start` is where the first lies, from a multiple of 32 bytes on. */
export function planPacks(start: number, options: { readonly clusters: number; readonly large: boolean }): PackPlan {
  const { clusters } = options;
  const gap = (LARGE.bytes - (start % LARGE.bytes)) % LARGE.bytes;
  const before = (gap / SMALL.bytes) * SMALL.clusters;
  const large = Math.max(0, Math.floor((clusters - before) / LARGE.clusters) * LARGE.clusters);
  return { before, large: options.large ? large : 0, clusters };
}

/** The pack of a cluster. */
export function packOf({ before, large }: PackPlan, cluster: number): PackPlace {
  if (cluster >= before && cluster < before + large) {
    const index = Math.floor((cluster - before) / LARGE.clusters);
    const offset = (before / SMALL.clusters) * SMALL.bytes + index * LARGE.bytes;
    return { ...LARGE, first: before + index * LARGE.clusters, offset };
  }
  // Small packs of either side are counted as if there were nothing between them.
  const skipped = cluster < before ? 0 : large;
  const index = Math.floor((cluster - skipped) / SMALL.clusters);
  const offset = index * SMALL.bytes + (skipped / LARGE.clusters) * LARGE.bytes;
  return { ...SMALL, first: skipped + index * SMALL.clusters, offset };
}

function isLastOfPack({ before, large }: PackPlan, cluster: number): boolean {
  const inLarge = cluster - before;
  if (inLarge >= 0 && inLarge < large) return inLarge % LARGE.clusters === LARGE.clusters - 1;
  // Elsewhere packs begin with an even cluster.
  return cluster % SMALL.clusters === SMALL.clusters - 1;
}

/** Bytes of an index that begins at `start`. */
export function compactIndexBytes(start: number, clusters: number): number {
  const plan = planPacks(start + MapHeader.size, { clusters, large: true });
  const { offset, bytes } = packOf(plan, clusters - 1);
  return MapHeader.size + offset + bytes;
}

/** The clusters of a pack, type and value each. */
export function unpackClusters(pack: Uint8Array, { clusters, bits }: PackPlace): number[] {
  return Array.from({ length: clusters }, (_, i) => {
    const at = (i * bits) >> 3;
    const three = pack[at]! | (pack[at + 1]! << 8) | (pack[at + 2]! << 16);
    return (three >> ((i * bits) & 7)) & ((1 << (VALUE_BITS + 2)) - 1);
  });
}

/** Encodes the index. */
export function encodeCompactIndex(extents: ExtentTable, options: IndexOptions): Uint8Array {
  const { size, firstBlock, algorithm, start } = options;
  const clusters = Math.ceil(size / BLOCK_BYTES);
  const bytes = new Uint8Array(compactIndexBytes(start, clusters));
  const big = hasBigClusters(extents);
  const advise = ADVISE.interlaced | ADVISE.compact2 | (big ? ADVISE.bigClusters | ADVISE.bigClusters2 : 0);
  MapHeader.encodeInto(bytes, 0, { fragmentOffset: 0, advise, algorithms: algorithm, clusterBits: 0 });
  const plan = planPacks(start + MapHeader.size, { clusters, large: true });
  const words = encodeClusters(extents, { size, plan, big });
  const view = new DataView(bytes.buffer);
  const counter = new BlockCounter(firstBlock, big);
  for (let first = 0; first < clusters; ) {
    const pack = packOf(plan, first);
    const at = MapHeader.size + pack.offset;
    view.setUint32(at + pack.bytes - 4, counter.startPack(words[first]!), true);
    for (let i = 0; i < pack.clusters && first + i < clusters; i++) {
      const word = words[first + i]!;
      counter.take(word);
      const from = at + ((i * pack.bits) >> 3);
      const shifted = word << ((i * pack.bits) & 7);
      bytes[from]! |= shifted;
      bytes[from + 1]! |= shifted >> 8;
      bytes[from + 2]! |= shifted >> 16;
    }
    first += pack.clusters;
  }
  return bytes;
}

function encodeClusters(
  extents: ExtentTable,
  { size, plan, big }: { readonly size: number; readonly plan: PackPlan; readonly big: boolean },
): Uint16Array {
  const words = new Uint16Array(plan.clusters);
  for (const cursor = new ExtentCursor(extents, size); cursor.advance(); ) {
    const { head, next, offset, blocks, plain } = cursor;
    words[head] = ((plain ? CLUSTER_TYPE.plain : CLUSTER_TYPE.head) << VALUE_BITS) | offset;
    for (let cluster = head + 1; cluster < next; cluster++) {
      const isLast = isLastOfPack(plan, cluster);
      const isCount = big && !plain && cluster === head + 1;
      const value = isCount ? BLOCK_COUNT | blocks : isLast ? next - cluster : cluster - head;
      words[cluster] = (CLUSTER_TYPE.tail << VALUE_BITS) | value;
    }
  }
  return words;
}

/** Counts blocks as readers do: without big clusters each head has one; with them a head has as many as the cluster behind it says, else one. */
export class BlockCounter {
  private readonly big: boolean;
  /** The block of the last head; of the next one when the count of the last is known. */
  private block: number;
  private isOpen = false;

  /** `block` is the next head's. */
  constructor(block: number, big: boolean) {
    this.big = big;
    this.block = block;
  }

  /** Goes on with a cluster; the block of a head. */
  take(word: number): number {
    const type = word >> VALUE_BITS;
    const value = word & ((1 << VALUE_BITS) - 1);
    if (type !== CLUSTER_TYPE.tail) {
      this.close();
      this.isOpen = true;
    } else if (this.isCount(type, value)) {
      this.block += value & (BLOCK_COUNT - 1);
      this.isOpen = false;
    }
    return this.block;
  }

  /** The block that a pack has which begins with this cluster: of the first head whose number of blocks it knows; without big clusters the one before. */
  startPack(word: number): number {
    if (!this.isCount(word >> VALUE_BITS, word & ((1 << VALUE_BITS) - 1))) this.close();
    return this.big ? this.block : this.block - 1;
  }

  private close(): void {
    if (this.isOpen) this.block++;
    this.isOpen = false;
  }

  private isCount(type: number, value: number): boolean {
    return this.big && type === CLUSTER_TYPE.tail && (value & BLOCK_COUNT) !== 0;
  }
}
