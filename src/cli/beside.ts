/**
 * What lies beside an artifact: its manifest and its checksums.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formatEndings } from "../assemble.js";
import type { FileContent } from "../bytes/content.js";
import { hashContent } from "../bytes/hash-content.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { Manifest } from "../report/manifest.js";
import { parseManifest } from "../report/read-manifest.js";
import { certificateTable, readPe } from "../uki/pe/read-pe.js";
import { withoutSignatures } from "../uki/signing/read-signature.js";

/** A manifest and where it lies. */
export interface FoundManifest {
  readonly path: string;
  readonly text: string;
  readonly manifest: Manifest;
}

/** The artifact's path without the ending of its format; undefined where it has none. */
export function stemOf(artifact: string): string | undefined {
  const name = basename(artifact);
  const ending = Object.values(formatEndings)
    .filter((one) => name.endsWith(one))
    .sort((a, b) => b.length - a.length)[0];
  return ending === undefined ? undefined : join(dirname(artifact), name.slice(0, -ending.length));
}

/** The manifest beside an artifact; undefined where there is none. @throws AssembleError `verify/manifest-invalid` */
export function manifestBeside(artifact: string): FoundManifest | undefined {
  const stem = stemOf(artifact);
  if (stem === undefined) return undefined;
  const path = `${stem}.manifest.json`;
  const text = readIfThere(path);
  return text === undefined ? undefined : { path, text, manifest: parseManifest(text, path) };
}

/** The manifest beside an artifact, or beside the one that was signed. @throws AssembleError `verify/manifest-invalid` */
export function manifestOf(path: string): FoundManifest | undefined {
  return manifestBeside(path) ?? manifestBeside(path.replace(/\.signed\.efi$/, ".efi"));
}

/** What a signed PE file was before it was signed; undefined for anything else. */
export async function unsignedOf(
  content: FileContent,
): Promise<{ readonly bytes: number; readonly sha256: string } | undefined> {
  const magic = content.read(0, 2);
  if (magic[0] !== 0x4d || magic[1] !== 0x5a || certificateTable(await readPe(content)) === undefined) return undefined;
  const unsigned = await withoutSignatures(content);
  return { bytes: unsigned.size, sha256: await hashContent(unsigned) };
}

/** A text file, or undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new AssembleError("io/failed", `Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}
