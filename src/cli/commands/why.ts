/**
 * `why`: the chain of relations that pulls a package in, as the lock has it.
 */
import { currentEntry } from "../../config/lock-entry.js";
import { formatReasons, whyPackage } from "../../report/why-package.js";
import type { CommandContext } from "../common-options.js";
import { loadCommandRecipe, readLock } from "../load.js";

/** Prints why a package is there. `names`: the package, and the recipe if it is not that of the directory. */
export async function why(context: CommandContext, names: readonly string[]): Promise<number> {
  const { terminal } = context;
  const [name = "", recipeArgument] = names;
  const recipe = await loadCommandRecipe(context, recipeArgument);
  const reasons = whyPackage(name, { entry: currentEntry(readLock(recipe), recipe), recipe });
  if (terminal.json) terminal.result({ type: "result", package: name, reasons });
  else terminal.out(formatReasons(reasons));
  return 0;
}
