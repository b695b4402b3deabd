/**
 * Options of the shell, as `set`, the command line and a `#!` line give them.
 */
import { OPTION_NAMES, type Shell } from "./shell.js";

/** Letters that change nothing when no terminal is there, and options that cannot work here. */
const UNSUPPORTED: ReadonlySet<string> = new Set(["m", "V", "E", "i"]);

/** Long options that only bash has. */
const BASH_OPTIONS: ReadonlySet<string> = new Set([
  "pipefail",
  "posix",
  "errtrace",
  "functrace",
  "physical",
  "hashall",
  "braceexpand",
  "interactive-comments",
]);

const BASH_LETTERS: Readonly<Record<string, string>> = {
  E: "errtrace",
  T: "functrace",
  P: "physical",
  h: "hashall",
  B: "braceexpand",
};

/** Applies one word of options (`-eu`, `+x`, `-o name`); returns how many further words it took. */
export function applyOption(shell: Shell, words: readonly string[]): number {
  const word = words[0] ?? "";
  const on = word.startsWith("-");
  if (!on && !word.startsWith("+")) return 0;
  let taken = 0;
  for (const letter of word.slice(1)) {
    if (letter === "o") {
      const name = words[1];
      if (name === undefined) listOptions(shell, on);
      else setLongOption(shell, name, on);
      taken = 1;
    } else setLetter(shell, letter, on);
  }
  return taken;
}

function setLetter(shell: Shell, letter: string, on: boolean): void {
  if (shell.dialect === "bash" && BASH_LETTERS[letter] !== undefined) {
    setOption(shell, BASH_LETTERS[letter], on);
    return;
  }
  if (!OPTION_NAMES.has(letter)) {
    const sign = on ? "-" : "+";
    shell.fail(
      shell.dialect === "bash" ? `set: ${sign}${letter}: invalid option` : `set: Illegal option ${sign}${letter}`,
    );
  }
  if (on && UNSUPPORTED.has(letter)) shell.unsupported(`the shell option -${letter}`);
  setOption(shell, letter, on);
}

function setLongOption(shell: Shell, name: string, on: boolean): void {
  for (const [letter, long] of OPTION_NAMES) {
    if (long === name) {
      setLetter(shell, letter, on);
      return;
    }
  }
  if (shell.dialect === "bash" && BASH_OPTIONS.has(name)) setOption(shell, name, on);
  else if (shell.dialect === "dash" && (name === "nolog" || name === "debug")) setOption(shell, name, on);
  else shell.fail(shell.dialect === "bash" ? `set: ${name}: invalid option name` : `set: Illegal option -o ${name}`);
}

function setOption(shell: Shell, name: string, on: boolean): void {
  if (on) shell.options.add(name);
  else shell.options.delete(name);
}

/** `set -o` and `set +o`. */
function listOptions(shell: Shell, readable: boolean): void {
  const { stdout } = shell.process;
  const names = [...OPTION_NAMES].map(([letter, name]) => ({ name, on: shell.options.has(letter) }));
  if (readable) stdout.write("Current option settings\n");
  for (const { name, on } of names) {
    stdout.write(readable ? `${name.padEnd(16)}${on ? "on" : "off"}\n` : `set ${on ? "-o" : "+o"} ${name}\n`);
  }
}
