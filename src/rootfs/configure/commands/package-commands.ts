/**
 * The programs of dpkg and debconf for a tree that is configured already: for the recipe's scripts, and when packages are removed.
 */
import type { Command } from "../../shell/process.js";
import type { Tree } from "../../tree/tree.js";
import { debconfCommands } from "../debconf/debconf-commands.js";
import { DebconfDatabase } from "../debconf/debconf-database.js";
import { loadDatabase } from "../load-database.js";
import { ServiceGuard } from "../service-guard.js";
import { dpkgCommands } from "./dpkg-commands.js";
import { perlProbe } from "./perl-probe.js";

/** The programs, with the databases that the tree has now. */
export function packageCommands(tree: Tree, architecture: string): ReadonlyMap<string, Command> {
  return new Map<string, Command>([
    ...dpkgCommands(loadDatabase(tree, architecture)),
    ...debconfCommands(new DebconfDatabase(tree)),
    ...new ServiceGuard(tree).commands,
    ["perl", perlProbe],
  ]);
}
