/**
 * `lock`: resolves the recipe and writes the lock; `--check` compares, `--update` moves forward and prints what changed.
 */
import { lockChanges } from "../../apt/lock-changes.js";
import { countPackages, currentEntry, findEntry } from "../../config/lock-entry.js";
import { lock as makeLock } from "../../index.js";
import type { CommandContext } from "../common-options.js";
import { libraryOptions } from "../common-options.js";
import { loadCommandRecipe, readLock, writeLock } from "../load.js";
import { showProgress } from "../progress.js";

/** Makes, checks or updates the lock. */
export async function lock(
  context: CommandContext,
  recipeArgument: string | undefined,
  own: { readonly update?: true | readonly string[]; readonly check?: boolean },
): Promise<number> {
  const { terminal } = context;
  const recipe = await loadCommandRecipe(context, recipeArgument);
  const previous = readLock(recipe);
  if (own.check === true) {
    const entry = currentEntry(previous, recipe);
    if (terminal.json) terminal.result({ type: "result", state: "current", packages: countPackages(entry) });
    else terminal.out(`The lock is current: ${countPackages(entry)} packages`);
    return 0;
  }
  const progress = showProgress(terminal, context.now);
  progress.onEvent({ type: "stage", stage: "lock", state: "start" });
  const made = await makeLock(recipe, {
    ...libraryOptions(context),
    previous,
    update: own.update,
    onEvent: progress.onEvent,
  });
  progress.onEvent({ type: "stage", stage: "lock", state: "end" });
  await writeLock(recipe, made);
  const before = previous === undefined ? undefined : findEntry(previous, recipe);
  const after = findEntry(made, recipe)!;
  const changes = before === undefined ? [] : lockChanges(before, after);
  if (terminal.json) terminal.result({ type: "result", packages: countPackages(after), changes });
  else {
    for (const change of changes) terminal.out(`${change.name} ${change.from ?? "(new)"} -> ${change.to ?? "(gone)"}`);
    const same = before !== undefined && own.update !== undefined && changes.length === 0;
    terminal.out(`${countPackages(after)} packages locked${same ? ", the same as before" : ""}`);
  }
  return 0;
}
