/**
 * Makes a lock in a thread of its own: the indexes of a suite take some 150 MiB, which a build that follows in the same process would
 * not get back.
 */
import { dirname } from "node:path";
import { makeLock } from "../apt/make-lock.js";
import type { Lock } from "../config/lock.js";
import { lockState } from "../config/lock-entry.js";
import type { Recipe } from "../config/recipe.js";
import type { AssembleEvent } from "../io/event.js";
import type { SharedLease } from "../io/lease.js";
import { defineTask, type Report } from "../io/workers.js";
import { type Options, openSession } from "./session.js";

/** What `lockApart` takes besides the recipe. */
export interface LockApartOptions extends Options {
  /** The lock there is. */
  readonly previous?: Lock | undefined;
  /** Move forward: everything, or the packages of these names. */
  readonly update?: true | readonly string[] | undefined;
}

/** What the thread is handed. Plain data. */
export interface LockInput {
  readonly recipe: Recipe;
  readonly options: Omit<LockApartOptions, "signal" | "onEvent">;
  readonly lease: SharedLease;
}

const lockTask = defineTask<LockInput, Lock>(import.meta.url, "makeLockHere");

/** The lock of a recipe, as the library's `lock` makes it. An abort ends the thread at once. */
export async function lockApart(recipe: Recipe, options: LockApartOptions): Promise<Lock> {
  const { previous, update, onEvent, signal: _, ...rest } = options;
  if (previous !== undefined && update === undefined && lockState(previous, recipe) === "current") return previous;
  const session = openSession(options);
  try {
    const { shared, root } = session.cache;
    const input = { recipe, options: { ...rest, previous, update, cacheDir: dirname(root) }, lease: shared };
    return await session.workers.runApart(lockTask, input, (event) => onEvent?.(event as AssembleEvent));
  } finally {
    await session.close();
  }
}

/** The thread's part. */
export async function makeLockHere({ recipe, options, lease }: LockInput, report: Report): Promise<Lock> {
  const session = openSession({ ...options, onEvent: report }, lease);
  try {
    const { previous, update } = options;
    return await makeLock(recipe, { ...session, steps: session.cache, previous, update });
  } finally {
    await session.close();
  }
}
