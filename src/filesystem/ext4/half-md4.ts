/**
 * The hash that orders an indexed directory: half MD4 over the name (Linux, Documentation/filesystems/ext4/directory.rst, "Hash Tree
 * Directories"), with characters taken as signed, as a file system made on amd64 says in its superblock. Checked by: debugfs dx_hash.
 */

/** A name's hash; entries of one hash are told apart by the minor one. */
export interface NameHash {
  /** Its lowest bit is clear: in an index it says that a block goes on with the hash of the one before. */
  readonly major: number;
  readonly minor: number;
}

const PIECE = 32;
const K2 = 0x5a827999;
const K3 = 0x6ed9eba1;
/** Stands for the end of a directory: never the hash of a name. */
const END_OF_DIRECTORY = 0xfffffffe;

/** Hashes a name (a byte string) with the file system's seed of four words. */
export function halfMd4(name: string, seed: Uint32Array): NameHash {
  const state = Uint32Array.from(
    seed.some((word) => word !== 0) ? seed : [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476],
  );
  for (let at = 0; at < name.length; at += PIECE) transform(state, packName(name, at));
  const major = (state[1]! & ~1) >>> 0;
  return { major: major === END_OF_DIRECTORY ? END_OF_DIRECTORY - 2 : major, minor: state[2]! };
}

/** Eight words of a name from `start` on, what is missing filled with the length that is left. */
function packName(name: string, start: number): Uint32Array {
  const left = name.length - start;
  const padding = (left & 0xff) * 0x01010101;
  const words = new Uint32Array(PIECE / 4).fill(padding);
  for (let i = 0; i < Math.min(left, PIECE); i += 4) {
    let word = padding | 0;
    for (let k = i; k < Math.min(i + 4, left); k++)
      word = (((name.charCodeAt(start + k) << 24) >> 24) + (word << 8)) | 0;
    words[i / 4] = word;
  }
  return words;
}

function transform(state: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  const round = (
    mix: (x: number, y: number, z: number) => number,
    constant: number,
    order: string,
    shifts: number[],
  ) => {
    for (let i = 0; i < 8; i++) {
      const sum = (a + mix(b, c, d) + words[Number(order[i])]! + constant) | 0;
      const shift = shifts[i % 4]!;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
  };
  round((x, y, z) => z ^ (x & (y ^ z)), 0, "01234567", [3, 7, 11, 19]);
  round((x, y, z) => (x & y) + ((x ^ y) & z), K2, "13570246", [3, 5, 9, 13]);
  round((x, y, z) => x ^ y ^ z, K3, "37261504", [3, 9, 11, 15]);
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}
