/**
 * The work behind `configuredTree`: loaded only when the cache does not have its result.
 */
import type { DebPackage } from "../apt/deb/package.js";
import { configurePackages, type ScriptReport } from "../rootfs/configure/configure-packages.js";
import { Tree } from "../rootfs/tree/tree.js";
import { emulatedCommands } from "./commands.js";
import type { ConfigureInput } from "./configured-tree.js";
import { applyTrees } from "./read-trees.js";
import type { Session } from "./session.js";

/** Unpacks and configures the packages of a lock's entry in a new tree, with the skeleton laid under them. */
export function configureTree(
  session: Session,
  input: ConfigureInput & { readonly debs: ReadonlyMap<string, DebPackage> },
): Tree {
  const { recipe, entry } = input;
  const tree = new Tree({ epoch: recipe.sourceDateEpoch });
  applyTrees(tree, input.skeleton);
  let done = 0;
  const onScript = (run: ScriptReport): void => {
    session.signal?.throwIfAborted();
    session.onEvent?.({
      type: "progress",
      stage: "configure",
      done: ++done,
      unit: "packages",
      item: `${run.package} ${run.script}`,
    });
  };
  configurePackages({
    tree,
    packages: entry.packages.map(({ package: row, stage }) => ({
      archive: input.debs.get(row.sha256)!,
      stage,
      priority: row.priority,
      archiveId: row.archive,
    })),
    architecture: recipe.architecture,
    commands: emulatedCommands,
    archives: entry.suites.map((suite) => suite.id),
    overrides: recipe.overrides,
    preseeds: recipe.debconf,
    onEvent: (event) => {
      if (event.type === "script") onScript(event.run);
    },
  });
  return tree;
}
