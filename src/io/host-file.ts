/**
 * Small files of the host that a recipe names, read whole.
 */

import { readFile } from "node:fs/promises";

/** Reads a file. Errors are Node's. */
export async function readHostFile(path: string): Promise<Uint8Array> {
  return readFile(path);
}
