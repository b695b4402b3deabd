/**
 * mkfontscale(1) of X.Org 1.2, as mkfontdir(1) calls it: `fonts.dir`, the names of bitmap fonts and those that `fonts.scale` has, and
 * `encodings.dir`, the encodings that directories describe. Names of scalable fonts are not made: Debian's packages bring them.
 */
import { gunzipSync } from "node:zlib";
import { toByteString } from "../../../bytes/content.js";
import { compareByteStrings } from "../../../bytes/order.js";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { identifyFont } from "./bitmap-font.js";

const MAX_ENCODING_BYTES = 16 << 20;

export const mkfontscale: Command = defineTool(
  { short: "bsle:p:rno:x:f:", refused: "auUvh", onlyThese: true, inOrder: true },
  (tool) => {
    const given = tool.options.filter(({ name }) => name === "").map(({ value }) => value);
    const directories = [...given, ...tool.operands];
    const encodings = findEncodings(tool);
    for (const operand of directories.length > 0 ? directories : ["."]) {
      if (tool.find(operand)?.type !== "directory") {
        tool.process.stderr.write(`${operand}/: scandir: No such file or directory\n`);
        continue;
      }
      if (!tool.has("n")) writeIndex(tool, operand);
      if (encodings !== undefined) writeFile(tool, `${tool.absolute(operand)}/encodings.dir`, encodings);
    }
    return 0;
  },
);

function writeFile(tool: Tool, path: string, lines: readonly string[]): void {
  const text = `${[`${lines.length}`, ...[...lines].sort(compareByteStrings)].join("\n")}\n`;
  if (path.endsWith("/-")) tool.out(text);
  else tool.process.tree.write(path, text, { mode: 0o666 & ~tool.process.umask });
}

function writeIndex(tool: Tool, operand: string): void {
  const byName = new Map<string, string>();
  const add = (file: string, name: string): void => {
    const known = byName.get(name.toLowerCase());
    // Which of them counts depends on the order in which they are read.
    if (known !== undefined && known !== file) tool.unsupported(`with ${name} in ${known} and in ${file}`);
    byName.set(name.toLowerCase(), file);
  };
  const scale = `${operand}/fonts.scale`;
  if (tool.has("b") && tool.has("s") && tool.find(scale) !== undefined)
    for (const { file, name } of readScale(tool, scale)) add(file, name);
  for (const { file, name } of fontFiles(tool, operand)) add(file, name);
  const output = tool.value("o") ?? (tool.has("b") ? "fonts.dir" : "fonts.scale");
  const path = output.startsWith("/") ? output : `${tool.absolute(operand)}/${output}`;
  const lines = [...byName].map(([name, file]) => `${file} ${name}`);
  writeFile(tool, path, lines);
}

interface NamedFile {
  readonly file: string;
  readonly name: string;
}

/** The fonts that somebody has named. */
function readScale(tool: Tool, path: string): NamedFile[] {
  const [count, ...lines] = tool.process.tree.readText(tool.absolute(path)).split("\n");
  if (!/^\s*\d+\s*$/.test(count!)) tool.unsupported(`with ${path}, which has no number of fonts`);
  return lines.slice(0, Number(count)).flatMap((line) => {
    const match = /^\s*(\S+)\s+(\S.*)$/.exec(line);
    if (match === null && line.trim() !== "") tool.unsupported(`with '${line}' in ${path}`);
    return match === null ? [] : [{ file: match[1]!, name: match[2]! }];
  });
}

function fontFiles(tool: Tool, operand: string): NamedFile[] {
  const { tree } = tool.process;
  const suffixes = tool.values("x");
  const found: NamedFile[] = [];
  for (const file of [...tree.directory(tool.absolute(operand)).entries.keys()].sort(compareByteStrings)) {
    if (suffixes.some((suffix) => file.endsWith(suffix)) || tool.find(`${operand}/${file}`)?.type !== "file") continue;
    const isScalable = /\.(?:otf|ttf|ttc|otc|pfa|pfb)(?:\.gz)?$/i.test(file);
    if (isScalable && !tool.has("s")) tool.unsupported(`with the scalable font ${file}`);
    const font = identifyFont(tree.read(tool.absolute(`${operand}/${file}`)));
    if (font.kind === "unknown") tool.unsupported(`with ${file}, a font of a kind that is not read`);
    if (font.kind !== "bitmap" || !tool.has("b")) continue;
    if (/\s/.test(file)) tool.unsupported(`with '${file}'`);
    // Without -l, names in other encodings are made.
    if (!tool.has("l") && font.name.toLowerCase().endsWith("-iso10646-1")) tool.unsupported(`with ${file}, without -l`);
    found.push({ file, name: font.name });
  }
  return found;
}

/** The lines of `encodings.dir`; undefined if no directory of encodings was given. */
function findEncodings(tool: Tool): string[] | undefined {
  let prefix: string | undefined;
  let lines: string[] | undefined;
  for (const { name, value } of tool.options) {
    if (name === "p") prefix = value;
    if (name === "r") prefix = "";
    if (name !== "e") continue;
    const directory = tool.find(value);
    if (directory?.type !== "directory") return tool.unsupported(`-e ${value}, which is no directory`);
    // A prefix is for relative paths.
    const shown = prefix === undefined || value.startsWith("/") ? tool.absolute(value) : prefix + value;
    lines ??= [];
    for (const file of directory.entries.keys())
      for (const encoding of namesOf(tool, `${value}/${file}`)) lines.push(`${encoding} ${shown}/${file}`);
  }
  return lines;
}

/** What an encoding file calls its encoding: the name, and others that follow before the mapping. */
function namesOf(tool: Tool, path: string): string[] {
  if (tool.find(path)?.type !== "file") return [];
  const bytes = tool.process.tree.read(tool.absolute(path));
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = toByteString(isCompressed ? gunzipSync(bytes, { maxOutputLength: MAX_ENCODING_BYTES }) : bytes);
  const names: string[] = [];
  for (const line of text.split("\n")) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const words = line.trim().split(/\s+/);
    const keyword = names.length === 0 ? "STARTENCODING" : "ALIAS";
    if (words[0] === keyword && words.length === 2) names.push(words[1]!);
    else if (words[0] === keyword) tool.unsupported(`with '${line}' in ${path}`);
    else if (names.length === 0 || words[0] === "STARTMAPPING" || words[0] === "ENDENCODING") break;
  }
  return names;
}
