/** getopt(1) of util-linux 2.41. */
import type { Command } from "../process.js";
import { type OptionSpec, parseOptions } from "./options.js";
import { defineTool, type Tool } from "./tool.js";

export const getopt: Command = (process, args) => {
  // Without options of its own, the first operand is the short options: the traditional form.
  const [, first] = args;
  if (first === undefined) {
    process.stderr.write(`${args[0]}: missing optstring argument\nTry '${args[0]} --help' for more information.\n`);
    return 2;
  }
  if (!first.startsWith("-") || process.environment.has("GETOPT_COMPATIBLE")) {
    return run(process, [args[0]!, "-u", "-o", first.replace(/^[-+]/, ""), "--", ...args.slice(2)]);
  }
  return run(process, args);
};

const run = defineTool(
  {
    short: "ao:l:n:qQs:uT",
    long: {
      alternative: "a",
      "options=": "o",
      "longoptions=": "l",
      "name=": "n",
      quiet: "q",
      "quiet-output": "Q",
      "shell=": "s",
      unquoted: "u",
      test: "T",
    },
    refused: "hV",
    failure: 2,
    operandsEndOptions: true,
  },
  (tool) => {
    if (tool.has("T")) return 4;
    const shell = tool.value("s") ?? "sh";
    if (!/^(sh|bash)$/.test(shell)) tool.unsupported(`-s ${shell}`);
    const operands = [...tool.operands];
    const short = tool.value("o") ?? operands.shift();
    if (short === undefined) return tool.usage("missing optstring argument");
    return normalize(tool, operands, short);
  },
);

function normalize(tool: Tool, operands: readonly string[], short: string): number {
  const quote = (text: string): string => (tool.has("u") ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const inOrder = short.startsWith("-");
  const spec: OptionSpec = {
    short: short.replace(/^[-+]/, ""),
    long: longOptions(tool.values("l")),
    refused: "",
    operandsEndOptions: short.startsWith("+") || tool.process.environment.has("POSIXLY_CORRECT"),
    onlyThese: true,
    singleDash: tool.has("a"),
    inOrder,
    keepsGoing: true,
  };
  const parsed = parseOptions(spec, operands);
  if (parsed.kind !== "parsed") return tool.unsupported("with options that are not its own");
  for (const message of parsed.problems ?? []) {
    if (!tool.has("q")) tool.process.stderr.write(`${tool.value("n") ?? tool.name}: ${message}\n`);
  }
  if (!tool.has("Q")) {
    const words: string[] = [];
    for (const { name, value, hasValue } of parsed.options) {
      if (name === "") {
        words.push(quote(value));
        continue;
      }
      words.push(name.startsWith("--") ? name : `-${name}`);
      if (hasValue || takesArgument(spec, name)) words.push(quote(value));
    }
    words.push("--", ...parsed.operands.map(quote));
    tool.out(` ${words.join(" ")}\n`);
  }
  return (parsed.problems ?? []).length > 0 ? 1 : 0;
}

/** An option with an optional argument that is not given gets an empty one. */
function takesArgument(spec: OptionSpec, name: string): boolean {
  if (name.startsWith("--")) {
    const long = spec.long ?? {};
    return `${name.slice(2)}=` in long || `${name.slice(2)}?` in long;
  }
  return spec.short?.[spec.short.indexOf(name) + 1] === ":";
}

function longOptions(lists: readonly string[]): Record<string, string> {
  const long: Record<string, string> = {};
  for (const word of lists.flatMap((list) => list.split(/[,\s]+/)).filter((item) => item !== "")) {
    const name = word.replace(/:+$/, "");
    const suffix = word.endsWith("::") ? "?" : word.endsWith(":") ? "=" : "";
    long[name + suffix] = `--${name}`;
  }
  return long;
}
