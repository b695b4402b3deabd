/** The check after each .xz block, over its uncompressed data (.xz file format 1.2.0, §2.1.1.2 and §3.4). */

import { createHash } from "node:crypto";
import { crc32 } from "../../bytes/crc32.js";
import { Crc64 } from "./crc64.js";
import { unsupported } from "./errors.js";

/** A running check. */
export interface BlockCheck {
  readonly size: number;
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

const SIZES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

/** Size in bytes of the check with this number. Throws `codec/xz-unsupported` for one that is not known, since it could not be verified. */
export function checkSize(id: number): number {
  const size = SIZES[id];
  if (size === undefined) throw unsupported(`check number ${id}`);
  return size;
}

/** Starts a check. */
export function startCheck(id: number): BlockCheck {
  const size = checkSize(id);
  if (id === 4) {
    const crc = new Crc64();
    return { size, update: (bytes) => crc.update(bytes), digest: () => crc.digest() };
  }
  if (id === 10) {
    const hash = createHash("sha256");
    return { size, update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
  }
  if (id === 1) {
    let value = 0;
    return {
      size,
      update: (bytes) => {
        value = crc32(bytes, value);
      },
      digest: () => {
        const bytes = new Uint8Array(4);
        new DataView(bytes.buffer).setUint32(0, value, true);
        return bytes;
      },
    };
  }
  return { size, update: () => {}, digest: () => new Uint8Array(0) };
}
