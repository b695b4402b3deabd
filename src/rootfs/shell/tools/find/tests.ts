/**
 * The tests of find(1).
 */
import { FileSystemError } from "../../../tree/file-system-error.js";
import type { Node } from "../../../tree/node.js";
import { compilePattern, matchPattern } from "../../pattern.js";
import { groupId, groupName, userId, userName } from "../accounts.js";
import { linkCount, parseMode, sizeOf } from "../mode.js";
import { baseName } from "../path.js";
import { quoteText } from "../quote.js";
import { RegexError, type RegexOptions } from "../regex/ast.js";
import { compileRegex } from "../regex/regex.js";
import { parseDate } from "../timestamp.js";
import type { Predicate, Visit } from "./expression.js";
import type { Arguments, FindContext } from "./parse-expression.js";

/** Makes the test that `args` names; undefined if it names none. */
export function makeTest(context: FindContext, args: Arguments, regexType: string): Predicate | undefined {
  const { tool } = context;
  const { tree } = tool.process;
  switch (args.name) {
    case "-true":
      return () => true;
    case "-false":
      return () => false;
    case "-name":
    case "-iname":
      return glob(args, (visit) => (visit.path.replace(/\/+$/, "") === "" ? "/" : baseName(visit.path)));
    case "-path":
    case "-wholename":
    case "-ipath":
    case "-iwholename":
      return glob(args, (visit) => visit.path);
    case "-lname":
    case "-ilname": {
      const matches = glob(args, (visit) => (visit.node.type === "symlink" ? visit.node.target : ""));
      return (visit) => visit.node.type === "symlink" && matches(visit);
    }
    case "-regex":
    case "-iregex":
      return regex(context, args, regexType);
    case "-type":
      return typeTest(context, args, (visit) => visit.node);
    case "-xtype":
      return typeTest(context, args, (visit) =>
        context.follow === "always" ? visit.entry : (tool.find(visit.path) ?? visit.entry),
      );
    case "-perm":
      return permissionTest(context, args);
    case "-size":
      return sizeTest(context, args);
    case "-empty":
      return ({ node }) =>
        node.type === "directory" ? node.entries.size === 0 : node.type === "file" && node.content.size === 0;
    case "-user": {
      const name = args.next();
      const uid = userId(tree, name) ?? tool.die(`invalid user name or UID argument to -user: ${quoteText(name)}`);
      return ({ node }) => node.uid === uid;
    }
    case "-group": {
      const name = args.next();
      const gid = groupId(tree, name) ?? tool.die(`invalid group name or GID argument to -group: ${quoteText(name)}`);
      return ({ node }) => node.gid === gid;
    }
    case "-nouser":
      return ({ node }) => userName(tree, node.uid) === undefined;
    case "-nogroup":
      return ({ node }) => groupName(tree, node.gid) === undefined;
    case "-uid":
      return numeric(context, args, (node) => node.uid);
    case "-gid":
      return numeric(context, args, (node) => node.gid);
    case "-links":
      return numeric(context, args, linkCount);
    case "-mtime":
      return numeric(context, args, (node) => Math.floor((tree.epoch - node.mtime) / 86400));
    case "-mmin":
      return numeric(context, args, (node) => Math.ceil((tree.epoch - node.mtime) / 60));
    case "-newer":
    case "-newermm": {
      const reference = statArgument(context, args.next());
      return ({ node }) => node.mtime > reference.mtime;
    }
    case "-newermt": {
      const text = args.next();
      const time = parseDate(text, tree.epoch) ?? tool.unsupported(`-newermt ${text}`);
      return ({ node }) => node.mtime > time;
    }
    case "-samefile": {
      const reference = statArgument(context, args.next());
      return ({ node }) => node === reference;
    }
    case "-readable":
    case "-writable":
      return (visit) => visit.entry.type !== "symlink" || tool.find(visit.path) !== undefined;
    case "-executable":
      return (visit) => {
        const node = tool.find(visit.path);
        return node !== undefined && (node.type === "directory" || (node.mode & 0o111) !== 0);
      };
    default:
      return undefined;
  }
}

function glob(args: Arguments, textOf: (visit: Visit) => string): Predicate {
  const ignoreCase = args.name.startsWith("-i");
  const fold = (text: string): string => (ignoreCase ? text.replace(/[A-Z]/g, (c) => c.toLowerCase()) : text);
  const pattern = compilePattern(fold(args.next()));
  return (visit) => matchPattern(pattern, fold(textOf(visit)));
}

