/**
 * The index of a compressed file: what each logical cluster of 4 KiB belongs to (erofs.docs.kernel.org, compressed format). Here its full form of 8
 * bytes a cluster; compact-index.ts has the one of 2 to 4.
 */
import { compactIndexBytes, encodeCompactIndex } from "./compact-index.js";
import { ExtentCursor, type ExtentTable, hasBigClusters, type IndexOptions } from "./extent-table.js";
import { ADVISE, BLOCK_BYTES, BLOCK_COUNT, CLUSTER_TYPE, ClusterIndex, DATA_LAYOUT, MapHeader } from "./structures.js";

/** Between the map header and the full index lie 8 bytes that were of use once. */
export const FULL_INDEX_START = MapHeader.size + 8;

/** Bytes of the index of a file in the form of a layout; `start` as in `IndexOptions`. */
export function indexBytes(layout: number, { size, start }: Pick<IndexOptions, "size" | "start">): number {
  const clusters = Math.ceil(size / BLOCK_BYTES);
  if (layout === DATA_LAYOUT.compressedCompact) return compactIndexBytes(start, clusters);
  return FULL_INDEX_START + ClusterIndex.size * clusters;
}

/** Encodes the index in the form of a layout. */
export function encodeIndex(layout: number, extents: ExtentTable, options: IndexOptions): Uint8Array {
  return layout === DATA_LAYOUT.compressedCompact
    ? encodeCompactIndex(extents, options)
    : encodeFullIndex(extents, options);
}

function encodeFullIndex(extents: ExtentTable, options: IndexOptions): Uint8Array {
  const { size, algorithm } = options;
  const bytes = new Uint8Array(indexBytes(DATA_LAYOUT.compressedFull, options));
  const big = hasBigClusters(extents);
  const advise = ADVISE.interlaced | (big ? ADVISE.bigClusters : 0);
  MapHeader.encodeInto(bytes, 0, { fragmentOffset: 0, advise, algorithms: algorithm, clusterBits: 0 });
  const put = (cluster: number, index: { type: number; offset: number; place: number }): void =>
    ClusterIndex.encodeInto(bytes, FULL_INDEX_START + ClusterIndex.size * cluster, index);
  let block = options.firstBlock;
  for (const cursor = new ExtentCursor(extents, size); cursor.advance(); ) {
    const { head, next, offset, blocks, plain } = cursor;
    put(head, { type: plain ? CLUSTER_TYPE.plain : CLUSTER_TYPE.head, offset, place: block });
    for (let cluster = head + 1; cluster < next; cluster++) {
      // Where there are big clusters, every compressed extent of two clusters or more has its number of blocks, also of one.
      const back = big && !plain && cluster === head + 1 ? BLOCK_COUNT | blocks : cluster - head;
      put(cluster, { type: CLUSTER_TYPE.tail, offset: 0, place: back + 65536 * (next - cluster) });
    }
    block += blocks;
  }
  return bytes;
}
