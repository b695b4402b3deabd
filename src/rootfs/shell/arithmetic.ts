/**
 * Arithmetic expansion: signed 64-bit integers as in C, assignments included. bash adds `++`, `--`, `**`, `,`, `base#number`,
 * elements of arrays, and variables whose values are expressions.
 */

import { BASH_OPERATORS, BINARY, LEVELS, OPERATORS, parseConstant, UNARY } from "./arithmetic-operators.js";
import { arraySubscript, getElement, setElement } from "./bash/array.js";
import { ShellFailure } from "./control.js";
import type { Shell } from "./shell.js";

const MAX_NESTING = 64;

/** Evaluates an expression whose expansions are done. @throws ShellFailure after reporting an error */
export function evaluateArithmetic(shell: Shell, text: string, nesting = 0): bigint {
  const simple = /^\s*([0-9]{1,18})\s*$/.exec(text);
  if (simple !== null && !simple[1]!.startsWith("0")) return BigInt(simple[1]!);
  return new Evaluation(shell, text, nesting).value();
}

interface Place {
  readonly name: string;
  readonly index: string | undefined;
}

class Evaluation {
  private readonly shell: Shell;
  private readonly text: string;
  private readonly bash: boolean;
  private nesting: number;
  private at = 0;
  /** Above 0 while what is read is not evaluated (the other side of `&&`). */
  private idle = 0;

  constructor(shell: Shell, text: string, nesting: number) {
    this.shell = shell;
    this.text = text;
    this.bash = shell.dialect === "bash";
    this.nesting = nesting;
  }

  value(): bigint {
    if (this.bash && this.text.trim() === "") return 0n;
    const value = this.comma();
    this.space();
    if (this.at < this.text.length) this.fail("expecting EOF");
    return value;
  }

  private fail(what: string): never {
    if (this.bash) this.shell.fail(`${this.text}: syntax error in expression`, 1);
    return this.shell.fail(`arithmetic expression: ${what}: "${this.text}"`);
  }

  private space(): void {
    while (this.at < this.text.length && " \t\n\r\v\f".includes(this.text[this.at]!)) this.at++;
  }

  private peek(): string {
    this.space();
    const operator = OPERATORS.exec(this.text.slice(this.at, this.at + 3))?.[0] ?? "";
    return !this.bash && BASH_OPERATORS.has(operator) ? operator[0]! : operator;
  }

  private take(operator: string): boolean {
    if (this.peek() !== operator) return false;
    this.at += operator.length;
    return true;
  }

  private comma(): bigint {
    let value = this.assignment();
    while (this.bash && this.take(",")) value = this.assignment();
    return value;
  }

  private assignment(): bigint {
    if (++this.nesting > MAX_NESTING)
      this.shell.process.system.meter.exceeded("an expression is nested too deep, less");
    try {
      return this.assign();
    } finally {
      this.nesting--;
    }
  }

  private assign(): bigint {
    const start = this.at;
    const place = this.place();
    if (place !== undefined) {
      const operator = this.peek();
      if (operator === "=" || (/^(?:<<|>>|[*/%+\-&^|])=$/.test(operator) && operator.length > 1)) {
        this.at += operator.length;
        const right = this.assignment();
        const value = operator === "=" ? right : this.apply(operator.slice(0, -1), this.load(place), right);
        this.store(place, value);
        return value;
      }
    }
    this.at = start;
    return this.ternary();
  }

  private ternary(): bigint {
    const condition = this.binary(0);
    if (!this.take("?")) return condition;
    const yes = this.branch(condition !== 0n, () => this.comma());
    if (!this.take(":")) this.fail("expecting ':'");
    const no = this.branch(condition === 0n, () => this.ternary());
    return condition !== 0n ? yes : no;
  }

  private branch(live: boolean, read: () => bigint): bigint {
    if (!live) this.idle++;
    const value = read();
    if (!live) this.idle--;
    return value;
  }

  private binary(level: number): bigint {
    const operators = LEVELS[level];
    if (operators === undefined) return this.power();
    let left = this.binary(level + 1);
    for (;;) {
      const operator = this.peek();
      if (!operators.includes(operator)) return left;
      this.at += operator.length;
      if (operator === "&&") {
        const right = this.branch(left !== 0n, () => this.binary(level + 1));
        left = BigInt(left !== 0n && right !== 0n);
      } else if (operator === "||") {
        const right = this.branch(left === 0n, () => this.binary(level + 1));
        left = BigInt(left !== 0n || right !== 0n);
      } else left = this.apply(operator, left, this.binary(level + 1));
    }
  }

