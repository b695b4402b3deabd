/**
 * The library (contract §6). Nothing in it prints, exits, or sets anything global.
 */
import { makeLock } from "./apt/make-lock.js";
import { type Options, openSession } from "./assemble/session.js";
import type { Lock } from "./config/lock.js";
import type { Recipe } from "./config/recipe.js";

export { type Sbom, type SbomOptions, sbom } from "./assemble/describe-image.js";
export type { KeptSignatures } from "./assemble/kept-signatures.js";
export type { Options } from "./assemble/session.js";
export { type Verification, type VerifyOptions, verify } from "./assemble/verify.js";
export { type WriteImageOptions, writeImage } from "./assemble/write-image.js";
export { type AssembleOptions, assemble, type Image } from "./assemble.js";
export { type Content, type FileContent, readContent } from "./bytes/content.js";
export { defineImage, type LoadOptions, loadRecipe } from "./config/load-recipe.js";
export type { Lock, LockEntry, LockedPackage } from "./config/lock.js";
export { formatLock, parseLock } from "./config/lock-file.js";
export type { Format, Recipe } from "./config/recipe.js";
export type { ImageInput } from "./config/schema.js";
export { AssembleError } from "./errors/assemble-error.js";
export type { AssembleEvent, OnEvent, Stage } from "./io/event.js";
export type { MachineEnvironment } from "./measure/environment.js";
export type { Bank, Digests, MeasuredEvent, Register } from "./measure/event.js";
export { type Measurements, type MeasureOptions, measure } from "./measure/measure.js";
export type { BootPath, MrtdOrder, Platform, Profile } from "./measure/profile.js";
export type { Difference } from "./report/diff/difference.js";
export type { Manifest, ManifestOutput } from "./report/manifest.js";
export type { Check, CheckName } from "./report/verify/check.js";

/** How to make a lock. */
export interface LockOptions extends Options {
  /** The lock there is: kept where it is current, refreshed where it is stale. */
  readonly previous?: Lock | undefined;
  /** Move forward: everything, or the packages of these names. */
  readonly update?: true | readonly string[] | undefined;
}

/**
 * Resolves a recipe to the exact packages it is made of.
 *
 * @throws AssembleError `apt/…` for what cannot be trusted or resolved, `io/…` for the network
 */
export async function lock(recipe: Recipe, options: LockOptions = {}): Promise<Lock> {
  const session = openSession(options);
  try {
    return await makeLock(recipe, session);
  } finally {
    await session.close();
  }
}
