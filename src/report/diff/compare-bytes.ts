/**
 * Compares two contents as they stream by, in constant memory.
 */
import type { Content } from "../../bytes/content.js";

/** Where two contents differ. */
export interface ByteDifference {
  /** Of the first byte that differs; the shorter one's size where one begins with the other. */
  readonly offset: number;
  /** How many bytes differ; undefined where the sizes do. */
  readonly count: number | undefined;
  /** The first bytes that differ, in hex. */
  readonly left: string;
  readonly right: string;
}

const SHOWN_BYTES = 8;

/** Where two contents differ; undefined where they are equal. */
export async function compareBytes(left: Content, right: Content): Promise<ByteDifference | undefined> {
  if (left === right) return undefined;
  const sides = [left.chunks()[Symbol.asyncIterator](), right.chunks()[Symbol.asyncIterator]()] as const;
  const held: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  const sameSize = left.size === right.size;
  let found: { offset: number; left: string; right: string } | undefined;
  let count = 0;
  let at = 0;
  try {
    for (;;) {
      for (const i of [0, 1] as const) {
        while (held[i].length === 0) {
          const next = await sides[i].next();
          if (next.done === true) break;
          held[i] = next.value;
        }
      }
      const length = Math.min(held[0].length, held[1].length);
      if (length === 0) break;
      const a = held[0].subarray(0, length);
      const b = held[1].subarray(0, length);
      if (Buffer.compare(a, b) !== 0) {
        let i = 0;
        while (a[i] === b[i]) i++;
        found ??= { offset: at + i, left: hex(held[0].subarray(i)), right: hex(held[1].subarray(i)) };
        if (!sameSize) return { ...found, count: undefined };
        for (; i < length; i++) if (a[i] !== b[i]) count++;
      }
      at += length;
      held[0] = held[0].subarray(length);
      held[1] = held[1].subarray(length);
    }
    if (found !== undefined) return { ...found, count };
    if (held[0].length === 0 && held[1].length === 0) return undefined;
    return { offset: at, count: undefined, left: hex(held[0]), right: hex(held[1]) };
  } finally {
    await Promise.all(sides.map((side) => side.return?.()));
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString("hex");
}
