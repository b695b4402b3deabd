/**
 * What a recipe puts into the tree: trees, accounts, permissions, scripts, overrides.
 */

import type { z } from "zod";
import type {
  MaintainerScript,
  RecipeEffect,
  RecipeGroup,
  RecipeOverride,
  RecipePermission,
  RecipeScript,
  RecipeTree,
  RecipeUser,
  ScriptStage,
} from "./recipe.js";
import { fileOf, listed, modeOf, type Resolving, refuse } from "./resolving.js";
import type { ImageInput } from "./schema.js";
import type { effect } from "./schema-parts.js";

type Plain<Key extends keyof ImageInput> = NonNullable<ImageInput[Key]>;
type EffectInput = z.input<typeof effect>;

export function resolveTrees(resolving: Resolving, trees: Plain<"extraTrees">): readonly RecipeTree[] {
  return listed(trees).map((tree) => {
    const { source, target = "/", mode, owner, group } = typeof tree === "string" ? { source: tree } : tree;
    return { source: fileOf(resolving, source), target: trim(target), mode: modeOf(mode), owner, group };
  });
}

export function resolveGroups(resolving: Resolving, groups: Plain<"groups">): readonly RecipeGroup[] {
  const resolved = listed(groups).map(({ name, system = false, gid }) => ({ name, system, gid }));
  refuseTwins(resolving, "groups", resolved);
  refuseSameIds(
    resolving,
    resolved.map(({ name, gid }) => ({ name, id: gid })),
    "groups",
    "gid",
  );
  return resolved;
}

export function resolveUsers(resolving: Resolving, users: Plain<"users">): readonly RecipeUser[] {
  const resolved = listed(users).map((user) => {
    const { name, system = false } = user;
    return {
      name,
      system,
      uid: user.uid,
      group: user.group ?? name,
      groups: [...new Set(listed(user.groups))],
      home: trim(user.home ?? (system ? "/nonexistent" : `/home/${name}`)),
      shell: user.shell ?? (system ? "/usr/sbin/nologin" : "/bin/bash"),
      gecos: user.gecos ?? "",
      passwordHash: user.passwordHash ?? "!",
    };
  });
  refuseTwins(resolving, "users", resolved);
  refuseSameIds(
    resolving,
    resolved.map(({ name, uid }) => ({ name, id: uid })),
    "users",
    "uid",
  );
  return resolved;
}

export function resolvePermissions(
  resolving: Resolving,
  permissions: Plain<"permissions">,
): readonly RecipePermission[] {
  return Object.entries(permissions).map(([path, { mode, owner, group }]) => {
    if (mode === undefined && owner === undefined && group === undefined) {
      throw refuse(resolving, ["permissions", path], { what: "is empty, mode, owner or group was wanted" });
    }
    return { path: trim(path), mode: modeOf(mode), owner, group };
  });
}

export function resolveScripts(
  resolving: Resolving,
  scripts: Plain<"scripts">,
): Readonly<Record<ScriptStage, readonly RecipeScript[]>> {
  const stage = (name: ScriptStage) =>
    listed(scripts[name]).map((script): RecipeScript => {
      const { run, in: where = undefined } = typeof script === "string" ? { run: script } : script;
      const native = name === "build" ? "sandbox" : "shell";
      return { file: fileOf(resolving, run), in: where ?? native, chroot: run.endsWith(".chroot") };
    });
  listed(scripts.build).forEach((script, i) => {
    if (typeof script !== "string" && script.in === "shell") {
      throw refuse(resolving, ["scripts", "build", i, "in"], { what: "is shell, build scripts run in the sandbox" });
    }
  });
  return {
    prepare: stage("prepare"),
    build: stage("build"),
    postinst: stage("postinst"),
    finalize: stage("finalize"),
    postoutput: stage("postoutput"),
  };
}

export function resolveOverrides(resolving: Resolving, overrides: Plain<"overrides">): readonly RecipeOverride[] {
  const seen = new Map<string, number>();
  return listed(overrides).map((override, i) => {
    const at = ["overrides", i];
    const effects = listed(override.effects);
    if ((override.skip === true) === effects.length > 0) {
      throw refuse(resolving, at, {
        what: `has ${override.skip ? "skip and effects" : "neither skip nor effects"}, one of them was wanted`,
        code: "recipe/conflicting-keys",
      });
    }
    const key = `${override.package} ${override.script}`;
    if (seen.has(key)) {
      throw refuse(resolving, at, {
        what: `overrides the ${override.script} of ${override.package} again, once was wanted`,
        code: "recipe/duplicate-name",
      });
    }
    seen.set(key, i);
    return {
      package: override.package,
      script: override.script satisfies MaintainerScript,
      sha256: override.sha256,
      reason: override.reason,
      effects: effects.map(resolveEffect),
    };
  });
}

function resolveEffect(effect: EffectInput): RecipeEffect {
  const base = { path: trim(effect.path), owner: effect.owner ?? 0, group: effect.group ?? 0 };
  switch (effect.type) {
    case "file":
      return { ...base, type: "file", content: effect.content, mode: modeOf(effect.mode) ?? 0o644 };
    case "directory":
      return { ...base, type: "directory", mode: modeOf(effect.mode) ?? 0o755 };
    case "symlink":
      return { ...base, type: "symlink", target: effect.target };
    case "absent":
      return { ...base, type: "absent" };
  }
}

/** Two items of one name in one list: what includes and profiles state has merged by now. */
export function refuseTwins(resolving: Resolving, key: string, items: readonly { readonly name: string }[]): void {
  items.forEach(({ name }, i) => {
    if (items.findIndex((other) => other.name === name) < i) {
      throw refuse(resolving, [key, i, "name"], {
        what: `is ${name} again, each name once was wanted`,
        code: "recipe/duplicate-name",
      });
    }
  });
}

function refuseSameIds(
  resolving: Resolving,
  items: readonly { readonly name: string; readonly id: number | undefined }[],
  list: string,
  key: string,
): void {
  items.forEach(({ name, id }, i) => {
    const other = items.find((each, j) => j < i && id !== undefined && each.id === id);
    if (other !== undefined) {
      throw refuse(resolving, [list, i, key], {
        what: `is ${id} for ${name} and ${other.name}, an id for each was wanted`,
        code: "recipe/id-collision",
      });
    }
  });
}

/** `/usr/lib/` is `/usr/lib`. */
export function trim(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
