/** Reads the index of a compressed file in either form. */
import { FULL_INDEX_START } from "./cluster-index.js";
import {
  BlockCounter,
  type PackPlace,
  type PackPlan,
  packOf,
  planPacks,
  unpackClusters,
  VALUE_BITS,
} from "./compact-index.js";
import { corrupt, decodeStructure, unsupported } from "./errors.js";
import { type ErofsVolume, exactly, type ReadInode } from "./read-inode.js";
import {
  ADVISE,
  alignUp,
  BLOCK_BYTES,
  BLOCK_COUNT,
  CLUSTER_TYPE,
  ClusterIndex,
  DATA_LAYOUT,
  INCOMPATIBLE,
  MapHeader,
} from "./structures.js";

/** What an index says of a logical cluster. */
export interface IndexedCluster {
  /** Of `CLUSTER_TYPE`: plain, head or tail. */
  readonly type: number;
  /** Where in a head its extent begins. */
  readonly offset: number;
  /** Of a head. */
  readonly block: number;
  /** How many blocks the extent has whose second cluster this is, where it says so. */
  readonly blocks: number | undefined;
}

/** An index. */
export interface ReadIndex {
  readonly algorithm: number;
  /** Whether plain blocks are rings. */
  readonly interlaced: boolean;
  /** @throws AssembleError `filesystem/erofs-invalid` */
  cluster(index: number): IndexedCluster;
}

/** Opens the index of an inode. @throws AssembleError `filesystem/erofs-invalid`, `filesystem/erofs-unsupported` */
export function openIndex(volume: ErofsVolume, { nid, size, end, layout }: ReadInode): ReadIndex {
  if ((volume.superblock.featureIncompat & INCOMPATIBLE.zeroPadding) === 0)
    throw unsupported(`inode ${nid} is compressed in blocks that are padded at their ends`);
  const start = alignUp(end, 8);
  const { advise, algorithms, clusterBits } = decodeStructure(MapHeader, exactly(volume, start, MapHeader.size));
  const isCompact = layout === DATA_LAYOUT.compressedCompact;
  // In a full index they mean another form of it, and a second algorithm.
  const others = ADVISE.inline | ADVISE.fragment | (isCompact ? 0 : ADVISE.bigClusters2 | ADVISE.compact2);
  if (clusterBits !== 0 || (advise & others) !== 0)
    throw unsupported(`inode ${nid} has fragments, inline or other clusters`);
  const clusters = Math.ceil(size / BLOCK_BYTES);
  const big = (advise & ADVISE.bigClusters) !== 0;
  const first = start + (isCompact ? MapHeader.size : FULL_INDEX_START);
  const plan = planPacks(first, { clusters, large: (advise & ADVISE.compact2) !== 0 });
  const last = packOf(plan, clusters - 1);
  const indexEnd = first + (isCompact ? last.offset + last.bytes : ClusterIndex.size * clusters);
  if (indexEnd > volume.image.size) throw corrupt(`inode ${nid} has ${size} bytes, its index goes on behind the image`);
  const place = { nid, first, big };
  return {
    algorithm: algorithms & 15,
    interlaced: (advise & ADVISE.interlaced) !== 0,
    cluster: isCompact ? compactClusters(volume, { ...place, plan }) : fullClusters(volume, place),
  };
}

interface IndexPlace {
  readonly nid: number;
  /** Where in the image the first cluster's entry is. */
  readonly first: number;
  readonly big: boolean;
}

function fullClusters(volume: ErofsVolume, { nid, first, big }: IndexPlace): ReadIndex["cluster"] {
  return (index) => {
    const bytes = exactly(volume, first + ClusterIndex.size * index, ClusterIndex.size);
    const { type, offset, place } = decodeStructure(ClusterIndex, bytes);
    const kind = type & 3;
    refuseWrong(nid, { index, type: kind, offset });
    return { type: kind, offset, block: place, blocks: big ? countIn(place & 0xffff) : undefined };
  };
}

/** Packs are read whole, and the last one is kept. */
function compactClusters(
  volume: ErofsVolume,
  { nid, first, big, plan }: IndexPlace & { readonly plan: PackPlan },
): ReadIndex["cluster"] {
  let known: { readonly place: PackPlace; readonly clusters: readonly IndexedCluster[] } | undefined;
  return (index) => {
    if (known === undefined || index < known.place.first || index >= known.place.first + known.place.clusters) {
      const place = packOf(plan, index);
      known = { place, clusters: readPack(exactly(volume, first + place.offset, place.bytes), { place, big }) };
    }
    const cluster = known.clusters[index - known.place.first]!;
    refuseWrong(nid, { index, ...cluster });
    return cluster;
  };
}

function readPack(
  bytes: Uint8Array,
  { place, big }: { readonly place: PackPlace; readonly big: boolean },
): readonly IndexedCluster[] {
  const base = new DataView(bytes.buffer, bytes.byteOffset).getUint32(place.bytes - 4, true);
  const counter = new BlockCounter(big ? base : base + 1, big);
  return unpackClusters(bytes, place).map((word) => {
    const type = word >> VALUE_BITS;
    const value = word & (BLOCK_BYTES - 1);
    const block = counter.take(word);
    if (type !== CLUSTER_TYPE.tail) return { type, offset: value, block, blocks: undefined };
    return { type, offset: 0, block: 0, blocks: big ? countIn(value) : undefined };
  });
}

function countIn(value: number): number | undefined {
  return (value & BLOCK_COUNT) === 0 ? undefined : value & (BLOCK_COUNT - 1);
}

function refuseWrong(nid: number, { index, type, offset }: { index: number; type: number; offset: number }): void {
  if (type === CLUSTER_TYPE.head2 || offset >= BLOCK_BYTES)
    throw corrupt(`cluster ${index} of inode ${nid} is of type ${type} from ${offset} on`);
}
