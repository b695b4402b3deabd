/**
 * The superblock of dm-verity's on-disk format, version 1 (cryptsetup wiki, "DMVerity: On-disk format"; veritysetup(8)).
 * It takes the first 512 bytes of the hash area; the rest of its hash block is zero.
 */

import { array, ascii, at, layout, raw, u8, u16, u32, u64, type Values } from "../../bytes/layout.js";

/** The superblock. */
export const VeritySuperblock = layout("VeritySuperblock", 512, "little", {
  signature: at(0, raw(8)),
  version: at(8, u32),
  hashType: at(12, u32),
  uuid: at(16, raw(16)),
  algorithm: at(32, ascii(32)),
  dataBlockSize: at(64, u32),
  hashBlockSize: at(68, u32),
  dataBlocks: at(72, u64),
  saltSize: at(80, u16),
  pad1: at(82, array(6, u8)),
  salt: at(88, raw(256)),
  pad2: at(344, raw(168)),
});
export type VeritySuperblock = Values<typeof VeritySuperblock>;

/** "verity" and two NULs. */
export const VERITY_SIGNATURE: readonly number[] = [0x76, 0x65, 0x72, 0x69, 0x74, 0x79, 0, 0];

/** The longest salt the superblock holds. */
export const VERITY_SALT_MAX = 256;
