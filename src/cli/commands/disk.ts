/**
 * `disk create FILE`: an empty disk of any size, in no time.
 */
import { randomUUID } from "node:crypto";
import type { Content } from "../../bytes/content.js";
import { guidBytes } from "../../bytes/guid.js";
import { zeroContent } from "../../bytes/sparse-content.js";
import { emptyQcow2 } from "../../gpt/containers/qcow2.js";
import { writeDynamicVhd } from "../../gpt/containers/vhd.js";
import { writeFileAtomically } from "../../io/atomic-file.js";
import type { CommandContext } from "../common-options.js";
import type { DiskFormat } from "../options/disk.js";
import { formatBytes } from "../terminal.js";

const SECTOR = 512;

/** Makes the disk. A file that is there is left alone. */
export async function createDisk(
  context: CommandContext,
  file: string,
  own: { readonly size: number; readonly format?: DiskFormat },
): Promise<number> {
  const format = own.format ?? formatOfName(file);
  const disk = emptyDisk(format, own.size);
  const written = await writeFileAtomically(context.path(file), disk, {
    signal: context.signal,
    replace: false,
    hash: false,
  });
  const { terminal } = context;
  if (terminal.json) terminal.result({ file, format, size: own.size, fileBytes: written.size });
  else if (!terminal.quiet) terminal.error(`${file}: an empty ${format} disk of ${formatBytes(own.size)}`);
  return 0;
}

function formatOfName(file: string): DiskFormat {
  if (/\.(raw|img)$/i.test(file)) return "raw";
  return /\.vhd$/i.test(file) ? "vhd" : "qcow2";
}

function emptyDisk(format: DiskFormat, size: number): Content {
  if (format === "qcow2") return emptyQcow2(size);
  const disk = zeroContent(Math.ceil(size / SECTOR) * SECTOR);
  // The id only tells disks of one host apart.
  return format === "raw" ? disk : writeDynamicVhd(disk, { uniqueId: guidBytes(randomUUID()), timeSeconds: 0 });
}
