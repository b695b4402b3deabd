/**
 * bash's `mapfile` (`readarray`).
 */
import type { Shell } from "../shell.js";
import { setArray } from "./array.js";

/** `mapfile [-t] [-d delimiter] [name]` */
export function mapfileBuiltin(shell: Shell, args: readonly string[]): number {
  let strip = false;
  let delimiter = "\n";
  let at = 1;
  for (; args[at]?.startsWith("-") === true; at++) {
    const word = args[at]!;
    if (word === "-t") strip = true;
    else if (word === "-d") {
      const value = args[++at] ?? "";
      delimiter = value === "" ? "\0" : value[0]!;
    } else shell.unsupported(`${args[0]} ${word}`);
  }
  let text = "";
  const { stdin } = shell.process;
  for (let part = stdin.read(65536); part !== ""; part = stdin.read(65536)) text += part;
  const lines = text.split(delimiter);
  const last = lines.pop() ?? "";
  const values = lines.map((line) => (strip ? line : line + delimiter));
  if (last !== "") values.push(last);
  setArray(shell, args[at] ?? "MAPFILE", values);
  return 0;
}
