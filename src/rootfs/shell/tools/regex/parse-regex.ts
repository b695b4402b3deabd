/**
 * Parses regular expressions: POSIX XBD chapter 9, basic and extended, with GNU's operators, as glibc and mawk read them.
 */
import {
  type Assertion,
  BYTE_CLASSES,
  byteSet,
  isWordByte,
  RegexError,
  type RegexNode,
  type RegexOptions,
} from "./ast.js";
import { foldCase, parseBracket, readAwkEscape } from "./parse-bracket.js";

/** A parsed pattern. */
export interface ParsedRegex {
  readonly node: RegexNode;
  /** Number of groups, from 1. */
  readonly groups: number;
  readonly hasBackreferences: boolean;
}

/** RE_DUP_MAX of glibc. */
const MAX_REPEAT = 32767;

const EMPTY: RegexNode = { kind: "sequence", items: [] };

/** Parses patterns that are alternatives of each other. @throws RegexError with glibc's message */
export function parseRegex(patterns: readonly string[], options: RegexOptions): ParsedRegex {
  let groups = 0;
  let hasBackreferences = false;
  const parsed = patterns.map((pattern) => {
    const parser = new Parser(pattern, options, groups);
    const node = parser.parse();
    groups = parser.groups;
    hasBackreferences ||= parser.hasBackreferences;
    return node;
  });
  let node: RegexNode = parsed.length === 1 ? parsed[0]! : { kind: "choice", options: parsed };
  if (options.whole !== undefined) {
    const [before, after] =
      options.whole === "line" ? (["line-start", "line-end"] as const) : (["no-word-before", "no-word-after"] as const);
    node = { kind: "sequence", items: [assertion(before), node, assertion(after)] };
  }
  return { node, groups, hasBackreferences };
}

function isEmpty(node: RegexNode): boolean {
  return node.kind === "sequence" && node.items.length === 0;
}

function assertion(what: Assertion): RegexNode {
  return { kind: "assertion", what };
}

const GNU_ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ["<", "word-start"],
  [">", "word-end"],
  ["b", "boundary"],
  ["B", "no-boundary"],
  ["`", "text-start"],
  ["'", "text-end"],
]);

class Parser {
  groups: number;
  hasBackreferences = false;
  private at = 0;
  private depth = 0;
  private readonly firstGroup: number;
  private closed = new Set<number>();
  private readonly pattern: string;
  private readonly options: RegexOptions;
  private readonly basic: boolean;
  private readonly emacs: boolean;

  constructor(pattern: string, options: RegexOptions, firstGroup: number) {
    this.pattern = pattern;
    this.options = options;
    this.emacs = options.syntax === "emacs";
    this.basic = options.syntax === "basic" || options.syntax === "grep" || this.emacs;
    this.groups = firstGroup;
    this.firstGroup = firstGroup;
  }

  parse(): RegexNode {
    const node = this.choice();
    if (this.at < this.pattern.length) throw new RegexError("Unmatched ) or \\)");
    return node;
  }

