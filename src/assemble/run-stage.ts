/**
 * The recipe's scripts of one stage, if it has any: the shell is only loaded then.
 */
import type { Recipe, ScriptStage } from "../config/recipe.js";
import type { Tree } from "../rootfs/tree/tree.js";
import type { Session } from "./session.js";

/** Runs the scripts of a stage, in order. @throws AssembleError `script/failed`, `script/missing`, `shell/…` */
export async function runStage(
  session: Session,
  recipe: Recipe,
  options: { readonly stage: ScriptStage; readonly tree: Tree },
): Promise<void> {
  if (recipe.scripts[options.stage].length === 0) return;
  const { runScripts } = await import("./run-scripts.js");
  await runScripts(session, recipe, options);
}
