/**
 * `services` of the recipe, by the image's own commands in the shell.
 */
import type { Recipe } from "../config/recipe.js";
import { packageCommands } from "../rootfs/configure/commands/package-commands.js";
import { applyServices } from "../rootfs/overlay/services.js";
import { createSystem, runCommand } from "../rootfs/shell/system.js";
import type { Tree } from "../rootfs/tree/tree.js";
import { emulatedCommands } from "./commands.js";

/** Enables, disables and masks. @throws AssembleError `rootfs/service-unknown`, `rootfs/service-failed` */
export function runServices(tree: Tree, recipe: Recipe): void {
  const commands = new Map([...emulatedCommands, ...packageCommands(tree, recipe.architecture)]);
  const system = createSystem({ tree, commands });
  applyServices(tree, recipe.services, (argv) => {
    const { status, output, errors } = runCommand(system, argv, {
      location: { owner: "the recipe", script: "services" },
    });
    return { status, output: `${output}${errors}` };
  });
}
