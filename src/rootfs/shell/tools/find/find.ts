/** find(1) of findutils 4.10. Directories are read in byte order; the real one leaves the order to the file system. */
import { FileSystemError } from "../../../tree/file-system-error.js";
import { type DirectoryNode, type Node, sortedEntries } from "../../../tree/node.js";
import type { Command } from "../../process.js";
import { joinPath } from "../path.js";
import { quoteText } from "../quote.js";
import { defineTool } from "../tool.js";
import { FindQuit } from "./actions.js";
import type { FindExpression, FindState, Visit } from "./expression.js";
import { type FindContext, parseExpression } from "./parse-expression.js";

export const find: Command = (process, args) => run(process, [args[0]!, "--", ...args.slice(1)]);

const run = defineTool({ refused: "" }, (tool) => {
  const words = [...tool.operands];
  let follow: FindContext["follow"] = "never";
  for (;;) {
    const option = words[0];
    if (option === "-P") follow = "never";
    else if (option === "-H") follow = "command-line";
    else if (option === "-L") follow = "always";
    else if (option === "-D") return tool.unsupported("-D");
    else if (option === undefined || !/^-O[0-9]?$/.test(option)) break;
    words.shift();
  }
  if (words[0] === "--") words.shift();
  const at = words.findIndex((word) => (word.startsWith("-") && word !== "-") || word === "(" || word === "!");
  const starts = at < 0 ? words : words.slice(0, at);
  // The old name of -L: an option, wherever it stands.
  if (at >= 0 && words.slice(at).includes("-follow")) follow = "always";
  const state: FindState = { failed: false };
  const context: FindContext = { tool, state, follow };
  const expression = parseExpression(context, at < 0 ? [] : words.slice(at));
  const walk = new Walk(context, expression);
  for (const start of starts.length === 0 ? ["."] : starts) {
    try {
      walk.start(start);
    } catch (error) {
      if (!(error instanceof FindQuit)) throw error;
      break;
    }
  }
  expression.finish();
  return state.failed ? 1 : 0;
});

class Walk {
  private readonly context: FindContext;
  private readonly expression: FindExpression;

  constructor(context: FindContext, expression: FindExpression) {
    this.context = context;
    this.expression = expression;
  }

  start(path: string): undefined {
    const { tool, follow, state } = this.context;
    try {
      const entry = tool.lstat(path);
      const node = follow === "never" ? entry : (tool.find(path) ?? entry);
      this.visit({ path, start: path, depth: 0, node, entry, pruned: false }, []);
    } catch (error) {
      if (!(error instanceof FileSystemError) || error.errno === "EBADF") throw error;
      tool.say(`${quoteText(path)}: ${error.text}`);
      state.failed = true;
    }
  }

  private visit(visit: Visit, above: readonly Node[]): undefined {
    const { expression, context } = this;
    const wanted = visit.depth >= expression.minDepth && visit.depth <= expression.maxDepth;
    if (above.includes(visit.node)) {
      context.tool.say(
        `File system loop detected; ${quoteText(visit.path)} is part of the same file system loop as ${quoteText(visit.start)}.`,
      );
      context.state.failed = true;
      return;
    }
    if (wanted && !expression.depthFirst) expression.evaluate(visit);
    const enters = visit.node.type === "directory" && visit.depth < expression.maxDepth;
    if (enters && (!visit.pruned || expression.depthFirst)) this.children(visit, visit.node as DirectoryNode, above);
    if (wanted && expression.depthFirst) expression.evaluate(visit);
  }

  private children(visit: Visit, node: DirectoryNode, above: readonly Node[]): undefined {
    for (const [name] of sortedEntries(node)) {
      // An action may have removed it meanwhile.
      const entry = node.entries.get(name);
      if (entry === undefined) continue;
      const path = joinPath(visit.path, name);
      const child = this.context.follow === "always" ? (this.context.tool.find(path) ?? entry) : entry;
      this.visit(
        { path, start: visit.start, depth: visit.depth + 1, node: child, entry, pruned: false },
        this.context.follow === "always" ? [...above, node] : above,
      );
    }
  }
}