  private power(): bigint {
    const base = this.unary();
    if (!this.bash || !this.take("**")) return base;
    const exponent = this.power();
    if (exponent < 0n) this.fail("exponent less than 0");
    let result = 1n;
    let factor = base;
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if ((rest & 1n) === 1n) result = BigInt.asIntN(64, result * factor);
      factor = BigInt.asIntN(64, factor * factor);
    }
    return result;
  }

  private unary(): bigint {
    if (++this.nesting > MAX_NESTING * 4)
      this.shell.process.system.meter.exceeded("an expression is nested too deep, less");
    try {
      const operator = this.peek();
      if (this.bash && (operator === "++" || operator === "--")) return this.step(operator);
      for (const [sign, apply] of UNARY) {
        if (operator.startsWith(sign) && (operator === sign || (operator.length === 2 && operator[1] === sign))) {
          this.at++;
          return BigInt.asIntN(64, apply(this.unary()));
        }
      }
      return this.primary();
    } finally {
      this.nesting--;
    }
  }

  /** `++x` */
  private step(operator: string): bigint {
    this.at += 2;
    const place = this.place();
    if (place === undefined) this.fail("expecting primary");
    const value = BigInt.asIntN(64, this.load(place) + (operator === "++" ? 1n : -1n));
    this.store(place, value);
    return value;
  }

  private primary(): bigint {
    if (this.take("(")) {
      const value = this.bash ? this.comma() : this.assignment();
      if (!this.take(")")) this.fail("expecting ')'");
      return value;
    }
    this.space();
    const place = this.place();
    if (place !== undefined) {
      const value = this.load(place);
      const operator = this.bash ? this.peek() : "";
      if (operator === "++" || operator === "--") {
        this.at += 2;
        this.store(place, BigInt.asIntN(64, value + (operator === "++" ? 1n : -1n)));
      }
      return value;
    }
    return this.number();
  }

  private number(): bigint {
    const rest = this.text.slice(this.at, this.at + 80);
    const based = this.bash ? /^([0-9]+)#([0-9a-zA-Z@_]+)/.exec(rest) : null;
    if (based !== null) {
      this.at += based[0].length;
      return this.inBase(Number(based[1]), based[2]!);
    }
    const match = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(rest);
    if (match === null) this.fail("expecting primary");
    this.at += match[0].length;
    return parseConstant(match[0], this.bash);
  }

  private inBase(base: number, digits: string): bigint {
    const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_";
    let value = 0n;
    for (const char of digits) {
      const digit = alphabet.indexOf(base <= 36 ? char.toLowerCase() : char);
      if (digit < 0 || digit >= base) this.fail("value too great for base");
      value = BigInt.asIntN(64, value * BigInt(base) + BigInt(digit));
    }
    return value;
  }

  private place(): Place | undefined {
    this.space();
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(this.text.slice(this.at))?.[0];
    if (name === undefined) return undefined;
    this.at += name.length;
    if (!this.bash || this.text[this.at] !== "[") return { name, index: undefined };
    const end = this.text.indexOf("]", this.at);
    if (end < 0) this.fail("expecting ']'");
    const index = this.text.slice(this.at + 1, end);
    this.at = end + 1;
    return { name, index: arraySubscript(this.shell, name, index) };
  }

  private load({ name, index }: Place): bigint {
    if (this.idle > 0) return 0n;
    const { shell } = this;
    const text = index === undefined ? shell.variables.get(name) : getElement(shell, name, index);
    if (text === undefined && this.bash && shell.options.has("u")) shell.fail(`${name}: unbound variable`);
    if (text === undefined || text === "") return 0n;
    if (this.bash)
      return /^[0-9]+$/.test(text) ? parseConstant(text, true) : evaluateArithmetic(shell, text, this.nesting + 1);
    const match = /^[ \t\n\r\v\f]*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)[ \t\n\r\v\f]*$/.exec(text);
    if (match === null) return shell.fail(`Illegal number: ${text}`);
    const value = parseConstant(match[2]!, false);
    return match[1] === "-" ? -value : value;
  }

  private store({ name, index }: Place, value: bigint): void {
    if (this.idle > 0) return;
    if (index === undefined) this.shell.assign(name, String(value));
    else setElement(this.shell, name, { index, value: String(value) });
  }

  private apply(operator: string, left: bigint, right: bigint): bigint {
    if ((operator === "/" || operator === "%") && right === 0n) {
      if (this.idle > 0) return 0n;
      if (this.bash) this.shell.fail(`${this.text}: division by 0`, 1);
      this.fail("division by zero");
    }
    const compute = BINARY[operator];
    if (compute === undefined) throw new ShellFailure(2);
    return BigInt.asIntN(64, compute(left, right));
  }
}
