/**
 * The recipe's overrides: maintainer scripts that are not interpreted, since they must not or cannot be. Each is pinned to the
 * script's sha256, so that a changed script is looked at again.
 */
import { createHash } from "node:crypto";
import { utf8ToByteString } from "../../bytes/content.js";
import type { MaintainerScript, RecipeEffect, RecipeOverride } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { resolveOwner } from "../overlay/permissions.js";
import type { Tree } from "../tree/tree.js";

/** What an override can help with. */
const HELPED = ["shell/unsupported-command", "shell/limit-exceeded", "configure/script-failed", "script/failed"];

/** The script whose run an error ended. */
export interface EndedScript {
  readonly package: string;
  readonly script: MaintainerScript;
  /** The script as shipped. */
  readonly bytes: Uint8Array;
}

/** The error with the override to write as its hint, where one helps. */
export function withOverride(error: unknown, ended: EndedScript | undefined): unknown {
  if (!(error instanceof AssembleError) || !HELPED.includes(error.code) || ended === undefined) return error;
  const hint = [
    "Read the script; if the image can do without it, this goes into the recipe (`effects` in place of `skip` states what is to be there):",
    "overrides:",
    `  - package: ${ended.package}`,
    `    script: ${ended.script}`,
    `    sha256: ${sumOf(ended.bytes)}`,
    "    reason: why the image can do without it",
    "    skip: true",
  ].join("\n");
  return new AssembleError(error.code, error.message, { hint, cause: error.cause });
}

function sumOf(script: Uint8Array): string {
  return createHash("sha256").update(script).digest("hex");
}

/** Looks overrides up by script, and keeps count of those that were needed. */
export class Overrides {
  readonly #overrides: readonly RecipeOverride[];
  readonly #used = new Set<RecipeOverride>();

  constructor(overrides: readonly RecipeOverride[]) {
    this.#overrides = overrides;
  }

  /** Those that took the place of a script. */
  get used(): readonly RecipeOverride[] {
    return this.#overrides.filter((override) => this.#used.has(override));
  }

  /** The override of a package's script (its bytes as shipped), if there is one. @throws AssembleError `configure/override-mismatch` */
  find(packageName: string, script: MaintainerScript, bytes: Uint8Array | undefined): RecipeOverride | undefined {
    const override = this.#overrides.find((one) => one.package === packageName && one.script === script);
    if (override === undefined || bytes === undefined) return undefined;
    const sha256 = sumOf(bytes);
    if (sha256 !== override.sha256)
      throw new AssembleError(
        "configure/override-mismatch",
        `Cannot override the ${script} of ${packageName}: its sha256 is ${sha256}, ${override.sha256} was wanted`,
        { hint: "The script has changed: read it again, then update `sha256` of the recipe's override." },
      );
    this.#used.add(override);
    return override;
  }

  /** Refuses overrides that no script of the packages stands for; those of removal scripts are not needed here. @throws AssembleError `configure/override-unused` */
  checkAllUsed(): void {
    const unused = this.#overrides.find(
      (override) => !this.#used.has(override) && override.script !== "prerm" && override.script !== "postrm",
    );
    if (unused === undefined) return;
    throw new AssembleError(
      "configure/override-unused",
      `Cannot override the ${unused.script} of ${unused.package}: no package of the image has such a script, one was wanted`,
      { hint: "Remove the override from the recipe, or add the package." },
    );
  }
}

/** Does to the tree what an override says its script would have done. */
export function applyEffects(tree: Tree, effects: readonly RecipeEffect[]): void {
  for (const effect of effects) {
    const path = utf8ToByteString(effect.path);
    if (effect.type === "absent") {
      tree.removeAll(path);
      continue;
    }
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent !== "") tree.mkdirs(parent);
    const uid = resolveOwner(tree, "passwd", effect.owner);
    const gid = resolveOwner(tree, "group", effect.group);
    if (effect.type === "directory") Object.assign(tree.mkdirs(path), { mode: effect.mode, uid, gid });
    else if (effect.type === "file") {
      tree.removeAll(path);
      tree.write(path, utf8ToByteString(effect.content), { mode: effect.mode, uid, gid });
    } else {
      tree.removeAll(path);
      tree.symlink(utf8ToByteString(effect.target), path, { uid, gid });
    }
  }
}
