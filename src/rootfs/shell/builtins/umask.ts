/**
 * `umask`, octal and symbolic.
 */
import type { Shell } from "../shell.js";

/** `umask [-S] [mask]` */
export function umaskBuiltin(shell: Shell, args: readonly string[]): number {
  const { process } = shell;
  const symbolic = args[1] === "-S";
  const operand = args.slice(1).find((arg) => !/^-[SL]$|^--$/.test(arg));
  if (operand === undefined) {
    const octal = process.umask.toString(8).padStart(4, "0");
    process.stdout.write(`${symbolic ? showSymbolic(process.umask) : octal}\n`);
    return 0;
  }
  if (/^[0-9]/.test(operand)) {
    if (!/^[0-7]{1,5}$/.test(operand)) return shell.fail(`umask: Illegal number: ${operand}`);
    process.umask = Number.parseInt(operand, 8) & 0o777;
    return 0;
  }
  const mask = readSymbolic(operand, process.umask);
  if (mask === undefined) return shell.fail(`umask: Illegal mode: ${operand}`);
  process.umask = mask;
  return 0;
}

function showSymbolic(mask: number): string {
  const shown = (shift: number): string =>
    ["r", "w", "x"].filter((_, bit) => ((mask >> shift) & (4 >> bit)) === 0).join("");
  return `u=${shown(6)},g=${shown(3)},o=${shown(0)}`;
}

const WHO: Readonly<Record<string, number>> = { u: 0o700, g: 0o070, o: 0o007, a: 0o777 };
const PERMISSIONS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, X: 0o111, s: 0, t: 0 };

/** Applies `u=rwx,g-w`; the mask holds what is not allowed. */
function readSymbolic(text: string, mask: number): number | undefined {
  let allowed = ~mask & 0o777;
  for (const clause of text.split(",")) {
    const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
    if (match === null) return undefined;
    const who = match[1] === "" ? 0o777 : [...match[1]!].reduce((bits, letter) => bits | WHO[letter]!, 0);
    for (const action of match[2]!.match(/[-+=][^-+=]*/g) ?? []) {
      let bits = 0;
      for (const letter of action.slice(1)) {
        const copied = "ogu".indexOf(letter);
        bits |= copied < 0 ? PERMISSIONS[letter]! : ((allowed >> (copied * 3)) & 7) * 0o111;
      }
      if (action[0] === "=") allowed = (allowed & ~who) | (bits & who);
      else if (action[0] === "+") allowed |= bits & who;
      else allowed &= ~(bits & who);
    }
  }
  return ~allowed & 0o777;
}
