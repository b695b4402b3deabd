/**
 * postconf(1) of Postfix 3.10 on main.cf: shows parameters (`-h`, `-x`), sets them (`-e`) and makes comments of them (`-#`).
 *
 * File format: postconf(5). Golden cases: Debian's postconf. Only the defaults that Debian's scripts ask for are known.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

const MAIN = "/etc/postfix/main.cf";

/** Debian's built-in defaults of parameters that depend on nothing else. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["alias_database", "hash:/etc/aliases"],
  ["cyrus_sasl_config_path", ""],
  ["default_transport", "smtp"],
  ["html_directory", "/usr/share/doc/postfix/html"],
  ["inet_protocols", "all"],
  ["multi_instance_directories", ""],
  ["multi_instance_name", ""],
  ["readme_directory", "/usr/share/doc/postfix"],
]);

/** postconf(1). */
export const postconf: Command = defineTool({ short: "c:ehx#" }, (tool) => {
  checkDirectory(tool);
  const modes = ["e", "#"].filter((mode) => tool.has(mode));
  const options = tool.options.filter(({ name }) => name !== "c");
  const edits = modes.length > 0 || (options.length === 0 && tool.operands.some((word) => word.includes("=")));
  if (tool.operands.length === 0) tool.unsupported(tool.words.join(" "));
  if (!edits) return show(tool);
  if (modes.length > 1 || options.length > modes.length) tool.unsupported(tool.words.join(" "));
  if (tool.operands.some((word) => word.includes("\n"))) tool.die("fatal: -e, -X, or -# accepts no multi-line input");
  if (tool.has("#")) edit(tool, new Map(tool.operands.map((name) => [name, undefined])));
  else edit(tool, assignments(tool));
  return undefined;
});

/** -c names the directory of main.cf; another one than the package's is that of a further instance of Postfix. */
function checkDirectory(tool: Tool): void {
  const directory = tool.value("c");
  if (directory === undefined || directory.replace(/\/+$/, "") === "/etc/postfix") return;
  if (tool.find(`${directory}/main.cf`) === undefined)
    tool.die(`fatal: open ${directory}/main.cf: No such file or directory`);
  tool.unsupported(`-c ${directory}`);
}

function assignments(tool: Tool): Map<string, string> {
  return new Map(
    tool.operands.map((word) => {
      const match = /^\s*([^\s=]+)\s*=(.*)$/.exec(word);
      if (match === null) return tool.die(`fatal: missing '=' after attribute name: "${word}"`);
      return [match[1]!, match[2]!.trim()];
    }),
  );
}

/** Every line that begins a setting is changed, its continuation goes with it, and comments stay where they are. */
function edit(tool: Tool, values: ReadonlyMap<string, string | undefined>): void {
  const { tree } = tool.process;
  const found = new Set<string>();
  let current: string | undefined;
  const lines = linesOf(tool).flatMap((line) => {
    if (/^\s*(?:#|$)/.test(line)) return [line];
    const continues = /^\s/.test(line);
    if (!continues) current = /^[^\s=]+/.exec(line)?.[0];
    if (current === undefined || !values.has(current)) return [line];
    const value = values.get(current);
    if (value === undefined) return [`#${line}`];
    found.add(current);
    return continues ? [] : [`${current} = ${value}`];
  });
  const added = [...values].flatMap(([name, value]) =>
    value === undefined || found.has(name) ? [] : [`${name} = ${value}`],
  );
  if (added.length > 1)
    tool.unsupported("-e with more than one new parameter, which come in the order of a hash table");
  tree.write(MAIN, [...lines, ...added].map((line) => `${line}\n`).join(""), { mode: tool.stat(MAIN).mode });
}

function show(tool: Tool): undefined {
  const settings = readSettings(tool);
  const lookUp = (name: string, depth = 0): string => {
    const value = settings.get(name) ?? DEFAULTS.get(name);
    if (value === undefined || depth > 20) return tool.unsupported(`the value of ${name}`);
    if (!tool.has("x")) return value;
    return value.replace(/\$(\w*)/g, (text, other: string) =>
      other === "" ? tool.unsupported(`${text} in ${name}`) : lookUp(other, depth + 1),
    );
  };
  for (const name of tool.operands) tool.out(`${tool.has("h") ? "" : `${name} = `}${lookUp(name)}\n`);
}

/** The last setting of a parameter counts; a line that begins with white space belongs to the one before. */
function readSettings(tool: Tool): Map<string, string> {
  const logical: string[] = [];
  for (const line of linesOf(tool)) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    if (/^\s/.test(line) && logical.length > 0) logical.push(logical.pop()! + line);
    else logical.push(line);
  }
  return new Map(
    logical.flatMap((line) => {
      const match = /^([^\s=]+)\s*=(.*)$/.exec(line);
      return match === null ? [] : [[match[1]!, match[2]!.trim()]];
    }),
  );
}

function linesOf(tool: Tool): string[] {
  tool.stat(MAIN);
  const text = tool.process.tree.readText(MAIN);
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
