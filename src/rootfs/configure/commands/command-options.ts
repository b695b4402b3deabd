/**
 * Reads the options of dpkg's programs: `--name`, `--name=value`, `--name value`, and single letters. An option that the table
 * does not have stops the build, since what it would do is not known.
 */
import type { Process } from "../../shell/process.js";

/** What a program understands: the canonical name of each flag, and of each option with a value. */
export interface OptionTable {
  readonly flags: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string>>;
}

/** What was given. */
export interface GivenOptions {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/** Takes arguments apart; `args[0]` is the program's name. */
export function readOptions(process: Process, args: readonly string[], table: OptionTable): GivenOptions {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const operands: string[] = [];
  let i = 1;
  for (; i < args.length; i++) {
    const word = args[i] as string;
    if (word === "--") break;
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const short = word.startsWith("--") ? undefined : word.slice(0, 2);
    const name = short ?? (equals < 0 ? word : word.slice(0, equals));
    const valueName = table.values[name];
    if (valueName !== undefined) {
      const attached =
        short === undefined ? (equals < 0 ? undefined : word.slice(equals + 1)) : word.slice(2) || undefined;
      // `-f=format` is common, and dpkg takes it so.
      const value = attached ?? args[++i];
      if (value === undefined) process.unsupported(`${args[0]} ${name} without its value`);
      values.set(valueName, short === undefined ? value : value.replace(/^=/, ""));
      continue;
    }
    const letters = short === undefined ? [word] : [...word.slice(1)].map((letter) => `-${letter}`);
    for (const letter of letters) {
      const flag = table.flags[letter];
      if (flag === undefined) {
        const rest = word.slice(letters.indexOf(letter) + 2);
        const withValue = table.values[letter];
        if (short === undefined || withValue === undefined) process.unsupported(`${args[0]} ${word}`);
        const value = rest === "" ? args[++i] : rest;
        if (value === undefined) process.unsupported(`${args[0]} ${letter} without its value`);
        values.set(withValue, value.replace(/^=/, ""));
        break;
      }
      flags.add(flag);
    }
  }
  operands.push(...args.slice(i + 1));
  return { flags, values, operands };
}

/** Stops the build where `--root`, `--admindir` or `--instdir` lead to another database than the tree's. */
export function checkDirectories(process: Process, options: GivenOptions): void {
  const expected = { root: "/", instdir: "/", admindir: "/var/lib/dpkg" };
  for (const [name, path] of Object.entries(expected)) {
    const value = options.values.get(name);
    if (value !== undefined && value !== "" && value.replace(/\/*$/, "") !== path.replace(/\/*$/, ""))
      process.unsupported(`--${name}=${value}`);
  }
}

/** Options of all of dpkg's programs that name its directories. */
export const DIRECTORY_OPTIONS = { "--root": "root", "--admindir": "admindir", "--instdir": "instdir" } as const;

/** Says on stderr what is wrong and returns dpkg's status for it. */
export function fail(process: Process, message: string): 2 {
  process.stderr.write(`${message}\n`);
  return 2;
}
