/**
 * depmod(8) as a command: reads the modules of a kernel below /lib/modules and writes modules.dep and its like beside them.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { decodeModule } from "./decode-module.js";
import { depmod } from "./depmod.js";
import { type ModuleInfo, moduleNameOf, readModule } from "./module-info.js";

const CONFIGURATION = ["/etc/depmod.d", "/run/depmod.d", "/usr/local/lib/depmod.d", "/usr/lib/depmod.d"];

/** kmod(8), by the name it is called by; lsmod, insmod and rmmod deal with the running kernel. */
export const kmod: Command = (process, args) => {
  const name = args[0]!.replace(/^.*\//s, "");
  if (name === "depmod") return depmodCommand(process, args);
  return name === "modprobe" ? modprobe(process, args) : process.unsupported(args.join(" "));
};

/** modprobe(8), asked to load modules: the running kernel has none in the tree. */
const modprobe: Command = defineTool({ short: "abqsv", long: { all: "a", quiet: "q", verbose: "v" } }, (tool) => {
  const { release } = tool.process.system.machine;
  const [module] = tool.operands;
  if (module === undefined || tool.find(`/lib/modules/${release}`) !== undefined)
    return tool.unsupported(tool.words.join(" "));
  if (!tool.has("q")) tool.say(`FATAL: Module ${module} not found in directory /lib/modules/${release}`);
  return 1;
});

const depmodCommand: Command = defineTool(
  { short: "ab:F:", long: { all: "a", "basedir=": "b", "filesyms=": "F" } },
  (tool) => {
    const [version] = tool.operands;
    if (version === undefined || tool.operands.length > 1) return tool.unsupported(tool.words.join(" "));
    checkConfiguration(tool);
    const { tree } = tool.process;
    const directory = `${tool.absolute(tool.value("b") ?? "/").replace(/\/$/, "")}/lib/modules/${version}`;
    if (tree.lookup(directory)?.type !== "directory") tool.die(`ERROR: could not open directory ${directory}`);
    // The kernel's symbols keep depmod from warning of modules that want others; nothing that it writes depends on them.
    const symbols = tool.value("F");
    if (symbols !== undefined && tool.find(symbols)?.type !== "file") tool.unsupported(`-F ${symbols}`);
    const root = tree.realpath(directory);
    const text = (name: string): string => (tree.lookup(`${root}/${name}`) ? tree.readText(`${root}/${name}`) : "");
    const builtinModinfo = `${root}/modules.builtin.modinfo`;
    const files = depmod({
      modules: readModules(tool, root),
      order: text("modules.order"),
      builtin: text("modules.builtin"),
      builtinModinfo: tree.lookup(builtinModinfo) ? tree.read(builtinModinfo) : new Uint8Array(0),
    });
    for (const [name, bytes] of files) tree.write(`${root}/${name}`, bytes, { mode: 0o644 });
    return 0;
  },
);

function readModules(tool: Tool, root: string): Map<string, ModuleInfo> {
  const { tree } = tool.process;
  const modules = new Map<string, ModuleInfo>();
  const names = new Set<string>();
  for (const { path, node } of tree.walk(root)) {
    if (node.type !== "file" || !/\.ko(\.(xz|zst|gz))?$/.test(path)) continue;
    const info = readModule(path, decodeModule(path, tree.read(path)));
    if (info === undefined) return tool.unsupported(`with ${path}, which is no module`);
    if (names.has(moduleNameOf(path))) tool.unsupported(`with two modules ${moduleNameOf(path)}`);
    names.add(moduleNameOf(path));
    modules.set(path.slice(root.length + 1), info);
  }
  return modules;
}

/** depmod.d(5): where modules of one name are looked for first does not matter while each name is there once. */
function checkConfiguration(tool: Tool): void {
  for (const directory of CONFIGURATION) {
    const node = tool.find(directory);
    if (node?.type !== "directory") continue;
    for (const name of node.entries.keys()) {
      const path = `${directory}/${name}`;
      const lines = name.endsWith(".conf") ? tool.process.tree.readText(path).split("\n") : [];
      if (lines.some((line) => !/^\s*(?:#.*|search\s.*)?$/.test(line)))
        tool.unsupported(`with the settings of ${path}`);
    }
  }
}
