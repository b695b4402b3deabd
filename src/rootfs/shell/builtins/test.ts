/**
 * `test` and `[`.
 */
import type { Node } from "../../tree/node.js";
import { isVirtualDevice } from "../open-file.js";
import type { Shell } from "../shell.js";

const UNARY: ReadonlySet<string> = new Set("-b -c -d -e -f -g -h -k -n -p -r -s -t -u -w -x -z -G -L -O -S".split(" "));
const BINARY: ReadonlySet<string> = new Set("= != < > -eq -ne -gt -ge -lt -le -nt -ot -ef".split(" "));

/** `test expression`, `[ expression ]` */
export function testBuiltin(shell: Shell, args: readonly string[]): number {
  let words = args.slice(1);
  if (args[0] === "[") {
    if (words.at(-1) !== "]") return shell.fail(shell.dialect === "bash" ? "[: missing `]'" : "[: missing ]", 2);
    words = words.slice(0, -1);
  }
  if (words.length === 0) return 1;
  return Number(!new Expression(shell, words, args[0]!).value());
}

/**
 * POSIX decides by the number of words up to four; beyond, there is a grammar of `-o`, `-a`, `!` and parentheses. bash keeps to
 * the numbers, dash uses the grammar but for a comparison of three words.
 */
class Expression {
  private readonly shell: Shell;
  private words: readonly string[];
  private readonly name: string;
  /** The word that is being read; after an expression, its last word. */
  private at = 0;

  constructor(shell: Shell, words: readonly string[], name: string) {
    this.shell = shell;
    this.words = words;
    this.name = name;
  }

  value(): boolean {
    const [first, operator] = this.words;
    const count = this.words.length;
    if (this.shell.dialect === "bash") {
      const short = this.byCount(this.words);
      if (short !== undefined) return short;
    } else if (count === 3 && this.isBinary(operator)) {
      return this.binary(first!, operator, this.words[2]!);
    } else if ((count === 3 || count === 4) && first === "!") {
      return !new Expression(this.shell, this.words.slice(1), this.name).value();
    } else if ((count === 3 || count === 4) && first === "(" && this.words.at(-1) === ")") {
      this.words = this.words.slice(1, -1);
    }
    const value = this.or();
    if (this.at + 1 < this.words.length) {
      if (this.shell.dialect === "bash") this.fail("too many arguments");
      // dash names the last word that it understood.
      const last = this.words[this.at];
      this.fail(last === "" ? "unexpected operator" : `${last}: unexpected operator`);
    }
    return value;
  }

  private fail(message: string): never {
    return this.shell.fail(`${this.name}: ${message}`, 2);
  }

  private isBinary(word: string | undefined): word is string {
    return word !== undefined && (BINARY.has(word) || (word === "==" && this.shell.dialect === "bash"));
  }

  private byCount(words: readonly string[]): boolean | undefined {
    const [a, b, c] = words;
    const negated = (rest: boolean | undefined): boolean | undefined => (rest === undefined ? undefined : !rest);
    switch (words.length) {
      case 0:
        return false;
      case 1:
        return a !== "";
      case 2:
        return a === "!" ? b === "" : undefined;
      case 3:
        if (this.isBinary(b)) return this.binary(a!, b, c!);
        if (a === "!") return negated(this.byCount(words.slice(1)));
        return a === "(" && c === ")" ? b !== "" : undefined;
      case 4:
        if (a === "!") return negated(this.byCount(words.slice(1)));
        return a === "(" && words[3] === ")" ? this.byCount(words.slice(1, 3)) : undefined;
      default:
        return undefined;
    }
  }

  private or(): boolean {
    let value = this.and();
    while (this.words[this.at + 1] === "-o") {
      this.at += 2;
      const right = this.and();
      value ||= right;
    }
    return value;
  }

  private and(): boolean {
    let value = this.not();
    while (this.words[this.at + 1] === "-a") {
      this.at += 2;
      const right = this.not();
      value &&= right;
    }
    return value;
  }

  private not(): boolean {
    if (this.words[this.at] !== "!") return this.primary();
    this.at++;
    return !this.not();
  }

