/**
 * Disks of a run: found, or made when they are missing.
 */

import { link, open, stat, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AssembleError } from "../../errors/assemble-error.js";
import { emptyQcow2 } from "../../gpt/containers/qcow2.js";
import { QCOW2_MAGIC } from "../../gpt/containers/qcow2-layout.js";
import { isAccessible } from "./find-qemu.js";
import type { AttachedDisk } from "./qemu-arguments.js";

/** A disk that a run is to have. */
export interface RunDisk {
  readonly file: string;
  /** Size in bytes where it is made; default {@link DISK_BYTES_DEFAULT}. Ignored for a file that is there. */
  readonly sizeBytes?: number;
  /** Default {@link DISK_SERIAL_DEFAULT}. */
  readonly serial?: string;
  readonly readOnly?: boolean;
}

/** 2,048 GiB: a sparse file, so it costs nothing until the guest writes. */
export const DISK_BYTES_DEFAULT = 2048 * 2 ** 30;
/** The serial number by which the example images know their disk. */
export const DISK_SERIAL_DEFAULT = "persistent";

/**
 * Makes the disk's file (an empty qcow2) when it is missing, and finds out its format.
 *
 * @throws AssembleError `run/disk-invalid`, `disk/size-invalid`
 */
export async function prepareDisk(disk: RunDisk): Promise<AttachedDisk> {
  const serial = disk.serial ?? DISK_SERIAL_DEFAULT;
  if (!/^[!-~]{1,20}$/.test(serial) || serial.includes(","))
    throw invalid(disk.file, `its serial number is ${JSON.stringify(serial)}`, "1 to 20 ASCII characters");
  if (!(await isAccessible(disk.file))) await makeDisk(disk);
  const found = await stat(disk.file);
  if (!found.isFile() && !found.isBlockDevice()) throw invalid(disk.file, "it is no file", "a disk image");
  return {
    file: disk.file,
    format: await diskFormatOf(disk.file, found.size),
    serial,
    ...(disk.readOnly === undefined ? {} : { readOnly: disk.readOnly }),
  };
}

async function makeDisk({ file, sizeBytes = DISK_BYTES_DEFAULT }: RunDisk): Promise<void> {
  if (await exists(file)) throw invalid(file, "it may not be read", "a readable file");
  const bytes = emptyQcow2(sizeBytes).read();
  const aside = `${file}.new-${process.pid}`;
  try {
    await writeFile(aside, bytes, { flag: "wx" });
    // link, unlike rename, leaves a disk alone that someone else has made meanwhile
    await link(aside, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new AssembleError("run/disk-invalid", `Cannot make the disk ${file}: ${(cause as Error).message}`, {
      cause,
      hint: `is ${dirname(file)} a directory that you may write to?`,
    });
  } finally {
    await unlink(aside).catch(() => {});
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

const VHD_COOKIE = "conectix";
const VHD_FOOTER_BYTES = 512;

/** By content: QEMU's own guessing is unsafe, since a guest may write a header into a raw disk that QEMU then believes. */
export async function diskFormatOf(file: string, size: number): Promise<AttachedDisk["format"]> {
  const handle = await open(file, "r");
  try {
    const head = new Uint8Array(8);
    await handle.read(head, 0, 8, 0);
    if (file.endsWith(".raw") || file.endsWith(".img")) return "raw";
    if (new DataView(head.buffer).getUint32(0) === QCOW2_MAGIC) return "qcow2";
    if (size >= VHD_FOOTER_BYTES) await handle.read(head, 0, 8, size - VHD_FOOTER_BYTES);
    return new TextDecoder("latin1").decode(head) === VHD_COOKIE ? "vpc" : "raw";
  } finally {
    await handle.close();
  }
}

function invalid(file: string, is: string, wanted: string): AssembleError {
  return new AssembleError("run/disk-invalid", `Cannot attach the disk ${file}: ${is}, ${wanted} was wanted`);
}
