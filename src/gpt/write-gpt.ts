/**
 * Writes the partition tables of a disk: protective MBR, GPT, and the GPT's copy at the disk's end (UEFI 2.10 §5.2.3, §5.3).
 * 128 entries, sectors of 512 bytes. Checked by: sgdisk -v, sfdisk --verify.
 */

import { crc32 } from "../bytes/crc32.js";
import { guidBytes } from "../bytes/guid.js";
import {
  BACKUP_SECTORS,
  ENTRIES,
  ENTRY_SECTORS,
  GPT_REVISION,
  GPT_SIGNATURE,
  GptEntry,
  GptHeader,
  MBR_SIGNATURE,
  MbrPartition,
  PROTECTIVE_TYPE,
  ProtectiveMbr,
  SECTOR,
} from "./gpt-layout.js";

/** A partition as the table has it. */
export interface GptPartition {
  readonly typeUuid: string;
  readonly uuid: string;
  /** Up to 36 UTF-16 units. */
  readonly label: string;
  readonly startLba: number;
  readonly sectors: number;
  readonly attributes: bigint;
}

/** A whole table. */
export interface Gpt {
  /** A multiple of 512. */
  readonly diskBytes: number;
  readonly diskUuid: string;
  /** The first sector that a partition may have: 34, or 2,048 where 1 MiB is kept free. */
  readonly firstUsableLba: number;
  readonly partitions: readonly GptPartition[];
}

/** The bytes at the begin and at the end of the disk. */
export function writeGpt(gpt: Gpt): { readonly head: Uint8Array; readonly tail: Uint8Array } {
  const sectors = gpt.diskBytes / SECTOR;
  const array = new Uint8Array(ENTRIES * GptEntry.size);
  for (const [i, { typeUuid, uuid, label, startLba, sectors: count, attributes }] of gpt.partitions.entries())
    GptEntry.encodeInto(array, i * GptEntry.size, {
      typeGuid: guidBytes(typeUuid),
      uniqueGuid: guidBytes(uuid),
      startLba,
      endLba: startLba + count - 1,
      attributes,
      name: Array.from({ length: 36 }, (_, at) => (at < label.length ? label.charCodeAt(at) : 0)),
    });
  const header = (myLba: number, alternateLba: number, partitionEntryLba: number): Uint8Array => {
    const bytes = new Uint8Array(SECTOR);
    GptHeader.encodeInto(bytes, 0, {
      signature: GPT_SIGNATURE,
      revision: GPT_REVISION,
      headerSize: GptHeader.size,
      headerCrc32: 0,
      reserved: 0,
      myLba,
      alternateLba,
      firstUsableLba: gpt.firstUsableLba,
      lastUsableLba: sectors - BACKUP_SECTORS - 1,
      diskGuid: guidBytes(gpt.diskUuid),
      partitionEntryLba,
      partitionEntries: ENTRIES,
      partitionEntrySize: GptEntry.size,
      partitionEntriesCrc32: crc32(array),
    });
    const sum = crc32(bytes.subarray(0, GptHeader.size));
    new DataView(bytes.buffer).setUint32(GptHeader.offsetOf("headerCrc32"), sum, true);
    return bytes;
  };
  const last = sectors - 1;
  const head = new Uint8Array((2 + ENTRY_SECTORS) * SECTOR);
  head.set(protectiveMbr(sectors));
  head.set(header(1, last, 2), SECTOR);
  head.set(array, 2 * SECTOR);
  const tail = new Uint8Array(BACKUP_SECTORS * SECTOR);
  tail.set(array);
  tail.set(header(last, 1, last - ENTRY_SECTORS), ENTRY_SECTORS * SECTOR);
  return { head, tail };
}

/** One partition over the whole disk, so that what does not know GPT sees no free space. */
function protectiveMbr(sectors: number): Uint8Array {
  const partition = MbrPartition.encode({
    bootIndicator: 0,
    startChs: Uint8Array.of(0x00, 0x02, 0x00),
    osType: PROTECTIVE_TYPE,
    endChs: Uint8Array.of(0xff, 0xff, 0xff),
    startLba: 1,
    sectors: Math.min(sectors - 1, 0xffffffff),
  });
  return ProtectiveMbr.encode({
    bootCode: new Uint8Array(440),
    diskSignature: 0,
    unknown: 0,
    partitions: [partition, new Uint8Array(16), new Uint8Array(16), new Uint8Array(16)],
    signature: MBR_SIGNATURE,
  });
}
