/**
 * CRC-64 (ECMA-182, polynomial 0xC96C5795D7870F42 reflected), the default check of .xz blocks (.xz file format 1.2.0, §3.4).
 *
 * In two halves of 32 bits, since BigInt is some fifty times slower; eight bytes a step from eight tables.
 */

const TABLE_LOW = new Int32Array(8 * 256);
const TABLE_HIGH = new Int32Array(8 * 256);
for (let n = 0; n < 256; n++) {
  let low = n;
  let high = 0;
  for (let k = 0; k < 8; k++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry) {
      low ^= 0xd7870f42;
      high ^= 0xc96c5795;
    }
  }
  TABLE_LOW[n] = low;
  TABLE_HIGH[n] = high;
}
for (let k = 256; k < 8 * 256; k++) {
  const low = TABLE_LOW[k - 256]!;
  const high = TABLE_HIGH[k - 256]!;
  TABLE_LOW[k] = TABLE_LOW[low & 0xff]! ^ ((low >>> 8) | (high << 24));
  TABLE_HIGH[k] = TABLE_HIGH[low & 0xff]! ^ (high >>> 8);
}

/** A running CRC-64. */
export class Crc64 {
  private low = -1;
  private high = -1;

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const lows = TABLE_LOW;
    const highs = TABLE_HIGH;
    let low = this.low;
    let high = this.high;
    let at = 0;
    for (const end8 = bytes.length - 7; at < end8; at += 8) {
      const a = low ^ view.getInt32(at, true);
      const b = high ^ view.getInt32(at + 4, true);
      const i0 = 1792 + (a & 0xff);
      const i1 = 1536 + ((a >>> 8) & 0xff);
      const i2 = 1280 + ((a >>> 16) & 0xff);
      const i3 = 1024 + (a >>> 24);
      const i4 = 768 + (b & 0xff);
      const i5 = 512 + ((b >>> 8) & 0xff);
      const i6 = 256 + ((b >>> 16) & 0xff);
      const i7 = b >>> 24;
      low = lows[i0]! ^ lows[i1]! ^ lows[i2]! ^ lows[i3]! ^ lows[i4]! ^ lows[i5]! ^ lows[i6]! ^ lows[i7]!;
      high = highs[i0]! ^ highs[i1]! ^ highs[i2]! ^ highs[i3]! ^ highs[i4]! ^ highs[i5]! ^ highs[i6]! ^ highs[i7]!;
    }
    for (; at < bytes.length; at++) {
      const i = (low ^ bytes[at]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ lows[i]!;
      high = (high >>> 8) ^ highs[i]!;
    }
    this.low = low;
    this.high = high;
  }

  /** The eight bytes of the value, little-endian. */
  digest(): Uint8Array {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, ~this.low, true);
    view.setInt32(4, ~this.high, true);
    return bytes;
  }
}
