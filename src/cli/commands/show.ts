/**
 * `show`: the merged recipe, each value with its file and line.
 */
import { describeRecipe, showRecipe } from "../../config/show-recipe.js";
import type { CommandContext } from "../common-options.js";
import { loadCommandRecipe } from "../load.js";

/** Prints the merged recipe. */
export async function show(context: CommandContext, recipeArgument: string | undefined): Promise<number> {
  const recipe = await loadCommandRecipe(context, recipeArgument);
  if (context.terminal.json) context.terminal.result(describeRecipe(recipe));
  else context.terminal.out(showRecipe(recipe).trimEnd());
  return 0;
}
