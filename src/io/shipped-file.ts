/**
 * Files that travel inside the package beside `dist/` (the archive keys), found relative to this module so that an
 * installed package, a clone and a test all read the same ones.
 */

import { readFile } from "node:fs/promises";

/** Reads a file of the package; `name` is relative to its root, with `/`. */
export async function readShippedFile(name: string): Promise<Uint8Array> {
  return readFile(new URL(`../../${name}`, import.meta.url));
}
