/**
 * `getopts`.
 */
import type { Shell } from "../shell.js";

/** `getopts letters name [word…]` */
export function getoptsBuiltin(shell: Shell, args: readonly string[]): number {
  const [, letters, name] = args;
  if (letters === undefined || name === undefined) {
    return shell.fail("getopts: Usage: getopts optstring var [arg...]");
  }
  const words = args.length > 3 ? args.slice(3) : shell.parameters;
  const result = nextOption(shell, letters, words);
  shell.optionOffset = 0;
  if (result.argument !== undefined) shell.assign("OPTARG", result.argument);
  else if (!result.end) shell.variables.unset("OPTARG");
  shell.assign("OPTIND", String(result.index));
  shell.assign(name, result.letter);
  shell.optionOffset = result.offset;
  return result.end ? 1 : 0;
}

interface Result {
  /** OPTIND. dash counts a word of options as soon as it begins, bash when it is used up. */
  readonly index: number;
  /** Place in the word of options that is being read; 0 when the next word begins. */
  readonly offset: number;
  readonly letter: string;
  readonly argument: string | undefined;
  readonly end: boolean;
}

function nextOption(shell: Shell, letters: string, words: readonly string[]): Result {
  const bash = shell.dialect === "bash";
  const silent = letters.startsWith(":");
  let index = Number(shell.variables.get("OPTIND") ?? "1");
  if (!Number.isInteger(index) || index < 1) index = 1;
  let offset = shell.optionOffset;
  // The place of the word of options among the words.
  let at = offset > 0 && !bash ? index - 2 : index - 1;
  if (offset === 0 || offset >= (words[at]?.length ?? 0)) {
    offset = 1;
    at = index - 1;
    const word = words[at];
    if (word === undefined || !/^-./s.test(word) || word === "--") {
      return { index: word === "--" ? index + 1 : index, offset: 0, letter: "?", argument: undefined, end: true };
    }
  }
  const word = words[at]!;
  const letter = word[offset++]!;
  const last = offset >= word.length;
  const next = { index: bash && !last ? at + 1 : at + 2, offset: last ? 0 : offset, end: false };
  const place = letter === ":" ? -1 : letters.indexOf(letter, silent ? 1 : 0);
  if (place < 0) {
    if (!silent) complain(shell, `Illegal option -${letter}`, `illegal option -- ${letter}`);
    return { ...next, letter: "?", argument: silent ? letter : undefined };
  }
  if (letters[place + 1] !== ":") return { ...next, letter, argument: bash ? undefined : "" };
  const argument = last ? words[at + 1] : word.slice(offset);
  if (argument === undefined) {
    if (!silent) complain(shell, `No arg for -${letter} option`, `option requires an argument -- ${letter}`);
    const missing = silent ? { letter: ":", argument: letter } : { letter: "?", argument: undefined };
    return { index: at + 2, offset: 0, end: false, ...missing };
  }
  return { index: at + (last ? 3 : 2), offset: 0, letter, argument, end: false };
}

function complain(shell: Shell, dash: string, bash: string): void {
  if (shell.dialect === "dash") shell.process.stderr.write(`${dash}\n`);
  else if (shell.variables.get("OPTERR") !== "0") shell.process.stderr.write(`${shell.name}: ${bash}\n`);
}