  private primary(): boolean {
    const word = this.words[this.at];
    const next = this.words[this.at + 1];
    if (word === undefined) return false;
    if (word === "(" && next !== undefined) return this.parenthesised();
    if (UNARY.has(word) && !this.isOperand(this.at)) {
      this.at++;
      return testUnary(this.shell, word, next!);
    }
    if (this.isBinary(next)) {
      const right = this.words[this.at + 2];
      if (right === undefined) {
        this.fail(this.shell.dialect === "bash" ? `${word}: unary operator expected` : `${next}: argument expected`);
      }
      this.at += 2;
      return this.binary(word, next, right);
    }
    return word !== "";
  }

  private parenthesised(): boolean {
    this.at++;
    if (this.words[this.at] === ")") return false;
    const value = this.or();
    this.at++;
    if (this.words[this.at] !== ")") this.fail("closing paren expected");
    return value;
  }

  /** Whether a word that looks like a unary operator is an operand: nothing follows it, or a comparison does. */
  private isOperand(at: number): boolean {
    const [, next, after] = this.words.slice(at, at + 3);
    return next === undefined || (this.isBinary(next) && after !== undefined);
  }

  private binary(left: string, operator: string, right: string): boolean {
    return testBinary(this.shell, { left, operator, right, name: this.name });
  }
}

/** A comparison. */
export interface Comparison {
  readonly left: string;
  readonly operator: string;
  readonly right: string;
  /** `test` or `[`, for errors. */
  readonly name: string;
}

/** Evaluates a comparison of strings, numbers or files. */
export function testBinary(shell: Shell, { left, operator, right, name }: Comparison): boolean {
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
    case "-ot":
    case "-ef":
      return compareFiles(shell, { left, operator, right });
    default: {
      const [a, b] = [readInteger(shell, left, name), readInteger(shell, right, name)];
      if (operator === "-eq") return a === b;
      if (operator === "-ne") return a !== b;
      if (operator === "-gt") return a > b;
      if (operator === "-ge") return a >= b;
      return operator === "-lt" ? a < b : a <= b;
    }
  }
}

function readInteger(shell: Shell, text: string, name: string): bigint {
  const match = /^[ \t\n\r\v\f]*([-+]?)([0-9]+)[ \t\n\r\v\f]*$/.exec(text);
  if (match === null) {
    return shell.dialect === "bash"
      ? shell.fail(`${name}: ${text}: integer expression expected`, 2)
      : shell.fail(`${name}: Illegal number: ${text}`);
  }
  return match[1] === "-" ? -BigInt(match[2]!) : BigInt(match[2]!);
}

function compareFiles(shell: Shell, { left, operator, right }: Omit<Comparison, "name">): boolean {
  const [a, b] = [find(shell, left), find(shell, right)];
  if (operator === "-ef") return a !== undefined && a === b;
  // bash takes a missing file for older; to dash both must be there.
  const missing = shell.dialect === "bash";
  if (operator === "-nt") return a !== undefined && (b === undefined ? missing : a.mtime > b.mtime);
  return b !== undefined && (a === undefined ? missing : a.mtime < b.mtime);
}

function find(shell: Shell, path: string, follow = true): Node | undefined {
  return path === "" ? undefined : shell.process.tree.lookup(shell.process.absolute(path), { follow });
}

/** Evaluates a test of one string or file. */
export function testUnary(shell: Shell, operator: string, operand: string): boolean {
  if (operator === "-n") return operand !== "";
  if (operator === "-z") return operand === "";
  if (operator === "-t") return false;
  const node = find(shell, operand, operator !== "-h" && operator !== "-L");
  if (node === undefined) return isVirtualDevice(operand) && "cerw".includes(operator[1]!);
  switch (operator) {
    case "-e":
    case "-r":
    case "-w":
      return true;
    case "-x":
      return node.type === "directory" || (node.mode & 0o111) !== 0;
    case "-f":
      return node.type === "file";
    case "-d":
      return node.type === "directory";
    case "-h":
    case "-L":
      return node.type === "symlink";
    case "-b":
      return node.type === "block";
    case "-c":
      return node.type === "char";
    case "-p":
      return node.type === "fifo";
    case "-S":
      return node.type === "socket";
    case "-s":
      return node.type === "file" ? node.content.size > 0 : node.type === "directory";
    case "-g":
      return (node.mode & 0o2000) !== 0;
    case "-u":
      return (node.mode & 0o4000) !== 0;
    case "-k":
      return (node.mode & 0o1000) !== 0;
    case "-O":
      return node.uid === shell.process.tree.user.uid;
    case "-G":
      return node.gid === shell.process.tree.user.gid;
    default:
      return shell.unsupported(`test ${operator}`);
  }
}
