/**
 * What the recipe does to the configured tree, in the order of contract §1.1, up to the kernel's modules.
 */
import type { LockEntry } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { addAccounts } from "../rootfs/overlay/accounts.js";
import { applyIdentity } from "../rootfs/overlay/identity.js";
import { applyPermissions } from "../rootfs/overlay/permissions.js";
import { cleanPackageMetadata, removeFiles } from "../rootfs/overlay/remove-files.js";
import type { Tree } from "../rootfs/tree/tree.js";
import { applyTrees, type ReadTree } from "./read-trees.js";
import { runStage } from "./run-stage.js";
import type { Session } from "./session.js";

/** What is applied. */
export interface RecipeInput {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  readonly extra: readonly ReadTree[];
}

/** Applies the recipe to a tree, in place. */
export async function applyRecipe(session: Session, tree: Tree, input: RecipeInput): Promise<void> {
  const { recipe, entry } = input;
  await runStage(session, recipe, { stage: "prepare", tree });
  await runStage(session, recipe, { stage: "build", tree });
  applyTrees(tree, input.extra);
  applyIdentity(tree, recipe);
  addAccounts(tree, recipe, entry.ids);
  await runStage(session, recipe, { stage: "postinst", tree });
  applyPermissions(tree, recipe.permissions);
  const { enable, disable, mask } = recipe.services;
  if (enable.length + disable.length + mask.length > 0) {
    const { runServices } = await import("./run-services.js");
    runServices(tree, recipe);
  }
  if (recipe.removePackages.length > 0) {
    const { removePackages } = await import("./remove-packages.js");
    removePackages(tree, recipe);
  }
  if (recipe.cleanPackageMetadata) cleanPackageMetadata(tree);
  for (const [glob, count] of removeFiles(tree, recipe.removeFiles)) {
    if (count === 0) session.onEvent?.({ type: "note", message: `removeFiles: ${glob} matches nothing` });
  }
}
