/**
 * Shell scripts made at random: of the POSIX grammar with what dash has beyond it, small enough to look at when one differs. The same
 * seed gives the same script. All of it is good syntax. Every loop ends, nothing depends on time, process ids or the order of parallel commands.
 */
import { type Numbers, numbersBelow } from "../../fixtures/seeded-numbers.js";

/** A script. */
export function generateScript(seed: number): string {
  const writer = new Writer(numbersBelow(seed));
  return writer.script();
}

const VARIABLES = ["a", "b", "c", "IFS_", "empty"] as const;
const WORDS = [
  "x",
  "y z",
  "a:b:c",
  "",
  "*",
  "f1",
  "-n",
  "10",
  "'q'",
  "p/q.r.s",
  "a  b",
  "\\\\t",
  "010",
  "[x]",
  "~",
] as const;
const PATTERNS = [
  "*",
  "?",
  "x*",
  "*.s",
  "[a-c]*",
  "*:*",
  "%",
  "[#]",
  "[!x]*",
  '"*"',
  "\\*",
  "*/",
  "$a",
  '"$b"',
] as const;

class Writer {
  readonly #next: Numbers;
  #loops = 0;
  #functions = 0;

  constructor(next: Numbers) {
    this.#next = next;
  }

  script(): string {
    const options = this.#pick(["", "", "", "set -e\n", "set -u\n", "set -f\n", "set -eu\n", "IFS=:\n"]);
    const start = `${options}a=${this.#quoted(2)}; b="${this.#pick(["1 2", "x:y", "", "a*"])}"; empty=; IFS_=' '\nset -- ${this.#word(1)} 'p q' ""\n: >f1; echo two >f2\n`;
    const lines = Array.from({ length: 3 + this.#next(5) }, () => this.#command(3));
    return `${start}${lines.join("\n")}\necho "end $? $# [$a] [$b] \${c-unset}"\n`;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#next(items.length)] as T;
  }

  #variable(): string {
    return this.#pick(VARIABLES);
  }

  #list(depth: number): string {
    const commands = Array.from({ length: 1 + this.#next(3) }, () => this.#command(depth));
    return commands.join(this.#pick(["; ", "\n"]));
  }

  #command(depth: number): string {
    if (depth <= 0) return this.#simple(0);
    const inner = (): string => this.#list(depth - 1);
    switch (this.#next(22)) {
      case 0:
        return `if ${inner()}; then ${inner()}; ${this.#pick(["", `else ${inner()}; `, `elif ${this.#test()}; then ${inner()}; `])}fi`;
      case 1:
        return this.#loop(depth);
      case 2:
        return `for ${this.#variable()} in ${this.#words(2)}; do ${inner()}${this.#leave()}; done`;
      case 3:
        return `case ${this.#word(1)} in ${this.#pick(PATTERNS)}) ${inner()};; ${this.#pick(PATTERNS)}|${this.#pick(PATTERNS)}) ${inner()};; esac`;
      case 4:
        return `{ ${inner()}; }${this.#redirection()}`;
      case 5:
        return `( ${inner()} )${this.#redirection()}`;
      case 6:
        return `${this.#simple(depth)} ${this.#pick(["&&", "||"])} ${this.#command(depth - 1)}`;
      case 7:
        return `! ${this.#simple(depth)}`;
      case 8:
        return `${this.#producer()} | ${this.#pick(["cat", `while read -r ${this.#variable()} c; do ${inner()}; done`, "wc -l", `{ ${inner()}; }`])}`;
      case 9:
        return this.#function(depth);
      case 10:
        return `eval ${this.#pick(["'echo \"$a\"'", '"echo $b"', "'c=$b; echo $c'", "'(exit 3)'", '"a=\\$b"'])}; echo $?`;
      case 11:
        return `{ cat <<${this.#pick(["E", "'E'", "-E"])}${this.#redirection()}\n${this.#parts(2)} $a\n\t\${b:-$(echo in)} $((1+2)) \\$a\nE\n}`;
      case 12:
        return `${this.#variable()}=$( ${inner()}); echo "[$?]"`;
      case 13:
        return `trap ${this.#pick(["'echo exit $?' EXIT", "- EXIT", "'echo t' 0", "'' EXIT"])}`;
      case 14:
        return `${this.#test()}; echo $?`;
      case 15:
        return `set -- ${this.#words(2)}; echo $# "$@" "$*" $*`;
      case 16:
        return `${this.#variable()}=${this.#word(2)} echo ${this.#words(1)}${this.#redirection()}`;
      default:
        return this.#simple(depth);
    }
  }

  #simple(depth: number): string {
    const assigned = `${this.#variable()}=${this.#word(depth)}`;
    switch (this.#next(14)) {
      case 0:
        return assigned;
      case 1:
        return `printf '${this.#pick(["%s\\n", "<%s>\\n", "%d %s\\n", "[%5s]\\n", "%x\\n", "%b\\n", "%-4s|\\n", "%c\\n"])}' ${this.#words(depth)}`;
      case 2:
        return `${this.#pick(["true", "false", ":", "(exit 4)", "test a = a", "[ -f f1 ]", "cd .", "unset c"])}${this.#redirection()}`;
      case 3:
        return `echo ${this.#words(depth)} ${this.#pick([">", ">>", ">|"])}${this.#pick(["f3", "f1", '"f 4"'])}`;
      case 4:
        return `read ${this.#variable()} c <${this.#pick(["f2", "f1"])}; echo "$?[$c]"`;
      case 5:
        return `shift ${this.#pick(["", "1"])}; echo "$# $*"`;
      case 6:
        return `export ${assigned}; echo "$${this.#variable()}"`;
      case 7:
        return `echo "$((${this.#arithmetic(2)}))"`;
      default:
        return `echo ${this.#words(depth)}${this.#redirection()}`;
    }
  }

  /** The left side of a pipe: it touches no files, which the right side may read meanwhile. */
  #producer(): string {
    return this.#pick([
      `echo ${this.#words(0)}`,
      `printf '%s\\n' ${this.#words(0)}`,
      "echo $#",
      '{ echo "$a"; echo "$b"; }',
    ]);
  }

