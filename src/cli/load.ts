/**
 * What most commands begin with: the recipe of the command line, and its lock.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadRecipe } from "../config/load-recipe.js";
import type { Lock } from "../config/lock.js";
import { lockPath, lockState } from "../config/lock-entry.js";
import { formatLock, parseLock } from "../config/lock-file.js";
import type { Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { writeFileAtomically } from "../io/atomic-file.js";
import type { OnEvent } from "../io/event.js";
import type { Manifest } from "../report/manifest.js";
import { type CommandContext, libraryOptions } from "./common-options.js";

/** Loads the recipe: a file, a directory, or `.`. */
export async function loadCommandRecipe(context: CommandContext, recipe: string | undefined): Promise<Recipe> {
  return loadRecipe(context.path(recipe ?? "."), {
    ...(context.options.profile === undefined ? {} : { profiles: context.options.profile }),
    environment: context.environment,
  });
}

/**
 * Loads the recipe of an artifact, with the profiles and the host's values of its manifest; undefined where none is named and `.` has none.
 */
export async function recipeOfManifest(
  context: CommandContext,
  name: string | undefined,
  manifest: Manifest | undefined,
): Promise<Recipe | undefined> {
  const here = context.path(".");
  if (name === undefined && !["image.yaml", "image.json"].some((one) => existsSync(join(here, one)))) return undefined;
  const stated = Object.entries(manifest?.environment ?? {}).filter(([, value]) => value !== null);
  return loadRecipe(name === undefined ? here : context.path(name), {
    profiles: context.options.profile ?? manifest?.profiles ?? [],
    environment: {
      ...context.environment,
      ...(manifest === undefined ? {} : { SOURCE_DATE_EPOCH: String(manifest.sourceDateEpoch) }),
      ...(Object.fromEntries(stated) as Record<string, string>),
    },
  });
}

/** The lock beside the recipe, or undefined. @throws AssembleError `lock/invalid` */
export function readLock(recipe: Recipe): Lock | undefined {
  const path = lockPath(recipe);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new AssembleError("lock/invalid", `Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  return parseLock(text, path);
}

/** Writes the lock beside the recipe. */
export async function writeLock(recipe: Recipe, made: Lock): Promise<void> {
  await writeFileAtomically(lockPath(recipe), [new TextEncoder().encode(formatLock(made))]);
}

/**
 * The lock for a build: the one there is, made or refreshed where it is missing or stale; with `--locked` that is an error.
 *
 * A recipe on a directory that cannot be written still builds; its lock is then made anew each time, and a note says so.
 */
export async function lockForBuild(context: CommandContext, recipe: Recipe, onEvent: OnEvent): Promise<Lock> {
  const previous = readLock(recipe);
  const state = lockState(previous, recipe);
  if (state === "current" || context.options.locked === true) {
    if (previous !== undefined) return previous;
    throw new AssembleError("lock/missing", `Cannot build with --locked: there is no ${lockPath(recipe)}`, {
      hint: "run tdx-assemble lock",
    });
  }
  onEvent({ type: "stage", stage: "lock", state: "start" });
  const { lockApart } = await import("../assemble/lock-task.js");
  const made = await lockApart(recipe, { ...libraryOptions(context), previous, onEvent });
  onEvent({ type: "stage", stage: "lock", state: "end" });
  try {
    await writeLock(recipe, made);
  } catch (error) {
    if (!(error instanceof AssembleError) || error.code !== "io/not-permitted") throw error;
    onEvent({ type: "note", message: `the lock cannot be kept beside the recipe: ${error.message}` });
  }
  return made;
}
