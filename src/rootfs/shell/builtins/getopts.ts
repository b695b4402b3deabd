/**
 * `getopts`.
 */
import type { Shell } from "../shell.js";

/** `getopts letters name [word…]` */
export function getoptsBuiltin(shell: Shell, args: readonly string[]): number {
  const [, letters, name] = args;
  if (letters === undefined || name === undefined) return shell.fail("Usage: getopts optstring var [arg...]");
  const words = args.length > 3 ? args.slice(3) : shell.parameters;
  const silent = letters.startsWith(":");
  let index = Number(shell.variables.get("OPTIND") ?? "1");
  if (!Number.isInteger(index) || index < 1) index = 1;
  let offset = shell.optionOffset;
  let word = words[index - 1];
  if (offset === 0 || word === undefined || offset >= word.length) {
    offset = 0;
    if (word === undefined || !/^-./s.test(word) || word === "--") {
      finish(shell, name, { index: word === "--" ? index + 1 : index, offset: 0, letter: "?", argument: undefined });
      return 1;
    }
    offset = 1;
  }
  word = word!;
  const letter = word[offset++]!;
  const last = offset >= word.length;
  const at = letter === ":" ? -1 : letters.indexOf(letter, silent ? 1 : 0);
  if (at < 0) {
    if (!silent) complain(shell, `Illegal option -${letter}`, `illegal option -- ${letter}`);
    const next = last ? { index: index + 1, offset: 0 } : { index, offset };
    finish(shell, name, { ...next, letter: "?", argument: silent ? letter : undefined });
    return 0;
  }
  if (letters[at + 1] !== ":") {
    finish(shell, name, {
      ...(last ? { index: index + 1, offset: 0 } : { index, offset }),
      letter,
      argument: undefined,
    });
    return 0;
  }
  const argument = last ? words[index] : word.slice(offset);
  if (argument === undefined) {
    if (!silent) complain(shell, `No arg for -${letter} option`, `option requires an argument -- ${letter}`);
    const missing = { letter: silent ? ":" : "?", argument: silent ? letter : undefined };
    finish(shell, name, { index: index + 1, offset: 0, ...missing });
    return 0;
  }
  finish(shell, name, { index: index + (last ? 2 : 1), offset: 0, letter, argument });
  return 0;
}

function complain(shell: Shell, dash: string, bash: string): void {
  if (shell.dialect === "bash") {
    if (shell.variables.get("OPTERR") !== "0") shell.process.stderr.write(`${shell.name}: ${bash}\n`);
  } else shell.process.stderr.write(`${dash}\n`);
}

interface Result {
  readonly index: number;
  readonly offset: number;
  readonly letter: string;
  readonly argument: string | undefined;
}

function finish(shell: Shell, name: string, { index, offset, letter, argument }: Result): void {
  if (argument === undefined) shell.variables.unset("OPTARG");
  else shell.assign("OPTARG", argument);
  shell.assign("OPTIND", String(index));
  shell.assign(name, letter);
  shell.optionOffset = offset;
}