  #test(): string {
    const [left, right] = [this.#quoted(1), this.#quoted(1)];
    return this.#pick([
      `[ ${left} = ${right} ]`,
      `[ ${left} != ${right} ]`,
      `[ -n ${left} ]`,
      `[ -z ${left} -o ${right} ]`,
      `test ${left} -a ! ${right}`,
      `[ ${this.#next(9)} -${this.#pick(["lt", "ge", "eq"])} ${this.#next(9)} ]`,
      "[ -e f3 ]",
      "test -s f2",
    ]);
  }

  #loop(depth: number): string {
    const name = `n${this.#loops++}`;
    const [word, test] = this.#pick([
      ["while", "-lt"],
      ["until", "-ge"],
    ]);
    return `${name}=0; ${word} [ "$${name}" ${test} ${1 + this.#next(3)} ]; do ${name}=$((${name}+1)); ${this.#list(depth - 1)}${this.#leave()}; done`;
  }

  /** Out of a loop, now and then. */
  #leave(): string {
    return this.#pick(["", "", "", "; [ $# -gt 2 ] || continue; echo on", '; [ -n "$b" ] && break']);
  }

  #function(depth: number): string {
    const name = `f${this.#functions++}`;
    const locals = this.#pick(["", `local ${this.#variable()}; `, `local c=${this.#quoted(1)}; `]);
    return `${name}() { ${locals}${this.#list(depth - 1)}; ${this.#pick(["", "return 3; ", "return; "])}echo "in $# $1"; }\n${name} ${this.#words(1)}; echo "$? $#"`;
  }

  #words(depth: number): string {
    return Array.from({ length: this.#next(4) }, () => this.#word(depth)).join(" ");
  }

  #word(depth: number): string {
    return this.#pick([() => this.#parts(depth), () => this.#quoted(depth), () => this.#quoted(depth)])();
  }

  #quoted(depth: number): string {
    const text = this.#pick(WORDS);
    return this.#pick([() => `'${text.replaceAll("'", "")}'`, () => `"${this.#parts(depth)}"`, () => `"${text}"`])();
  }

  #parts(depth: number): string {
    return Array.from({ length: 1 + this.#next(2) }, () => this.#part(depth)).join(this.#pick(["", "", "-"]));
  }

  #part(depth: number): string {
    const name = this.#pick([...VARIABLES, "1", "2", "#", "?", "9"]);
    if (depth <= 0) return this.#pick(["x", "y1", `$${name}`, `\${${name}}`]);
    const word = (): string => this.#pick(["d", "$b", "$a", "$(echo s)", "", "'l m'", '"$2"']);
    switch (this.#next(11)) {
      case 0:
        return `\${${this.#variable()}${this.#pick(["-", ":-", "+", ":+", "=", ":="])}${word()}}`;
      case 1:
        return `\${${this.#variable()}${this.#pick(["#", "##", "%", "%%"])}${this.#pick(PATTERNS)}}`;
      case 2:
        return `\${#${this.#variable()}}`;
      case 3:
        return `$( ${this.#simple(depth - 1)})`;
      case 4:
        return `$((${this.#arithmetic(2)}))`;
      case 5:
        return this.#pick(["$@", "$*"]);
      case 6:
        return `\`echo ${this.#pick(["b", "$a", '"$b"'])}\``;
      default:
        return this.#pick([`$${name}`, `\${${name}}`, "x", "y"]);
    }
  }

  #arithmetic(depth: number): string {
    if (depth <= 0) return this.#pick(["1", "2", "7", "0x1f", "010", "n9", "-3"]);
    const inner = (): string => this.#arithmetic(depth - 1);
    return this.#pick([
      () =>
        `${inner()} ${this.#pick(["+", "-", "*", "<<", "&", "|", "^", "<", "==", "!=", ">=", "&&", "||"])} ${inner()}`,
      () => `(${inner()})`,
      () => `${inner()} ? ${inner()} : ${inner()}`,
      () => `!${inner()}`,
      () => `n9 = ${inner()}`,
      () => `n9 ${this.#pick(["+=", "*=", "|="])} ${inner()}`,
      () => `~${inner()}`,
      () => inner(),
    ])();
  }

  #redirection(): string {
    return this.#pick([
      "",
      "",
      "",
      "",
      " >f3",
      " 2>/dev/null",
      " 2>&1",
      " >>f1",
      " <f2",
      " 3>&1 >&3",
      " >&2",
      " 2>f5 <f2",
    ]);
  }
}
