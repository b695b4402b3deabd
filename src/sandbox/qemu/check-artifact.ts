/**
 * Whether a file is something that `run` can boot: a UKI, or a disk with a partition table.
 */

import { open } from "node:fs/promises";
import { AssembleError } from "../../errors/assemble-error.js";
import { GPT_SIGNATURE, SECTOR } from "../../gpt/gpt-layout.js";
import { MACHINE_AMD64 } from "../../uki/pe/headers.js";
import { findSection, parsePe } from "../../uki/pe/read-pe.js";
import { diskFormatOf } from "./prepare-disk.js";
import type { AttachedDisk } from "./qemu-arguments.js";

const HEAD_BYTES = 1 << 16;

/** What is booted: a UKI, handed over by QEMU, or a disk of this format, which the firmware boots from. */
export type ArtifactKind = "uki" | AttachedDisk["format"];

/**
 * Says what an artifact is; refuses what is no UKI for amd64 and no disk.
 *
 * @throws AssembleError `run/artifact-invalid`
 */
export async function checkArtifact(path: string): Promise<ArtifactKind> {
  try {
    const handle = await open(path, "r");
    try {
      const head = new Uint8Array(HEAD_BYTES);
      const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
      const { size } = await handle.stat();
      if (Buffer.from(head.subarray(SECTOR, SECTOR + GPT_SIGNATURE.length)).toString("latin1") === GPT_SIGNATURE)
        return (await diskFormatOf(path, size)) === "vpc" ? "vpc" : "raw";
      const format = await diskFormatOf(path, size);
      if (format !== "raw") return format;
      const image = parsePe(head.subarray(0, bytesRead), size);
      if (image.coff.machine !== MACHINE_AMD64 || findSection(image, ".linux") === undefined)
        throw invalid(path, "it is a PE file without a kernel for amd64 in it");
      return "uki";
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof AssembleError && cause.code === "run/artifact-invalid") throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw invalid(path, code === "ENOENT" ? "it does not exist" : message, cause);
  }
}

function invalid(path: string, is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "run/artifact-invalid",
    `Cannot run ${path}: ${is}, a UKI (.efi) or a disk with a GPT was wanted`,
    {
      cause,
      hint: "build one with `tdx-assemble build --format uki`",
    },
  );
}
