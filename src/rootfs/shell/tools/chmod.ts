/** chmod(1) of coreutils 9.7. */
import { setMode } from "../../tree/acl.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import { type Node, sortedEntries } from "../../tree/node.js";
import type { Command } from "../process.js";
import { type ModeChange, modeText, parseMode } from "./mode.js";
import { joinPath } from "./path.js";
import { quoteAlways, quoteText } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

/** A mode such as -x or -rwx that looks like options. */
const MINUS_MODE = /^-[rwxXstugo0-7,+=-]+$/;

export const chmod: Command = (process, args) => {
  // Without this, `chmod -x file` would be read as options.
  const end = args.indexOf("--");
  const at = args.findIndex((arg, i) => i > 0 && (end < 0 || i < end) && MINUS_MODE.test(arg) && arg !== "--");
  if (at < 0) return run(process, args);
  return withMode(args[at]!)(process, [args[0]!, ...args.slice(1, at), ...args.slice(at + 1)]);
};

const run = define();

function withMode(mode: string): Command {
  return define(mode);
}

function define(minusMode?: string): Command {
  return defineTool(
    {
      short: "cfRvHLPh",
      long: {
        changes: "c",
        silent: "f",
        quiet: "f",
        recursive: "R",
        verbose: "v",
        "no-preserve-root": "no-preserve",
        "preserve-root": "preserve",
        "reference=": "reference",
        dereference: "dereference",
        "no-dereference": "h",
      },
      refused: "",
    },
    (tool) => {
      const reference = tool.value("reference");
      const operands = [...tool.operands];
      let change: ModeChange;
      if (reference !== undefined) {
        try {
          const { mode } = tool.stat(reference);
          change = { apply: () => mode };
        } catch (error) {
          if (!(error instanceof FileSystemError)) throw error;
          return tool.die(`failed to get attributes of ${quoteAlways(reference)}: ${error.text}`);
        }
      } else {
        const text = minusMode ?? operands.shift();
        if (text === undefined) return tool.usage("missing operand");
        if (operands.length === 0) return tool.usage(`missing operand after ${quoteText(text)}`);
        change = parseMode(text) ?? tool.usage(`invalid mode: ${quoteText(text)}`);
      }
      if (operands.length === 0) tool.usage("missing operand");
      for (const operand of operands) {
        if (tool.has("R") && tool.has("preserve") && tool.find(operand) === tool.process.tree.root) {
          tool.complain("it is dangerous to operate recursively on '/'");
          tool.say("use --no-preserve-root to override this failsafe");
        } else change1(tool, operand, { change, commandLine: true });
      }
      return tool.status;
    },
  );
}

function change1(
  tool: Tool,
  path: string,
  { change, commandLine }: { change: ModeChange; commandLine: boolean },
): undefined {
  let node: Node;
  try {
    const link = tool.lstat(path);
    if (link.type === "symlink" && (!commandLine || tool.has("h"))) return;
    node = link;
    if (link.type === "symlink") {
      const target = tool.find(path);
      if (target === undefined) {
        if (!tool.has("f")) tool.say(`cannot operate on dangling symlink ${quoteAlways(path)}`);
        tool.status = 1;
        return;
      }
      node = target;
    }
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    if (!tool.has("f")) tool.say(`cannot access ${quoteAlways(path)}: ${error.text}`);
    tool.status = 1;
    return;
  }
  const before = modeText(node);
  const old = node.mode;
  setMode(node, change.apply(old, { directory: node.type === "directory", umask: tool.process.umask }));
  const octal = (mode: number): string => mode.toString(8).padStart(4, "0");
  if (old !== node.mode && (tool.has("v") || tool.has("c"))) {
    const from = `${octal(old)} (${before.slice(1)})`;
    tool.out(`mode of ${quoteAlways(path)} changed from ${from} to ${octal(node.mode)} (${modeText(node).slice(1)})\n`);
  } else if (tool.has("v")) {
    tool.out(`mode of ${quoteAlways(path)} retained as ${octal(old)} (${before.slice(1)})\n`);
  }
  if (!tool.has("R") || node.type !== "directory") return;
  for (const [name] of sortedEntries(node)) change1(tool, joinPath(path, name), { change, commandLine: false });
}
