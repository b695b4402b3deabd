/**
 * `sbom`: what an image is made of, as the documents that others read: SPDX, CycloneDX, and the provenance of what was built.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Lock, LockEntry } from "../config/lock.js";
import { currentEntry, lockPath } from "../config/lock-entry.js";
import { formatLock } from "../config/lock-file.js";
import type { Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { formatManifest, type Manifest } from "../report/manifest.js";
import { writeProvenance } from "../report/provenance/provenance.js";
import { writeCyclonedx } from "../report/sbom/write-cyclonedx.js";
import { writeSpdx } from "../report/sbom/write-spdx.js";
import { type Options, openSession } from "./session.js";
import { takeInventory } from "./take-inventory.js";

/** What is described. */
export interface SbomOptions extends Options {
  /** The lock of the build, or of a build to come. */
  readonly lock: Lock;
  /** Of the image; without it the recipe alone is described, and has no provenance. */
  readonly manifest?: Manifest | undefined;
  /** Who vouches for the build, a URI; default: this program in its version, which vouches for nothing but itself. */
  readonly builderId?: string | undefined;
}

/** The documents, as the command `sbom` writes them into files. */
export interface Sbom {
  /** SPDX 2.3, JSON. */
  readonly spdx: string;
  /** CycloneDX 1.6, JSON. */
  readonly cyclonedx: string;
  /** An in-toto statement with the predicate SLSA Provenance v1, not signed: only of an image. */
  readonly provenance?: string;
}

/**
 * Describes an image, or what a build of a recipe would be made of. The same input gives the same bytes.
 *
 * @throws AssembleError `lock/missing`, `lock/stale`, `sbom/other-lock`, `sbom/file-missing`, and those of downloading
 * @example
 * ```ts
 * const { spdx, provenance } = await sbom(recipe, { lock, manifest: image.manifest });
 * ```
 */
export async function sbom(recipe: Recipe, options: SbomOptions): Promise<Sbom> {
  const { lock, manifest, builderId, ...library } = options;
  const entry = describedEntry(recipe, { lock, manifest });
  const session = openSession(library);
  try {
    const inventory = await takeInventory(session, { recipe, entry, manifest });
    const documents = { spdx: writeSpdx(inventory), cyclonedx: writeCyclonedx(inventory) };
    if (manifest === undefined) return documents;
    const statement = writeProvenance({
      inventory,
      manifest,
      manifestFile: { name: `${recipe.outputName}.manifest.json`, sha256: sha256Of(formatManifest(manifest)) },
      lockFile: { name: basename(lockPath(recipe)), sha256: sha256Of(formatLock(lock)) },
      recipe: basename(recipe.provenance.file ?? "image.yaml"),
      builderId,
    });
    return { ...documents, provenance: `${statement}\n` };
  } finally {
    await session.close();
  }
}

/** The lock's entry of a recipe, which has to be that of the image. @throws AssembleError `lock/missing`, `lock/stale`, `sbom/other-lock` */
export function describedEntry(
  recipe: Recipe,
  {
    lock,
    manifest,
    artifact = recipe.outputName,
  }: {
    readonly lock: Lock | undefined;
    readonly manifest: Manifest | undefined;
    readonly artifact?: string | undefined;
  },
): LockEntry {
  const entry = currentEntry(lock, recipe);
  if (manifest !== undefined && manifest.lockDigest !== entry.digest)
    throw new AssembleError(
      "sbom/other-lock",
      `Cannot describe ${artifact}: it was built from a lock with the digest ${manifest.lockDigest}, that of the recipe has ${entry.digest}`,
      { hint: "name the recipe that it was built from" },
    );
  return entry;
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
