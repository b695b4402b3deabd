/**
 * Whether a file is something that `run` can boot: so far a UKI.
 */

import { open } from "node:fs/promises";
import { AssembleError } from "../../errors/assemble-error.js";
import { MACHINE_AMD64 } from "../../uki/pe/headers.js";
import { findSection, parsePe } from "../../uki/pe/read-pe.js";

const HEAD_BYTES = 1 << 16;

/**
 * Refuses what is no UKI for amd64.
 *
 * @throws AssembleError `run/artifact-invalid`
 */
export async function checkArtifact(path: string): Promise<void> {
  try {
    const handle = await open(path, "r");
    try {
      const head = new Uint8Array(HEAD_BYTES);
      const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
      const { size } = await handle.stat();
      const image = parsePe(head.subarray(0, bytesRead), size);
      if (image.coff.machine !== MACHINE_AMD64 || findSection(image, ".linux") === undefined)
        throw invalid(path, "it is a PE file without a kernel for amd64 in it");
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof AssembleError && cause.code === "run/artifact-invalid") throw cause;
    throw invalid(path, (cause as Error).message, cause);
  }
}

function invalid(path: string, is: string, cause?: unknown): AssembleError {
  return new AssembleError("run/artifact-invalid", `Cannot run ${path}: ${is}, a UKI (.efi) was wanted`, {
    cause,
    hint: "build one with `tdx-assemble build --format uki`",
  });
}
