/**
 * What a build of this version refuses although the schema knows it: everything that a later version does. Each line
 * goes when its feature comes; nothing that is not built is ever ignored in silence.
 */

import { AssembleError } from "../errors/assemble-error.js";
import { formatKeyPath, formatOrigin, type KeyPath } from "./origin.js";
import { type Format, locate, type Recipe, type ScriptStage } from "./recipe.js";

/**
 * Throws `recipe/not-supported-yet` for the first thing a build cannot do yet.
 *
 * @param formats What is built instead of `outputs`.
 */
export function checkSupported(recipe: Recipe, formats?: readonly Format[]): void {
  for (const [path, what] of unsupported(recipe, formats)) {
    const origin = locate(recipe, path);
    const place = origin === undefined ? "the recipe" : formatOrigin(origin);
    throw new AssembleError(
      "recipe/not-supported-yet",
      `Cannot build ${place}: ${formatKeyPath(path)}: ${what}, which this version of tdx-assemble does not build yet`,
    );
  }
}

function* unsupported(recipe: Recipe, formats?: readonly Format[]): Generator<[KeyPath, string]> {
  const { root, kernel, sources, scripts } = recipe;
  // The root in the initramfs is no file system.
  if (root.format === "initramfs") {
    if (root.location !== "disk") yield [["root", "location"], "a root that is no file system is placed"];
    if (!root.verity) yield [["root", "verity"], "a root that is no file system is described"];
    if (root.overlay !== "tmpfs") yield [["root", "overlay"], "a root that is no file system is described"];
  }
  // Only ext4 has a size that can be chosen.
  if (root.sizeBytes !== undefined && root.format !== "ext4" && !(formats ?? recipe.outputs).includes("ext4"))
    yield [["root", "size"], `a root of the format ${root.format} has a size`];
  if (kernel.source.kind === "build") yield [["kernel", "build"], "the kernel is built from source"];
  if (sources.length > 0) yield [["sources"], "software is built from source"];
  if (recipe.buildPackages.length > 0) yield [["buildPackages"], "packages are there for a build"];
  for (const [stage, list] of Object.entries(scripts) as [ScriptStage, Recipe["scripts"][ScriptStage]][]) {
    const native = list.findIndex((script) => script.in === "sandbox");
    if (native >= 0) yield [["scripts", stage, native], "a script runs in the sandbox"];
  }
  if (scripts.postoutput.length > 0) yield [["scripts", "postoutput"], "scripts run over the outputs"];
}
