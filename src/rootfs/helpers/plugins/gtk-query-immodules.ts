/**
 * gtk-query-immodules-3.0(1): `immodules.cache`, which input methods there are for which languages. The modules tell it by a function,
 * which is followed.
 */
import type { Command } from "../../shell/process.js";
import { defineTool } from "../../shell/tools/tool.js";
import type { PluginMemory } from "./plugin-memory.js";
import { pluginsOf, printAscii, queryPlugin } from "./query-plugin.js";
import { runFunction } from "./run-function.js";

const BINARY_VERSION = "3.0.0";
/** What makes the program look elsewhere. */
const VARIABLES = ["GTK_PATH", "GTK_EXE_PREFIX", "GTK_IM_MODULE_FILE"];

export const gtkQueryImmodules: Command = defineTool({ long: { "update-cache": "update-cache" } }, (tool) => {
  const { tree, environment } = tool.process;
  const variable = VARIABLES.find((name) => environment.has(name));
  if (variable !== undefined) tool.unsupported(`with ${variable}`);
  // The program is in a directory of the library's package, beside the library.
  const program = tool.absolute(tool.name);
  const libraries = program.split("/").slice(0, -2).join("/");
  const version = queryPlugin(tool, `${libraries}/libgtk-3.so.0`, versionOf);
  const root = `${libraries}/gtk-3.0`;
  const path = [`${BINARY_VERSION}/linux`, BINARY_VERSION, "linux", ""].map((part) =>
    `${root}/${part}/immodules`.replace("//", "/"),
  );
  const files = tool.operands.length > 0 ? tool.operands : path.flatMap((directory) => pluginsOf(tool, directory));
  const head = [
    "GTK+ Input Method Modules file",
    "Automatically generated file, do not edit",
    `Created by ${program} from gtk+-${version}`,
    "",
  ];
  if (tool.operands.length === 0) head.push(`ModulesPath = ${path.join(":")}`, "");
  const blocks = files.map((file) => queryPlugin(tool, file, (memory) => describe(memory, file)));
  const text = `${head.map((line) => `# ${line}`.trimEnd()).join("\n")}\n${blocks.join("")}`;
  if (!tool.has("update-cache")) printAscii(tool, `${text}\n`);
  else tree.write(`${root}/${BINARY_VERSION}/immodules.cache`, text, { mode: 0o666 & ~tool.process.umask });
  return 0;
});

function versionOf(memory: PluginMemory): string {
  return ["major", "minor", "micro"]
    .map((part) => runFunction({ memory, name: `gtk_get_${part}_version` }, { args: [], imports: new Map() }))
    .join(".");
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}

/** A module's list: identity, name, text domain, its directory, and languages, a text each. */
function describe(memory: PluginMemory, file: string): string {
  const [list, count] = [memory.give(8), memory.give(8)];
  runFunction({ memory, name: "im_module_list" }, { args: [list, count], imports: new Map() });
  const contexts = memory.read(list, 8);
  const lines = Array.from({ length: Number(memory.read(count, 4)) & 0xff }, (_, i) => {
    const context = memory.read(contexts + BigInt(8 * i), 8);
    const fields = [0n, 8n, 16n, 24n, 32n].map((offset) => memory.read(context + offset, 8));
    return `${fields.map((field) => `${quote(memory.text(field))} `).join("")}\n`;
  });
  return `${quote(file)} \n${lines.join("")}\n`;
}
