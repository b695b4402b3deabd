/**
 * The index of a compressed file in its full form: what each logical cluster of 4 KiB belongs to (erofs.docs.kernel.org, compressed format). An
 * extent begins anywhere in its first cluster, and no cluster has the beginnings of two.
 */
import { ADVISE, BLOCK_BYTES, BLOCK_COUNT, CLUSTER_TYPE, ClusterIndex, MapHeader } from "./structures.js";

/** Bytes of a file that were compressed together. */
export interface ClusterExtent {
  /** Of the file. */
  readonly size: number;
  /** Stored. */
  readonly blocks: number;
  /** Stored as they are: one block. */
  readonly plain: boolean;
}

/** Extents of many files in memory: a size and a word of `extentWord` each. A disk of gigabytes that does not compress has millions. */
export type ExtentTable = readonly Uint32Array[];

const PLAIN = 0x80000000;

/** The number of blocks of an extent, with the highest bit for a plain one. */
export function extentWord({ blocks, plain }: ClusterExtent): number {
  return blocks + (plain ? PLAIN : 0);
}

/** The extents of a table. */
export function* extentsOf(table: ExtentTable): Generator<ClusterExtent> {
  for (const words of table)
    for (let i = 0; i < words.length; i += 2) {
      const word = words[i + 1]!;
      yield { size: words[i]!, blocks: word % PLAIN, plain: word >= PLAIN };
    }
}

/** The blocks of all extents of a table. */
export function blocksOf(table: ExtentTable): number {
  let sum = 0;
  for (const { blocks } of extentsOf(table)) sum += blocks;
  return sum;
}

/** Between the map header and the index lie 8 bytes that were of use once. */
const INDEX_START = MapHeader.size + 8;

/** Bytes of the index of a file. */
export function indexBytes(size: number): number {
  return INDEX_START + ClusterIndex.size * Math.ceil(size / BLOCK_BYTES);
}

/** Encodes the index. Extents lie one after the other from `firstBlock` on. */
export function encodeIndex(
  extents: ExtentTable,
  options: { readonly size: number; readonly firstBlock: number; readonly algorithm: number },
): Uint8Array {
  const { size, algorithm } = options;
  const bytes = new Uint8Array(indexBytes(size));
  let big = false;
  for (const { blocks } of extentsOf(extents)) big ||= blocks > 1;
  const advise = ADVISE.interlaced | (big ? ADVISE.bigClusters : 0);
  MapHeader.encodeInto(bytes, 0, { fragmentOffset: 0, advise, algorithms: algorithm, clusterBits: 0 });
  const put = (cluster: number, index: { type: number; offset: number; place: number }): void =>
    ClusterIndex.encodeInto(bytes, INDEX_START + ClusterIndex.size * cluster, index);
  let at = 0;
  let block = options.firstBlock;
  for (const { size: length, blocks, plain } of extentsOf(extents)) {
    const head = Math.floor(at / BLOCK_BYTES);
    put(head, { type: plain ? CLUSTER_TYPE.plain : CLUSTER_TYPE.head, offset: at % BLOCK_BYTES, place: block });
    at += length;
    const next = at === size ? Math.ceil(at / BLOCK_BYTES) : Math.floor(at / BLOCK_BYTES);
    for (let cluster = head + 1; cluster < next; cluster++) {
      // Where there are big clusters, every compressed extent of two clusters or more has its number of blocks, also of one.
      const back = big && !plain && cluster === head + 1 ? BLOCK_COUNT | blocks : cluster - head;
      put(cluster, { type: CLUSTER_TYPE.tail, offset: 0, place: back + 65536 * (next - cluster) });
    }
    block += blocks;
  }
  return bytes;
}
