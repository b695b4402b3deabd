/** test(1) and [(1) of coreutils 9.7: POSIX's rules for up to four arguments, precedence beyond. */
import type { Node } from "../../tree/node.js";
import type { Command, Process } from "../process.js";
import { quoteText } from "./quote.js";

export const test: Command = (process, args) => evaluate(process, args[0]!, args.slice(1));

export const bracket: Command = (process, args) => {
  if (args.length > 1 && args.at(-1) === "]") return evaluate(process, args[0]!, args.slice(1, -1));
  process.stderr.write(`${args[0]}: missing ']'\n`);
  return 2;
};

class TestError extends Error {}

function evaluate(process: Process, name: string, args: readonly string[]): number {
  try {
    return posix(process, args) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    return 2;
  }
}

const BINARY = new Set(["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"]);
const UNARY = /^-[bcdefgGhkLnNOprsStuwxz]$/;

/** The meaning by number of arguments: POSIX XCU, `test`, OPERANDS. */
function posix(process: Process, args: readonly string[]): boolean {
  const [a, b, c, d] = args as [string, string, string, string];
  switch (args.length) {
    case 0:
      return false;
    case 1:
      return a !== "";
    case 2:
      if (a === "!") return b === "";
      if (UNARY.test(a)) return unary(process, a, b);
      if (/^-.$/.test(a)) throw new TestError(`${quoteText(a)}: unary operator expected`);
      throw new TestError(`missing argument after ${quoteText(b)}`);
    case 3:
      if (BINARY.has(b)) return binary(process, a, { operator: b, right: c });
      if (a === "!") return !posix(process, [b, c]);
      if (a === "(" && c === ")") return b !== "";
      if (b === "-a") return a !== "" && c !== "";
      if (b === "-o") return a !== "" || c !== "";
      throw new TestError(`${quoteText(b)}: binary operator expected`);
    case 4:
      if (a === "!") return !posix(process, [b, c, d]);
      if (a === "(" && d === ")") return posix(process, [b, c]);
  }
  const parser = new Parser(process, args);
  return parser.parse();
}

class Parser {
  private at = 0;
  private readonly process: Process;
  private readonly args: readonly string[];

  constructor(process: Process, args: readonly string[]) {
    this.process = process;
    this.args = args;
  }

  parse(): boolean {
    const value = this.or();
    if (this.at < this.args.length) throw new TestError(`extra argument ${quoteText(this.args[this.at]!)}`);
    return value;
  }

  private or(): boolean {
    let value = this.and();
    while (this.args[this.at] === "-o") {
      this.at++;
      value = this.and() || value;
    }
    return value;
  }

  private and(): boolean {
    let value = this.term();
    while (this.args[this.at] === "-a") {
      this.at++;
      value = this.term() && value;
    }
    return value;
  }

  private term(): boolean {
    const { args } = this;
    let negate = false;
    while (args[this.at] === "!" && this.at + 1 < args.length) {
      negate = !negate;
      this.at++;
    }
    const word = args[this.at];
    if (word === undefined) throw new TestError(`missing argument after ${quoteText(args[this.at - 1] ?? "")}`);
    let value: boolean;
    if (word === "(") {
      this.at++;
      value = this.or();
      if (args[this.at] !== ")")
        throw new TestError(args[this.at] === undefined ? "')' expected" : `')' expected, found ${args[this.at]}`);
      this.at++;
    } else if (args.length - this.at >= 3 && BINARY.has(args[this.at + 1]!)) {
      value = binary(this.process, word, { operator: args[this.at + 1]!, right: args[this.at + 2]! });
      this.at += 3;
    } else if (UNARY.test(word) && this.at + 1 < args.length) {
      value = unary(this.process, word, args[this.at + 1]!);
      this.at += 2;
    } else {
      value = word !== "";
      this.at++;
    }
    return value !== negate;
  }
}

function unary(process: Process, operator: string, word: string): boolean {
  if (operator === "-n") return word !== "";
  if (operator === "-z") return word === "";
  if (operator === "-t") {
    integer(word);
    return false;
  }
  const node = nodeAt(process, word, operator !== "-h" && operator !== "-L");
  if (node === undefined) return false;
  switch (operator) {
    case "-b":
      return node.type === "block";
    case "-c":
      return node.type === "char";
    case "-d":
      return node.type === "directory";
    case "-f":
      return node.type === "file";
    case "-h":
    case "-L":
      return node.type === "symlink";
    case "-p":
      return node.type === "fifo";
    case "-S":
      return node.type === "socket";
    case "-s":
      return node.type === "directory" || (node.type === "file" && node.content.size > 0);
    case "-u":
      return (node.mode & 0o4000) !== 0;
    case "-g":
      return (node.mode & 0o2000) !== 0;
    case "-k":
      return (node.mode & 0o1000) !== 0;
    case "-x":
      return node.type === "directory" || (node.mode & 0o111) !== 0;
    case "-O":
      return node.uid === process.tree.user.uid;
    case "-G":
      return node.gid === process.tree.user.gid;
    case "-N":
      return process.unsupported("test -N");
    default:
      return true;
  }
}

function binary(
  process: Process,
  left: string,
  { operator, right }: { readonly operator: string; readonly right: string },
): boolean {
  switch (operator) {
    case "=":
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "-nt":
    case "-ot": {
      const [a, b] = [nodeAt(process, left), nodeAt(process, right)];
      const [newer, older] = operator === "-nt" ? [a, b] : [b, a];
      return newer !== undefined && (older === undefined || newer.mtime > older.mtime);
    }
    case "-ef": {
      const node = nodeAt(process, left);
      return node !== undefined && node === nodeAt(process, right);
    }
  }
  const [a, b] = [integer(left), integer(right)];
  switch (operator) {
    case "-eq":
      return a === b;
    case "-ne":
      return a !== b;
    case "-lt":
      return a < b;
    case "-le":
      return a <= b;
    case "-gt":
      return a > b;
    default:
      return a >= b;
  }
}

function nodeAt(process: Process, path: string, follow = true): Node | undefined {
  return path === "" ? undefined : process.tree.lookup(process.absolute(path), { follow });
}

function integer(word: string): bigint {
  const match = /^[ \t\n\v\f\r]*([-+]?)([0-9]+)[ \t]*$/.exec(word);
  if (match === null) throw new TestError(`invalid integer ${quoteText(word)}`);
  return match[1] === "-" ? -BigInt(match[2]!) : BigInt(match[2]!);
}
