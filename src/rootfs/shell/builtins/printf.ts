/**
 * `printf`: the format is used again as long as arguments are left.
 */
import type { Shell } from "../shell.js";
import { unescapeEcho, unescapeFormat } from "./escapes.js";
import { formatFloat, formatInteger, type Specification } from "./format-number.js";

const SPECIFICATION = /^%([-+ #0]*)(\*|[0-9]+)?(?:\.(\*|[0-9]*))?([\s\S])?/;

/** `printf format [argument…]`; bash also `printf -v name`. */
export function printfBuiltin(shell: Shell, args: readonly string[]): number {
  let at = 1;
  let target: string | undefined;
  if (shell.dialect === "bash" && args[1] === "-v") {
    target = args[2];
    at = 3;
  }
  if (args[at] === "--") at++;
  else if (/^-./s.test(args[at] ?? "")) {
    if (shell.dialect === "bash") shell.unsupported(`printf ${args[at]}`);
    return shell.fail(`printf: Illegal option ${args[at]!.slice(0, 2)}`);
  }
  const format = args[at];
  if (format === undefined) return shell.fail("printf: usage: printf format [arg ...]");
  const output = new Output(shell, args.slice(at + 1));
  output.run(format);
  if (target === undefined) shell.process.stdout.write(output.text);
  else shell.assign(target, output.text);
  return output.status;
}

class Output {
  text = "";
  status = 0;
  private readonly shell: Shell;
  private readonly args: readonly string[];
  private at = 0;
  private stopped = false;

  constructor(shell: Shell, args: readonly string[]) {
    this.shell = shell;
    this.args = args;
  }

  run(format: string): void {
    do {
      const before = this.at;
      this.once(format);
      if (this.at === before) return;
    } while (this.at < this.args.length && !this.stopped);
  }

  private next(): string | undefined {
    return this.args[this.at++];
  }

  private once(format: string): void {
    const bash = this.shell.dialect === "bash";
    for (let i = 0; i < format.length && !this.stopped; ) {
      const percent = format.indexOf("%", i);
      const end = percent < 0 ? format.length : percent;
      this.text += unescapeFormat(format.slice(i, end), bash).text;
      if (percent < 0) return;
      const match = SPECIFICATION.exec(format.slice(percent))!;
      i = percent + match[0].length;
      if (match[0] === "%%") this.text += "%";
      else this.convert(match);
    }
  }

  private convert(match: RegExpExecArray): void {
    const [all, flags = "", width, precision, conversion = ""] = match;
    const star = (text: string | undefined): number | undefined =>
      text === "*" ? Number(this.integer(this.next())) : text === undefined ? undefined : Number(text);
    let minimum = star(width) ?? 0;
    const limit = star(precision);
    const left = flags.includes("-") || minimum < 0;
    minimum = Math.abs(minimum);
    if (minimum > 1 << 20 || (limit ?? 0) > 1 << 20) this.shell.unsupported(`printf ${all}`);
    const digits = limit === undefined || limit < 0 ? undefined : limit;
    const specification: Specification = { flags, width: minimum, precision: digits, left, conversion };
    const pad = (text: string): string => (left ? text.padEnd(minimum) : text.padStart(minimum));
    switch (conversion) {
      case "s":
        this.text += pad((this.next() ?? "").slice(0, digits));
        return;
      case "b": {
        const result = unescapeEcho(this.next() ?? "", this.shell.dialect);
        this.text += pad(result.text.slice(0, digits));
        this.stopped ||= result.stop;
        return;
      }
      case "c":
        // An empty argument is its own end: a NUL.
        this.text += pad((this.next() ?? "").slice(0, 1) || "\0");
        return;
      case "d":
      case "i":
      case "o":
      case "u":
      case "x":
      case "X":
        this.text += formatInteger(this.integer(this.next()), specification);
        return;
      case "e":
      case "E":
      case "f":
      case "F":
      case "g":
      case "G":
        this.text += formatFloat(this.float(this.next()), specification);
        return;
      case "q":
        if (this.shell.dialect === "bash") {
          this.text += pad(quoteForBash(this.next() ?? ""));
          return;
        }
    }
    if (this.shell.dialect === "bash") this.shell.unsupported(`printf ${all}`);
    this.shell.process.stdout.write(this.text);
    this.shell.fail(`printf: ${all}: invalid directive`);
  }

  private integer(text: string | undefined): bigint {
    if (text === undefined || text === "") return 0n;
    if (text.startsWith('"') || text.startsWith("'")) return BigInt(text.charCodeAt(1) || 0);
    const match = /^[ \t\n\r\v\f]*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(text);
    if (match === null) {
      this.complain(text, "expected numeric value", "invalid number");
      return 0n;
    }
    if (match[0].length < text.length) this.complain(text, "not completely converted", "invalid number");
    const digits = match[2]!;
    const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
    if (value >= 1n << 64n) this.complain(text, "Numerical result out of range", "Numerical result out of range");
    return match[1] === "-" ? -value : value;
  }

  private float(text: string | undefined): number {
    if (text === undefined) return 0;
    if (text.startsWith('"') || text.startsWith("'")) return text.charCodeAt(1) || 0;
    const match = /^[ \t\n]*[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?)/.exec(text);
    if (match === null) {
      this.complain(text, "expected numeric value", "invalid number");
      return 0;
    }
    if (match[0].length < text.length) this.complain(text, "not completely converted", "invalid number");
    return Number(match[0]);
  }

  private complain(text: string, dash: string, bash: string): void {
    this.shell.report(`printf: ${text}: ${this.shell.dialect === "bash" ? bash : dash}`);
    this.status = 1;
  }
}

/** bash's `%q` for text without control characters. */
function quoteForBash(text: string): string {
  if (text === "") return "''";
  if (/[\x00-\x1f\x7f-\xff]/.test(text)) {
    const escaped = text.replace(/[\\'\x00-\x1f\x7f-\xff]/g, (char) => {
      const letter = "\x07a\bb\tt\nn\vv\ff\rr\x1bE\\\\''";
      const index = letter.indexOf(char);
      if (index >= 0 && index % 2 === 0) return `\\${letter[index + 1]}`;
      return `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`;
    });
    return `$'${escaped}'`;
  }
  return text.replace(/[^A-Za-z0-9_./:=@%+-]/g, "\\$&").replace(/^~/, "\\~");
}
