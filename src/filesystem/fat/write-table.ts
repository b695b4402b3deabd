/**
 * The file allocation table: for each cluster the one that follows it. Made piece by piece, since the table of a large
 * volume has megabytes.
 */

import type { Content } from "../../bytes/content.js";
import { MEDIA_FIXED, SECTOR } from "./boot-sector.js";
import { type FatPlan, FIRST_CLUSTER } from "./plan-fat.js";

const ENTRIES_PER_CHUNK = 1 << 18;

/** The part of the table that is not zeros, in whole sectors. */
export function fatTableContent(plan: FatPlan): Content {
  const entryBytes = plan.geometry.type / 8;
  const used = (FIRST_CLUSTER + plan.usedClusters) * entryBytes;
  const size = Math.ceil(used / SECTOR) * SECTOR;
  return {
    size,
    async *chunks() {
      for (let first = 0; first * entryBytes < size; first += ENTRIES_PER_CHUNK) {
        const count = Math.min(ENTRIES_PER_CHUNK, size / entryBytes - first);
        yield tablePiece(plan, first, count);
      }
    },
  };
}

function tablePiece(plan: FatPlan, first: number, count: number): Uint8Array {
  const is32 = plan.geometry.type === 32;
  const end = is32 ? 0x0fffffff : 0xffff;
  const piece = new Uint8Array(count * (is32 ? 4 : 2));
  const view = new DataView(piece.buffer);
  const set = (cluster: number, value: number): void => {
    if (is32) view.setUint32((cluster - first) * 4, value, true);
    else view.setUint16((cluster - first) * 2, value, true);
  };
  if (first === 0) {
    set(0, (end & ~0xff) | MEDIA_FIXED);
    set(1, end);
  }
  for (const { firstCluster, clusters } of plan.nodes) {
    const last = firstCluster + clusters - 1;
    if (last < first || firstCluster >= first + count) continue;
    for (let cluster = Math.max(first, firstCluster); cluster <= Math.min(last, first + count - 1); cluster++)
      set(cluster, cluster === last ? end : cluster + 1);
  }
  return piece;
}
