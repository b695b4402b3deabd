/**
 * Follows chains of clusters through a FAT that may be damaged or hostile.
 */

import type { FileContent } from "../../bytes/content.js";
import type { RandomAccess } from "../../codec/random-access.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** Where a volume's table and clusters lie. */
export interface ChainPlaces {
  readonly type: 16 | 32;
  readonly clusters: number;
  readonly tableOffset: number;
  readonly dataOffset: number;
  readonly clusterBytes: number;
}

const WINDOW_BYTES = 1 << 16;
const CHUNK_BYTES = 1 << 20;
/** 65,536 entries of 32 bytes. */
const DIRECTORY_BYTES_MAX = 1 << 21;
const FIRST_CLUSTER = 2;

/** Reads what chains lead to. */
export class ClusterChains {
  private readonly source: RandomAccess;
  private readonly places: ChainPlaces;
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = -1;

  constructor(source: RandomAccess, places: ChainPlaces) {
    this.source = source;
    this.places = places;
  }

  /** All bytes of a directory. Its clusters are added to `entered`; one that is in there already is an error. */
  readDirectory(first: number, entered: Set<number>): Uint8Array {
    const { clusterBytes } = this.places;
    const pieces: Uint8Array[] = [];
    for (let cluster: number | undefined = first; cluster !== undefined; cluster = this.next(cluster)) {
      this.check(cluster);
      if (entered.has(cluster)) throw damaged("a cluster belongs to two directories");
      entered.add(cluster);
      pieces.push(this.source.read(this.offsetOf(cluster), clusterBytes));
      if (pieces.length * clusterBytes > DIRECTORY_BYTES_MAX + clusterBytes)
        throw damaged("a directory has more than 65,536 entries");
    }
    const bytes = new Uint8Array(pieces.length * clusterBytes);
    for (const [i, piece] of pieces.entries()) bytes.set(piece, i * clusterBytes);
    return bytes;
  }

  /** A file's bytes. */
  content(first: number, size: number): FileContent {
    let known: readonly number[] | undefined;
    const runs = (): readonly number[] => {
      known ??= this.runsOf(first, size);
      return known;
    };
    const read = (offset = 0, length = size - offset): Uint8Array => {
      const count = Math.max(0, Math.min(length, size - offset));
      const bytes = new Uint8Array(count);
      if (count > 0) this.fill(runs(), offset, bytes);
      return bytes;
    };
    return {
      size,
      read,
      async *chunks() {
        for (let at = 0; at < size; at += CHUNK_BYTES) yield read(at, CHUNK_BYTES);
      },
    };
  }

  private fill(runs: readonly number[], offset: number, bytes: Uint8Array): void {
    const { clusterBytes } = this.places;
    let at = 0;
    let filled = 0;
    for (let i = 0; i < runs.length && filled < bytes.length; i += 2) {
      const length = runs[i + 1]! * clusterBytes;
      const skip = Math.max(0, offset + filled - at);
      if (skip < length) {
        const count = Math.min(length - skip, bytes.length - filled);
        bytes.set(this.source.read(this.offsetOf(runs[i]!) + skip, count), filled);
        filled += count;
      }
      at += length;
    }
  }

  /** First cluster and number of clusters of each run, flat: a fragmented file has millions. */
  private runsOf(first: number, size: number): number[] {
    const count = Math.ceil(size / this.places.clusterBytes);
    if (count > this.places.clusters) throw damaged(`a file has ${size} bytes, more than the volume`);
    const runs: number[] = [];
    let cluster: number | undefined = first;
    for (let i = 0; i < count; i++) {
      if (cluster === undefined) throw damaged("a file ends before its size");
      this.check(cluster);
      const last = runs.length - 2;
      if (last >= 0 && runs[last]! + runs[last + 1]! === cluster) runs[last + 1]!++;
      else runs.push(cluster, 1);
      cluster = this.next(cluster);
    }
    return runs;
  }

  private check(cluster: number): void {
    if (cluster < FIRST_CLUSTER || cluster >= FIRST_CLUSTER + this.places.clusters)
      throw damaged(`a chain leads to cluster ${cluster}, which is none of the ${this.places.clusters} there are`);
  }

  private offsetOf(cluster: number): number {
    return this.places.dataOffset + (cluster - FIRST_CLUSTER) * this.places.clusterBytes;
  }

  /** The cluster after this one; undefined at the end of a chain. */
  private next(cluster: number): number | undefined {
    const is32 = this.places.type === 32;
    const place = cluster * (is32 ? 4 : 2);
    const start = Math.floor(place / WINDOW_BYTES) * WINDOW_BYTES;
    if (start !== this.windowStart) {
      this.window = this.source.read(this.places.tableOffset + start, WINDOW_BYTES);
      this.windowStart = start;
    }
    const at = place - start;
    const view = new DataView(this.window.buffer, this.window.byteOffset, this.window.byteLength);
    const value = is32 ? view.getUint32(at, true) & 0x0fffffff : view.getUint16(at, true);
    return value >= (is32 ? 0x0ffffff8 : 0xfff8) ? undefined : value;
  }
}

function damaged(is: string): AssembleError {
  return new AssembleError("fat/damaged", `Cannot read a FAT file system: ${is}`);
}
