/**
 * How much memory an image is run with where nobody says: what its manifest asks for, but no less than an ordinary
 * machine has.
 */

import { open } from "node:fs/promises";

/** 2 GiB: QEMU takes memory only as the guest touches it. */
export const MEMORY_BYTES_DEFAULT = 2 * 2 ** 30;
const MANIFEST_BYTES_MAX = 64 << 20;

/** Memory for an artifact, in bytes: the larger of `leastMemoryBytes` in the manifest beside it and the default. */
export async function defaultMemory(artifact: string): Promise<number> {
  const least = await leastMemory(artifact.replace(/\.[^./]*$/, ".manifest.json"));
  return Math.max(MEMORY_BYTES_DEFAULT, least ?? 0);
}

/** An image can be run without its manifest: one that is missing or damaged is not looked at. */
async function leastMemory(manifest: string): Promise<number | undefined> {
  try {
    const file = await open(manifest, "r");
    try {
      if ((await file.stat()).size > MANIFEST_BYTES_MAX) return undefined;
      const { leastMemoryBytes } = JSON.parse(await file.readFile("utf8")) as { readonly leastMemoryBytes?: unknown };
      return Number.isSafeInteger(leastMemoryBytes) ? (leastMemoryBytes as number) : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
