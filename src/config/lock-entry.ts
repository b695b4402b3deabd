/**
 * Finding and replacing the entry of a recipe in its lock.
 */

import path from "node:path";
import { AssembleError } from "../errors/assemble-error.js";
import { canonicalJson } from "./canonical-json.js";
import type { Lock, LockEntry } from "./lock.js";
import { lockDigest } from "./lock-digest.js";
import type { Recipe } from "./recipe.js";

/** Whether a lock serves a recipe: never by age. */
export type LockState = "current" | "stale" | "missing";

/** Where a recipe's lock is: beside it, with the recipe's stem. */
export function lockPath(recipe: Recipe): string {
  return path.join(recipe.provenance.directory, `${recipe.provenance.stem}.lock`);
}

/** How many packages a build takes: those of the root, the kernel, the stub and the initramfs, as its manifest lists them. */
export function countPackages({ packages, kernel, stub, initramfs = [] }: LockEntry): number {
  return packages.length + kernel.length + (stub === undefined ? 0 : 1) + initramfs.length;
}

/** The entry for the recipe's profiles, whatever its digest. */
export function findEntry(lock: Lock, recipe: Recipe): LockEntry | undefined {
  const wanted = canonicalJson(recipe.profiles);
  return lock.entries.find((entry) => canonicalJson(entry.profiles) === wanted);
}

/** `missing`: there is no entry for these profiles. `stale`: the recipe has changed since. */
export function lockState(lock: Lock | undefined, recipe: Recipe): LockState {
  const entry = lock === undefined ? undefined : findEntry(lock, recipe);
  if (entry === undefined) return "missing";
  return entry.digest === lockDigest(recipe) ? "current" : "stale";
}

/** The current entry; `lock/missing` or `lock/stale` if there is none. */
export function currentEntry(lock: Lock | undefined, recipe: Recipe): LockEntry {
  const state = lockState(lock, recipe);
  const profiles = recipe.profiles.length === 0 ? "" : ` with the profiles ${recipe.profiles.join(", ")}`;
  const name = path.basename(lockPath(recipe));
  if (state === "missing") {
    const what = lock === undefined ? `there is no ${name}` : `${name} has no entry for it`;
    throw new AssembleError(
      "lock/missing",
      `Cannot use the lock of ${recipe.image}${profiles}: ${what}, one was wanted`,
      {
        hint: "`tdx-assemble lock` makes it",
      },
    );
  }
  if (state === "stale") {
    throw new AssembleError(
      "lock/stale",
      `Cannot use the lock of ${recipe.image}${profiles}: ${name} was made from another recipe, one of this recipe was wanted`,
      { hint: "`tdx-assemble lock` brings it up to date" },
    );
  }
  return findEntry(lock!, recipe)!;
}

/** The lock with this entry in place of the one for the same profiles. */
export function withEntry(lock: Lock | undefined, entry: LockEntry): Lock {
  const wanted = canonicalJson(entry.profiles);
  const others = (lock?.entries ?? []).filter((other) => canonicalJson(other.profiles) !== wanted);
  const entries = [...others, entry];
  return { entries: entries.sort((a, b) => (canonicalJson(a.profiles) < canonicalJson(b.profiles) ? -1 : 1)) };
}
