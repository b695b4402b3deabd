/**
 * depmod(8) of kmod 34: the files that modprobe and udev read, byte-equal for the same modules (kmod reads only the .bin ones).
 *
 * Modules are numbered by modules.order; that number is their priority. Dependencies follow from the symbols a module needs and
 * others export; they are listed so that loading from the last to the first works.
 */
import { fromByteString } from "../../../bytes/content.js";
import { type IndexEntry, writeIndex } from "./index-file.js";
import { type ModuleInfo, moduleNameOf, parseModinfo } from "./module-info.js";
import { orderSymbols } from "./symbol-order.js";

/** What depmod works on. */
export interface DepmodInput {
  /** Modules by path below `/lib/modules/<version>/` (`kernel/fs/fuse/fuse.ko`). */
  readonly modules: ReadonlyMap<string, ModuleInfo>;
  /** The text of modules.order and modules.builtin, the bytes of modules.builtin.modinfo. */
  readonly order: string;
  readonly builtin: string;
  readonly builtinModinfo: Uint8Array;
}

interface Module {
  readonly path: string;
  readonly info: ModuleInfo;
  readonly priority: number;
  readonly dependencies: Module[];
  sortIndex: number;
}

/** Makes every file that depmod writes, by name. */
export function depmod(input: DepmodInput): Map<string, Uint8Array> {
  const modules = sortModules(input);
  const owners = new Map<string, Module>();
  for (const module of modules) for (const symbol of module.info.exports) owners.set(symbol, module);
  for (const module of modules) addDependencies(module, owners);
  sortTopologically(modules);

  const dependencies = modules.map((module) => ({ module, line: dependencyLine(module) }));
  const aliases = modules.flatMap((module) =>
    (module.info.modinfo.get("alias") ?? []).map((alias) => ({ alias, module })),
  );
  const symbols = orderSymbols([...owners.keys()]).map((symbol) => ({ symbol, module: owners.get(symbol)! }));
  const text = (lines: readonly string[]): Uint8Array => fromByteString(lines.map((line) => `${line}\n`).join(""));
  const named = (key: "softdep" | "weakdep"): string[] =>
    modules.flatMap((module) =>
      (module.info.modinfo.get(key) ?? []).map((value) => `${key} ${module.info.name} ${value}`),
    );

  return new Map([
    ["modules.dep", text(dependencies.map(({ line }) => line))],
    [
      "modules.dep.bin",
      writeIndex(dependencies.map(({ module, line }) => entry(module.info.name, line, module.priority))),
    ],
    [
      "modules.alias",
      text([
        "# Aliases extracted from modules themselves.",
        ...aliases.map(({ alias, module }) => `alias ${alias} ${module.info.name}`),
      ]),
    ],
    [
      "modules.alias.bin",
      writeIndex(
        aliases.flatMap(({ alias, module }) => {
          const key = normaliseAlias(alias);
          return key === undefined ? [] : [entry(key, module.info.name, module.priority)];
        }),
      ),
    ],
    ["modules.softdep", text(["# Soft dependencies extracted from modules themselves.", ...named("softdep")])],
    ["modules.weakdep", text(["# Weak dependencies extracted from modules themselves.", ...named("weakdep")])],
    [
      "modules.symbols",
      text([
        "# Aliases for symbols, used by symbol_request().",
        ...symbols.map(({ symbol, module }) => `alias symbol:${symbol} ${module.info.name}`),
      ]),
    ],
    [
      "modules.symbols.bin",
      writeIndex(symbols.map(({ symbol, module }) => entry(`symbol:${symbol}`, module.info.name, module.priority))),
    ],
    ["modules.builtin.bin", builtinIndex(input.builtin)],
    ["modules.builtin.alias.bin", builtinAliasIndex(input.builtinModinfo)],
    ["modules.devname", text(["# Device nodes to trigger on-demand module loading.", ...modules.flatMap(deviceName)])],
  ]);
}

function entry(key: string, value: string, priority: number): IndexEntry {
  return { key, value, priority };
}

