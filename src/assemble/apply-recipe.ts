/**
 * What the recipe does to the configured tree, in the order of contract §1.1, up to the kernel's modules.
 */
import type { LockEntry } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { dpkgCommands } from "../rootfs/configure/commands/dpkg-commands.js";
import { loadDatabase } from "../rootfs/configure/load-database.js";
import { addAccounts } from "../rootfs/overlay/accounts.js";
import { applyIdentity } from "../rootfs/overlay/identity.js";
import { applyPermissions } from "../rootfs/overlay/permissions.js";
import { cleanPackageMetadata, removeFiles } from "../rootfs/overlay/remove-files.js";
import { applyServices } from "../rootfs/overlay/services.js";
import { createSystem, runCommand } from "../rootfs/shell/system.js";
import type { Tree } from "../rootfs/tree/tree.js";
import { emulatedCommands } from "./commands.js";
import { applyTrees, type ReadTree } from "./read-trees.js";
import { removePackages } from "./remove-packages.js";
import { runScripts } from "./run-scripts.js";
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
  await runScripts(session, recipe, { stage: "prepare", tree });
  await runScripts(session, recipe, { stage: "build", tree });
  applyTrees(tree, input.extra);
  applyIdentity(tree, recipe);
  addAccounts(tree, recipe, entry.ids);
  await runScripts(session, recipe, { stage: "postinst", tree });
  applyPermissions(tree, recipe.permissions);
  const commands = new Map([...emulatedCommands, ...dpkgCommands(loadDatabase(tree, recipe.architecture))]);
  const system = createSystem({ tree, commands });
  applyServices(tree, recipe.services, (argv) => {
    const { status, output, errors } = runCommand(system, argv, {
      location: { owner: "the recipe", script: "services" },
    });
    return { status, output: `${output}${errors}` };
  });
  removePackages(tree, recipe);
  if (recipe.cleanPackageMetadata) cleanPackageMetadata(tree);
  for (const [glob, count] of removeFiles(tree, recipe.removeFiles)) {
    if (count === 0) session.onEvent?.({ type: "note", message: `removeFiles: ${glob} matches nothing` });
  }
}
