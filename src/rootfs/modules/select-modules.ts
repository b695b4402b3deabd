/**
 * Chooses kernel modules with what they need: `depends` of their .modinfo, and soft dependencies that are modules of the kernel.
 */

import { nearest } from "../../config/nearest.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type ModuleInfo, moduleNameOf } from "../helpers/depmod/module-info.js";

/** A kernel's modules before anything is chosen. */
export interface ModuleCatalogue {
  /** `uname -r`. */
  readonly version: string;
  /** Module files by path below `lib/modules/<version>/`. */
  readonly files: readonly string[];
  /** The text of modules.builtin. */
  readonly builtin: string;
  /** Reads and decompresses one module. */
  readonly read: (path: string) => { readonly info: ModuleInfo; readonly bytes: Uint8Array };
}

/** A chosen module. */
export interface SelectedModule {
  readonly path: string;
  readonly info: ModuleInfo;
  readonly bytes: Uint8Array;
}

/**
 * The chosen modules with all they need, by name. Names of what is built into the kernel are fine and choose nothing.
 *
 * @throws AssembleError `kernel/module-unknown` with the nearest names
 */
export function selectModules(
  catalogue: ModuleCatalogue,
  names: "all" | readonly string[],
): ReadonlyMap<string, SelectedModule> {
  const paths = new Map(catalogue.files.map((path) => [moduleNameOf(path), path]));
  const builtin = builtinNames(catalogue.builtin);
  const selected = new Map<string, SelectedModule>();
  const add = (name: string): boolean => {
    if (selected.has(name)) return true;
    const path = paths.get(name);
    if (path === undefined) return builtin.has(name);
    const { info, bytes } = catalogue.read(path);
    selected.set(name, { path, info, bytes });
    for (const needed of dependenciesOf(info)) {
      if (!add(needed))
        throw new AssembleError(
          "kernel/module-unknown",
          `Cannot include the module ${name}: it depends on ${needed}, which kernel ${catalogue.version} does not have`,
        );
    }
    for (const wished of softDependenciesOf(info)) add(wished);
    return true;
  };
  for (const name of names === "all" ? paths.keys() : names) {
    if (add(name.replaceAll("-", "_"))) continue;
    const near = nearest(name.replaceAll("-", "_"), [...paths.keys(), ...builtin]);
    throw new AssembleError(
      "kernel/module-unknown",
      `Cannot include the module ${name}: the kernel${catalogue.version === "" ? " has no modules at all" : ` ${catalogue.version} has none of that name`}${near === undefined ? "" : `, the nearest is ${near}`}`,
    );
  }
  return selected;
}

/** Names of the modules that are built in, from the text of modules.builtin. */
export function builtinNames(builtin: string): ReadonlySet<string> {
  return new Set(
    builtin
      .split("\n")
      .filter((line) => line !== "")
      .map(moduleNameOf),
  );
}

/** Names in `depends`. */
export function dependenciesOf(info: ModuleInfo): string[] {
  const depends = info.modinfo.get("depends") ?? [];
  return depends.flatMap((list) =>
    list
      .split(",")
      .filter((name) => name !== "")
      .map((name) => name.replaceAll("-", "_")),
  );
}

/** Names in `softdep` values: `pre: a b post: c`. */
function softDependenciesOf(info: ModuleInfo): string[] {
  return (info.modinfo.get("softdep") ?? [])
    .flatMap((value) => value.split(/[ \t,]+/))
    .filter((word) => word !== "" && word !== "pre:" && word !== "post:")
    .map((name) => name.replaceAll("-", "_"));
}

/** Paths to load, in order, so that `names` end up loaded: each after what it depends on, each once. */
export function loadOrder(selected: ReadonlyMap<string, SelectedModule>, names: readonly string[]): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const module = selected.get(name);
    if (module === undefined || seen.has(name)) return;
    seen.add(name);
    for (const needed of dependenciesOf(module.info)) visit(needed);
    order.push(module.path);
  };
  for (const name of names) visit(name.replaceAll("-", "_"));
  return order;
}
