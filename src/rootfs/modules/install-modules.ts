/**
 * Puts chosen kernel modules, depmod's files and load-modules into a tree.
 */
import { contentOfBytes, type FileContent } from "../../bytes/content.js";
import { depmod } from "../helpers/depmod/depmod.js";
import type { Tree } from "../tree/tree.js";
import { LOAD_MODULES_PATH, loadModulesScript } from "./load-script.js";
import { loadOrder, type ModuleCatalogue, selectModules } from "./select-modules.js";

/** What to install. */
export interface InstallModulesOptions {
  readonly catalogue: ModuleCatalogue;
  readonly modules: "all" | readonly string[];
  readonly load: readonly string[];
  /** Store modules decompressed: right where the archive around them is compressed. */
  readonly decompress: boolean;
  /** modules.order, modules.builtin, modules.builtin.modinfo as the kernel's package ships them. */
  readonly shipped: ReadonlyMap<string, FileContent>;
  /** The module file as shipped, for `decompress: false`. */
  readonly contentOf: (path: string) => FileContent;
  /** Directory of `modules/`: `/usr/lib`, or where the tree's `/lib` leads. */
  readonly base: string;
}

/**
 * Installs modules under `<base>/modules/<version>`, and load-modules.
 *
 * @throws AssembleError `kernel/module-unknown`
 */
export function installModules(tree: Tree, options: InstallModulesOptions): void {
  const { catalogue, shipped } = options;
  const wanted = options.modules === "all" ? "all" : [...options.modules, ...options.load];
  const selected = selectModules(catalogue, wanted);
  const directory = `${options.base}/modules/${catalogue.version}`;
  const suffix = (path: string): string => (options.decompress ? path.replace(/\.(xz|zst|gz)$/, "") : path);
  if (selected.size > 0) {
    const infos = new Map([...selected.values()].map(({ path, info }) => [suffix(path), info]));
    for (const { path, bytes } of selected.values()) {
      const target = `${directory}/${suffix(path)}`;
      tree.mkdirs(target.slice(0, target.lastIndexOf("/")));
      tree.write(target, options.decompress ? contentOfBytes(bytes) : options.contentOf(path));
    }
    const text = (name: string): string => Buffer.from(shipped.get(name)?.read() ?? []).toString("latin1");
    for (const [name, content] of shipped) tree.write(`${directory}/${name}`, content);
    const files = depmod({
      modules: infos,
      order: text("modules.order"),
      builtin: text("modules.builtin"),
      builtinModinfo: shipped.get("modules.builtin.modinfo")?.read() ?? new Uint8Array(),
    });
    for (const [name, bytes] of files) tree.write(`${directory}/${name}`, bytes);
  }
  if (options.modules === "all") selectModules(catalogue, options.load);
  const paths = loadOrder(selected, options.load).map((path) => `${directory}/${suffix(path)}`);
  tree.mkdirs(LOAD_MODULES_PATH.slice(0, LOAD_MODULES_PATH.lastIndexOf("/")));
  tree.write(LOAD_MODULES_PATH, loadModulesScript(paths), { mode: 0o755, uid: 0, gid: 0 });
}