  private choice(): RegexNode {
    // A branch may refer to groups before the choice and in itself, not to those of other branches (glibc's regcomp.c).
    const before = this.closed;
    const seen = new Set(before);
    const branch = (): RegexNode => {
      this.closed = new Set(before);
      const node = this.sequence();
      for (const index of this.closed) seen.add(index);
      return node;
    };
    const options = [branch()];
    while (this.looksAt(this.basic ? "\\|" : "|")) {
      this.at += this.basic ? 2 : 1;
      options.push(branch());
    }
    this.closed = seen;
    const grouped = this.depth > 0 && this.looksAt(")");
    if (this.options.syntax === "awk" && (options.length > 1 || grouped) && options.some(isEmpty)) {
      throw new RegexError("missing operand");
    }
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  private sequence(): RegexNode {
    const items: RegexNode[] = [];
    const start = this.at;
    while (this.at < this.pattern.length && !this.looksAt(this.basic ? "\\|" : "|") && !this.atClose()) {
      const atStart = this.at === start || items.at(-1)?.kind === "assertion";
      const atom = this.atom(atStart, this.at === start);
      if (atom === undefined) continue;
      const repeatable = atom.kind !== "assertion" || this.options.syntax === "egrep";
      items.push(repeatable ? this.repeats(atom) : atom);
    }
    return items.length === 1 ? items[0]! : { kind: "sequence", items };
  }

  private looksAt(text: string): boolean {
    return this.pattern.startsWith(text, this.at);
  }

  /** At a closing parenthesis that closes something (elsewhere it is ordinary for grep -E and awk). */
  private atClose(): boolean {
    if (this.basic) return this.looksAt("\\)");
    if (!this.looksAt(")")) return false;
    return this.depth > 0 || this.options.syntax === "extended";
  }

  /** One element; undefined for an operator that is skipped. `afterOperator`: nothing there that could be repeated. */
  private atom(afterOperator: boolean, first: boolean): RegexNode | undefined {
    const c = this.pattern[this.at++]!;
    if (c === "[") {
      const { set, next } = parseBracket(this.pattern, this.at, this.options);
      this.at = next;
      return { kind: "set", set };
    }
    if (c === ".") return { kind: "set", set: byteSet((byte) => !(this.options.newlineSeparates && byte === 10)) };
    if (c === "\\") return this.escaped(afterOperator);
    if (c === "^" && (!this.basic || first)) return assertion("line-start");
    if (c === "$" && (!this.basic || this.dollarEnds())) return assertion("line-end");
    if (c === "(" && !this.basic) return this.group();
    if (afterOperator && (c === "*" || (!this.basic && (c === "+" || c === "?")))) {
      if (this.options.syntax === "egrep") return undefined;
      if (this.options.syntax === "extended") throw new RegexError("Invalid preceding regular expression");
      if (this.options.syntax === "awk") {
        const anchored = c !== "?" && this.pattern[this.at - 2] === "^";
        throw new RegexError(anchored ? "syntax error ^* or ^+" : "missing operand");
      }
    }
    if (c === "{" && !this.basic && afterOperator) {
      if (this.options.syntax === "extended") throw new RegexError("Invalid preceding regular expression");
      if (this.options.syntax === "egrep" && this.interval(this.at) !== undefined) {
        this.at = this.interval(this.at)!.next;
        return undefined;
      }
    }
    return this.literal(c.charCodeAt(0));
  }

  private dollarEnds(): boolean {
    return this.at === this.pattern.length || this.looksAt("\\)") || this.looksAt("\\|") || this.looksAt("\n");
  }

  private literal(byte: number): RegexNode {
    const set = new Uint8Array(256);
    set[byte] = 1;
    if (this.options.ignoreCase) foldCase(set);
    return { kind: "set", set };
  }

  private escaped(afterOperator: boolean): RegexNode | undefined {
    const c = this.pattern[this.at];
    if (this.options.syntax === "awk") {
      const { byte, next } = readAwkEscape(this.pattern, this.at - 1);
      this.at = next;
      return this.literal(byte);
    }
    if (c === undefined) throw new RegexError("Trailing backslash");
    this.at++;
    if (this.basic) {
      if (c === "(") return this.group();
      if (c === "{" && !this.emacs) {
        if (afterOperator) throw new RegexError("Invalid preceding regular expression");
        throw new RegexError("Invalid content of \\{\\}");
      }
    }
    if (c >= "1" && c <= "9") return this.backreference(Number(c));
    const what = GNU_ASSERTIONS.get(c);
    if (what !== undefined) return assertion(what);
    if (c === "w") return { kind: "set", set: byteSet(isWordByte) };
    if (c === "W") return { kind: "set", set: byteSet((byte) => !isWordByte(byte)) };
    const isSpace = BYTE_CLASSES.get("space")!;
    if (c === "s") return { kind: "set", set: byteSet(isSpace) };
    if (c === "S") return { kind: "set", set: byteSet((byte) => !isSpace(byte)) };
    return this.literal(c.charCodeAt(0));
  }

  private backreference(number: number): RegexNode {
    const index = this.firstGroup + number;
    if (!this.closed.has(index)) throw new RegexError("Invalid back reference");
    this.hasBackreferences = true;
    return { kind: "backreference", index };
  }

  private group(): RegexNode {
    const index = ++this.groups;
    this.depth++;
    const item = this.choice();
    const close = this.basic ? "\\)" : ")";
    if (!this.looksAt(close)) {
      throw new RegexError(this.options.syntax === "awk" ? "missing ')'" : "Unmatched ( or \\(");
    }
    this.at += close.length;
    this.depth--;
    this.closed.add(index);
    return { kind: "group", index, item };
  }

  private repeats(atom: RegexNode): RegexNode {
    let node = atom;
    for (;;) {
      const bounds = this.repeatOperator();
      if (bounds === undefined) return node;
      // RE_CONTEXT_INVALID_DUP of glibc: POSIX's basic expressions have no repetition of a repetition.
      if (this.options.syntax === "basic" && (this.looksAt("*") || this.looksAt("\\{"))) {
        throw new RegexError("Invalid preceding regular expression");
      }
      node = bounds.max === 0 ? EMPTY : { kind: "repeat", item: node, ...bounds };
    }
  }

  private repeatOperator(): { readonly min: number; readonly max: number | undefined } | undefined {
    const c = this.pattern[this.at];
    if (c === "*") {
      this.at++;
      return { min: 0, max: undefined };
    }
    const escaped = this.basic && !this.emacs;
    const operator = escaped ? (c === "\\" ? this.pattern[this.at + 1] : undefined) : c;
    const length = escaped ? 2 : 1;
    if (operator === "+" || operator === "?") {
      this.at += length;
      return operator === "+" ? { min: 1, max: undefined } : { min: 0, max: 1 };
    }
    if (operator !== "{" || this.emacs) return undefined;
    const interval = this.interval(this.at + length);
    if (interval === undefined) {
      // An invalid interval is ordinary text for grep -E and awk.
      if (this.options.syntax === "egrep" || this.options.syntax === "awk") return undefined;
      const closed = this.pattern.includes(this.basic ? "\\}" : "}", this.at);
      throw new RegexError(closed ? "Invalid content of \\{\\}" : "Unmatched \\{");
    }
    this.at = interval.next;
    const { min, max } = interval;
    if (min > MAX_REPEAT || (max ?? 0) > MAX_REPEAT) throw new RegexError("Regular expression too big");
    if (max !== undefined && max < min) throw new RegexError("Invalid content of \\{\\}");
    return { min, max };
  }

  /** `m}`, `m,}`, `,n}` or `m,n}` at a position. */
  private interval(
    at: number,
  ): { readonly min: number; readonly max: number | undefined; readonly next: number } | undefined {
    const match = /^([0-9]*)(,?)([0-9]*)(\\?\})/.exec(this.pattern.slice(at, at + 24));
    if (match === null || (match[4] === "\\}") !== this.basic) return undefined;
    if (match[1] === "" && match[2] === "") return undefined;
    const min = match[1] === "" ? 0 : Number(match[1]);
    const max = match[2] === "" ? min : match[3] === "" ? undefined : Number(match[3]);
    return { min, max, next: at + match[0].length };
  }
}
