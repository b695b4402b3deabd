/**
 * `removePackages`: packages that were needed to configure the others leave the tree again, as by `dpkg --purge --force-depends`:
 * their files, their conffiles, their entries in dpkg's database. Their prerm and postrm scripts run in the shell.
 */

import { nearest } from "../config/nearest.js";
import type { Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { packageCommands } from "../rootfs/configure/commands/package-commands.js";
import { applyEffects, Overrides, withOverride } from "../rootfs/configure/overrides.js";
import { createSystem, runScript } from "../rootfs/shell/system.js";
import type { Tree } from "../rootfs/tree/tree.js";
import { emulatedCommands } from "./commands.js";

const INFO = "/var/lib/dpkg/info";
const STATUS = "/var/lib/dpkg/status";

/** Removes packages by name. @throws AssembleError `rootfs/package-missing`, `script/failed` */
export function removePackages(tree: Tree, recipe: Recipe): void {
  for (const name of recipe.removePackages) removePackage(tree, recipe, name);
}

function removePackage(tree: Tree, recipe: Recipe, name: string): void {
  const stanzas =
    tree.lookup(STATUS)?.type === "file"
      ? tree
          .readText(STATUS)
          .split(/\n\n+/)
          .filter((text) => text.trim() !== "")
      : [];
  const nameOf = (stanza: string): string => /^Package: (.+)$/m.exec(stanza)?.[1] ?? "";
  const stanza = stanzas.find((text) => nameOf(text) === name);
  if (stanza === undefined) {
    const near = nearest(name, stanzas.map(nameOf));
    throw new AssembleError(
      "rootfs/package-missing",
      `Cannot remove the package ${name}: it is not in the tree${near === undefined ? "" : `, the nearest is ${near}`}`,
    );
  }
  const commands = new Map([...emulatedCommands, ...packageCommands(tree, recipe.architecture)]);
  const stem = tree.lookup(`${INFO}/${name}.list`) === undefined ? `${name}:${recipe.architecture}` : name;
  const overrides = new Overrides(recipe.overrides);
  const run = (script: "prerm" | "postrm", argument: string): void => {
    const path = `${INFO}/${stem}.${script}`;
    if (tree.lookup(path) === undefined) return;
    const bytes = tree.read(path);
    const override = overrides.find(name, script, bytes);
    if (override !== undefined) {
      applyEffects(tree, override.effects);
      return;
    }
    try {
      runRemoval(path, { script, argument });
    } catch (error) {
      throw withOverride(error, { package: name, script, bytes });
    }
  };
  const runRemoval = (path: string, { script, argument }: { script: string; argument: string }): void => {
    const environment = {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/root",
      DPKG_MAINTSCRIPT_PACKAGE: name,
      DPKG_MAINTSCRIPT_ARCH: recipe.architecture,
      DPKG_MAINTSCRIPT_NAME: script,
      DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT: "1",
      DPKG_ADMINDIR: "/var/lib/dpkg",
      DPKG_ROOT: "",
      DEBIAN_FRONTEND: "noninteractive",
    };
    const system = createSystem({ tree, commands });
    const { status, errors } = runScript(
      system,
      { path, args: [argument] },
      { location: { owner: name, script }, environment },
    );
    if (status !== 0)
      throw new AssembleError(
        "script/failed",
        `Cannot remove the package ${name}: its ${script} ended with status ${status}; ${errors.trim()}`,
      );
  };
  run("prerm", "remove");
  const files = tree
    .readText(`${INFO}/${stem}.list`)
    .split("\n")
    .filter((line) => line !== "");
  const others = otherFiles(tree, stem);
  for (const path of files
    .filter((file) => !others.has(file))
    .sort()
    .reverse())
    removePath(tree, path);
  run("postrm", "remove");
  run("postrm", "purge");
  for (const entry of [...tree.directory(INFO).entries.keys()]) {
    if (entry.startsWith(`${stem}.`) && !entry.slice(stem.length + 1).includes(".")) tree.unlink(`${INFO}/${entry}`);
  }
  tree.write(
    STATUS,
    stanzas
      .filter((text) => text !== stanza)
      .map((text) => `${text.replace(/\n+$/, "")}\n\n`)
      .join(""),
  );
}

/** Paths that other packages ship. */
function otherFiles(tree: Tree, stem: string): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const name of tree.directory(INFO).entries.keys()) {
    if (!name.endsWith(".list") || name === `${stem}.list`) continue;
    for (const line of tree.readText(`${INFO}/${name}`).split("\n")) paths.add(line);
  }
  return paths;
}

function removePath(tree: Tree, path: string): void {
  const node = tree.lookup(path, { follow: false });
  if (node === undefined) return;
  if (node.type !== "directory") tree.unlink(path);
  else if (node.entries.size === 0 && path !== "/.") tree.rmdir(path);
}