const SYNTAXES: ReadonlyMap<string, RegexOptions["syntax"]> = new Map([
  ["findutils-default", "emacs"],
  ["emacs", "emacs"],
  ["posix-basic", "basic"],
  ["ed", "basic"],
  ["sed", "basic"],
  ["grep", "grep"],
  ["posix-extended", "extended"],
  ["posix-egrep", "egrep"],
  ["egrep", "egrep"],
]);

function regex(context: FindContext, args: Arguments, regexType: string): Predicate {
  const { tool } = context;
  const text = args.next();
  const syntax = SYNTAXES.get(regexType) ?? tool.unsupported(`-regextype ${regexType}`);
  if (syntax === "emacs" && text.includes("[:")) tool.unsupported(`-regex ${text}`);
  try {
    const compiled = compileRegex(text, { syntax, ignoreCase: args.name === "-iregex", whole: "line" });
    return (visit) => compiled.test(visit.path);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    return tool.die(`failed to compile regular expression '${text}': ${error.message}`);
  }
}

const TYPES: ReadonlyMap<string, Node["type"]> = new Map([
  ["b", "block"],
  ["c", "char"],
  ["d", "directory"],
  ["f", "file"],
  ["l", "symlink"],
  ["p", "fifo"],
  ["s", "socket"],
]);

function typeTest(context: FindContext, args: Arguments, nodeOf: (visit: Visit) => Node): Predicate {
  const text = args.next();
  if (text === "") context.tool.die(`Arguments to ${args.name} should contain at least one letter`);
  const types = new Set(
    text.split(",").map((letter, i, all) => {
      if (letter === "" && i === all.length - 1 && i > 0)
        return context.tool.die(
          `Last file type in list argument to ${args.name} is missing, i.e., list is ending on: ','`,
        );
      if (letter.length > 1) return context.tool.die(`Must separate multiple arguments to ${args.name} using: ','`);
      return TYPES.get(letter) ?? context.tool.die(`Unknown argument to ${args.name}: ${letter}`);
    }),
  );
  return (visit) => types.has(nodeOf(visit).type);
}

function permissionTest(context: FindContext, args: Arguments): Predicate {
  const text = args.next();
  const kind = text[0] === "-" || text[0] === "/" ? text[0] : "";
  const change = parseMode(text.slice(kind.length));
  if (change === undefined || /^\+[0-7]/.test(text)) return context.tool.die(`invalid mode ${quoteText(text)}`);
  const wanted = change.apply(0, { directory: false, umask: 0 });
  if (kind === "/" && wanted === 0) {
    context.tool.say(
      `warning: you have specified a mode pattern ${text} (which is equivalent to /000). The meaning of -perm /000 has now been changed to be consistent with -perm -000; that is, while it used to match no files, it now matches all files.`,
    );
  }
  if (kind === "-") return ({ node }) => (node.mode & wanted) === wanted;
  if (kind === "/") return ({ node }) => wanted === 0 || (node.mode & wanted) !== 0;
  return ({ node }) => node.mode === wanted;
}

const UNITS: Readonly<Record<string, number>> = { c: 1, w: 2, b: 512, k: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function sizeTest(context: FindContext, args: Arguments): Predicate {
  const text = args.next();
  const match = /^([-+]?)([0-9]+)([cwbkMG]?)$/.exec(text);
  if (match === null) {
    const unit = /^[-+]?[0-9]*(.)$/.exec(text);
    if (unit !== null) return context.tool.die(`invalid -size type \`${unit[1]}'`);
    return context.tool.die(`Invalid argument \`${text}' to -size`);
  }
  const unit = UNITS[match[3] || "b"]!;
  return comparison(match[1]!, Number(match[2]), ({ node }) => Math.ceil(sizeOf(node) / unit));
}

function numeric(context: FindContext, args: Arguments, measure: (node: Node) => number): Predicate {
  const text = args.next();
  const match = /^([-+]?)([0-9]+)$/.exec(text);
  if (match === null) return context.tool.die(`non-numeric argument to ${args.name}: ${quoteText(text)}`);
  return comparison(match[1]!, Number(match[2]), ({ node }) => measure(node));
}

function comparison(sign: string, wanted: number, measure: (visit: Visit) => number): Predicate {
  if (sign === "+") return (visit) => measure(visit) > wanted;
  if (sign === "-") return (visit) => measure(visit) < wanted;
  return (visit) => measure(visit) === wanted;
}

function statArgument(context: FindContext, path: string): Node {
  try {
    return context.follow === "never" ? context.tool.lstat(path) : context.tool.stat(path);
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return context.tool.die(`${quoteText(path)}: ${error.text}`);
  }
}
