/**
 * gdk-pixbuf-query-loaders(1) of gdk-pixbuf 2.42: which image formats the loaders read, by signature, type and ending. The loaders fill
 * in a `GdkPixbufFormat` (gdk-pixbuf-io.h) by a function, which is followed.
 */
import type { Command } from "../../shell/process.js";
import { defineTool } from "../../shell/tools/tool.js";
import { type PluginMemory, PluginProblem } from "./plugin-memory.js";
import { pluginsOf, printAscii, queryPlugin } from "./query-plugin.js";
import { runFunction } from "./run-function.js";

const PROGRAM = "gdk-pixbuf-query-loaders";
/** What makes the program look elsewhere. */
const VARIABLES = ["GDK_PIXBUF_MODULEDIR", "GDK_PIXBUF_MODULE_FILE"];
const FORMAT_SIZE = 0x60;
const SIGNATURE_SIZE = 24n;

export const gdkPixbufQueryLoaders: Command = defineTool({ long: { "update-cache": "update-cache" } }, (tool) => {
  const { tree } = tool.process;
  const program = tree.readText(tool.absolute(tool.name));
  // Its ABI has a version too, 2.10.0.
  const version = /\0(2\.(?!10\.0\0)\d+\.\d+)\0/.exec(program)?.[1];
  const directory = /\0(\/[^\0]*\/gdk-pixbuf-2\.0\/[^\0]*\/loaders)\0/.exec(program)?.[1];
  if (version === undefined || directory === undefined) return tool.unsupported("of a version that is not known");
  const variable = VARIABLES.find((name) => tool.process.environment.has(name));
  if (variable !== undefined) tool.unsupported(`with ${variable}`);
  const given = tool.operands.map((path) =>
    path.startsWith("/") ? path : `${tool.process.cwd}/${path}`.replace("//", "/"),
  );
  const paths = given.length > 0 ? given : pluginsOf(tool, directory);
  const blocks = paths.map((path) => `${queryPlugin(tool, path, (memory) => describe(memory, path))}\n`);
  const head = [
    "GdkPixbuf Image Loader Modules file",
    "Automatically generated file, do not edit",
    `Created by ${PROGRAM} from gdk-pixbuf-${version}`,
    "",
  ];
  if (given.length === 0) head.push(`LoaderDir = ${directory}`, "");
  const text = `${head.map((line) => `# ${line}`.trimEnd()).join("\n")}\n${blocks.join("")}`;
  if (!tool.has("update-cache")) printAscii(tool, `${text}\n`);
  else tree.write(`${directory}.cache`, text, { mode: 0o666 & ~tool.process.umask });
  return 0;
});

function describe(memory: PluginMemory, path: string): string {
  const format = memory.give(FORMAT_SIZE);
  runFunction({ memory, name: "fill_info" }, { args: [format], imports: new Map() });
  const field = (offset: number): bigint => memory.read(format + BigInt(offset), 8);
  const text = (offset: number, otherwise = ""): string =>
    `"${field(offset) === 0n ? otherwise : memory.text(field(offset))}"`;
  const texts = (offset: number): string =>
    [...memory.list(field(offset)).map((item) => memory.text(item)), ""].map((item) => `"${item}"`).join(" ");
  const flags = memory.read(format + 0x30n, 4);
  const lines = [
    `"${path}"`,
    `${text(0)} ${flags} ${text(0x10, "gdk-pixbuf")} ${text(0x18)} ${text(0x38)}`,
    texts(0x20),
    texts(0x28),
    ...signatures(memory, field(0x08)),
  ];
  return `${lines.join("\n")}\n`;
}

/** What files of the format start with. */
function signatures(memory: PluginMemory, list: bigint): string[] {
  const lines: string[] = [];
  for (let at = list; memory.read(at, 8) !== 0n; at += SIGNATURE_SIZE) {
    const prefix = memory.text(memory.read(at, 8));
    const place = memory.read(at + 8n, 8);
    const mask = place === 0n ? "" : memory.text(place);
    // The program leaves such a loader out.
    if (prefix === "" || (place !== 0n && (mask.length !== prefix.length || /[^ !xzn*]/.test(mask))))
      throw new PluginProblem("has a signature that is none");
    const relevance = BigInt.asIntN(32, memory.read(at + 16n, 4));
    lines.push(`"${escapeText(prefix)}" "${mask}" ${relevance}`);
  }
  return lines;
}

/** As g_strescape() of GLib has it. */
function escapeText(text: string): string {
  return text.replaceAll(/[\b\f\n\r\t\v\\"]|[^ -~]/g, (character) => {
    const at = '\b\f\n\r\t\v\\"'.indexOf(character);
    if (at >= 0) return `\\${'bfnrtv\\"'[at]}`;
    return `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
}
