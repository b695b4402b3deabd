/**
 * The EFI system partition of an image: a FAT32 file system with the UKI where firmware looks for it when nobody has told it
 * otherwise (UEFI 2.10 §3.5.1.1).
 */

import type { Content } from "../bytes/content.js";
import { deriveBytes } from "../config/ids.js";
import type { RecipeDisk } from "../config/recipe-parts.js";
import { leastFatBytes, writeFat } from "../filesystem/fat/write-fat.js";
import type { PartitionSource } from "./plan-disk.js";

/** What an ESP depends on. */
export interface EspOptions {
  readonly seed: string;
  readonly mtimeSeconds: number;
  readonly layout: RecipeDisk["layout"];
}

/** Where a firmware for amd64 looks. */
export const BOOT_PATH = "EFI/BOOT/BOOTX64.EFI";

const MEBIBYTE = 1 << 20;
/** Room for a second, larger UKI's growth, and at least as much as FAT32 needs. */
const SLACK_BYTES = 32 * MEBIBYTE;
/** The measured layout: the UKI and 32 MiB, but 260 MiB at least. */
const FLASHBOTS_BYTES_MIN = 260 * MEBIBYTE;

/** The ESP that boots a UKI. Its least size is that of its files, which also `disk.espSize: auto` asks for with 32 MiB more. */
export function espSource(uki: Content, options: EspOptions & { readonly auto: boolean }): PartitionSource {
  const { seed, mtimeSeconds } = options;
  const entries = [{ path: BOOT_PATH, content: uki }];
  const isFlashbots = options.layout === "gcp-flashbots";
  const id = deriveBytes(seed, "esp:volume-id", 4);
  const volume = {
    volumeId: isFlashbots ? 0x12345678 : new DataView(id.buffer, id.byteOffset).getUint32(0),
    label: "ESP",
    type: 32,
    mtimeSeconds,
  } as const;
  return {
    bytes: leastBytes(),
    fill: ({ sizeBytes, startLba }) => writeFat(entries, { ...volume, sizeBytes, hiddenSectors: startLba }),
  };

  function leastBytes(): number {
    if (isFlashbots) return Math.max(FLASHBOTS_BYTES_MIN, Math.ceil((uki.size + SLACK_BYTES) / 4096) * 4096);
    const least = leastFatBytes(entries, volume);
    return options.auto ? Math.ceil((Math.max(least, uki.size) + SLACK_BYTES) / MEBIBYTE) * MEBIBYTE : least;
  }
}