function sortModules(input: DepmodInput): Module[] {
  const position = new Map<string, number>();
  const withoutCompression = (path: string): string => path.replace(/\.(xz|zst|gz)$/, "");
  for (const line of input.order.split("\n")) if (line !== "") position.set(line, position.size);
  const modules = [...input.modules].map(([path, info]) => ({
    path,
    info,
    rank: position.get(withoutCompression(path)),
  }));
  modules.sort((a, b) => {
    if (a.rank !== undefined && b.rank !== undefined) return a.rank - b.rank;
    if (a.rank === undefined && b.rank === undefined) return a.path < b.path ? -1 : 1;
    return a.rank === undefined ? 1 : -1;
  });
  return modules.map(({ path, info }, priority) => ({ path, info, priority, dependencies: [], sortIndex: 0 }));
}

function addDependencies(module: Module, owners: ReadonlyMap<string, Module>): void {
  const seen = new Set<Module>();
  for (const symbol of module.info.needs) {
    const owner = owners.get(symbol);
    if (owner === undefined || owner === module || seen.has(owner)) continue;
    seen.add(owner);
    module.dependencies.push(owner);
  }
}

/** Numbers modules so that each stands before what it depends on: the order of a dependency list. */
function sortTopologically(modules: readonly Module[]): void {
  const users = new Map<Module, number>(modules.map((module) => [module, 0]));
  for (const module of modules) {
    for (const dependency of module.dependencies) users.set(dependency, users.get(dependency)! + 1);
  }
  const free = modules.filter((module) => users.get(module) === 0);
  let index = 0;
  for (let module = free.pop(); module !== undefined; module = free.pop()) {
    module.sortIndex = index++;
    for (const dependency of module.dependencies) {
      const left = users.get(dependency)! - 1;
      users.set(dependency, left);
      if (left === 0) free.push(dependency);
    }
  }
}

function dependencyLine(module: Module): string {
  const all = new Set<Module>();
  const pending = [...module.dependencies];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (all.has(next)) continue;
    all.add(next);
    pending.push(...next.dependencies);
  }
  const sorted = [...all].sort((a, b) => a.sortIndex - b.sortIndex);
  return `${module.path}:${sorted.map((dependency) => ` ${dependency.path}`).join("")}`;
}

/** `-` is `_` outside brackets; an alias with unbalanced brackets is left out. */
function normaliseAlias(alias: string): string | undefined {
  let out = "";
  for (let i = 0; i < alias.length; i++) {
    const character = alias[i]!;
    if (character === "]") return undefined;
    if (character === "[") {
      const end = alias.indexOf("]", i);
      if (end < 0) return undefined;
      out += alias.slice(i, end + 1);
      i = end;
    } else out += character === "-" ? "_" : character;
  }
  return out;
}

function builtinIndex(builtin: string): Uint8Array {
  const names = builtin.split("\n").filter((line) => line !== "");
  return writeIndex(names.map((path) => entry(moduleNameOf(path), "", 0)));
}

function builtinAliasIndex(modinfo: Uint8Array): Uint8Array {
  const entries: IndexEntry[] = [];
  for (const [key, values] of parseModinfo(modinfo)) {
    const dot = key.indexOf(".");
    if (key.slice(dot + 1) !== "alias") continue;
    for (const alias of values) {
      const normal = normaliseAlias(alias);
      if (normal !== undefined) entries.push(entry(normal, key.slice(0, dot), 0));
    }
  }
  return writeIndex(entries);
}

function deviceName(module: Module): string[] {
  let name: string | undefined;
  let device: string | undefined;
  for (const alias of module.info.modinfo.get("alias") ?? []) {
    const devname = /^devname:(.+)$/.exec(alias);
    const number = /^(char|block)-major-(\d+)-(\d+)$/.exec(alias);
    if (devname !== null) name ??= devname[1];
    if (number !== null) device ??= `${number[1] === "char" ? "c" : "b"}${number[2]}:${number[3]}`;
  }
  return name === undefined || device === undefined ? [] : [`${module.info.name} ${name} ${device}`];
}
