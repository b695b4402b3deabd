/**
 * The functions of awk that take values. Those that need more (targets, arrays, patterns) are compiled with their expressions.
 */

import { daysFromCivil, formatDate } from "../timestamp.js";
import { formatAwk } from "./format.js";
import type { Runtime } from "./runtime.js";
import { toNumber, type Value } from "./value.js";

/** A function of values. */
export type Builtin = (runtime: Runtime, args: readonly Value[]) => Value;

const math =
  (compute: (x: number) => number): Builtin =>
  (_, [x]) =>
    compute(toNumber(x));

/** Functions by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ["index", (runtime, [text, part]) => runtime.text(text).indexOf(runtime.text(part)) + 1],
  ["substr", (runtime, args) => substring(runtime.text(args[0]), args)],
  ["sprintf", (runtime, args) => sprintf(runtime, args, "sprintf")],
  ["sin", math(Math.sin)],
  ["cos", math(Math.cos)],
  ["exp", math(Math.exp)],
  ["log", math(Math.log)],
  ["sqrt", math(Math.sqrt)],
  ["int", math(Math.trunc)],
  ["atan2", (_, [y, x]) => Math.atan2(toNumber(y), toNumber(x))],
  ["tolower", (runtime, [text]) => runtime.text(text).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())],
  ["toupper", (runtime, [text]) => runtime.text(text).replace(/[a-z]+/g, (letters) => letters.toUpperCase())],
  ["system", (runtime, [command]) => runtime.streams.run(runtime.text(command))],
  ["close", (runtime, [name]) => runtime.streams.close(runtime.text(name))],
  [
    "fflush",
    (runtime, [name]) => {
      runtime.streams.flush();
      return name === undefined || runtime.streams.writesTo(runtime.text(name)) ? 0 : -1;
    },
  ],
  ["rand", (runtime) => runtime.tool.unsupported("rand()")],
  ["srand", (runtime) => runtime.tool.unsupported("srand()")],
  ["systime", (runtime) => runtime.tool.process.system.epoch],
  ["strftime", (runtime, args) => strftime(runtime, args)],
  ["mktime", (runtime, [text]) => mktime(runtime.text(text))],
]);

/** substr as mawk 1.3.4 computes it: a start before the text lengthens what is taken by what it is short of. */
function substring(text: string, args: readonly Value[]): string {
  const start = Math.trunc(toNumber(args[1]));
  const from = Math.max(1, start);
  if (args.length < 3) return text.slice(from - 1);
  const length = Math.trunc(toNumber(args[2])) - Math.min(start, 0);
  return length <= 0 ? "" : text.slice(from - 1, from - 1 + length);
}

/** Formats as printf does; a mistake ends the program after what was formatted until then. */
export function sprintf(
  runtime: Runtime,
  args: readonly Value[],
  caller: string,
  partial?: (text: string) => void,
): string {
  const format = runtime.text(args[0]);
  const { text, problem } = formatAwk(format, args.slice(1), (value) => runtime.text(value));
  if (problem === undefined) return text;
  partial?.(text);
  return runtime.fail(`${problem} ${caller}("${format}")`);
}

function strftime(runtime: Runtime, [format, time]: readonly Value[]): string {
  const seconds = time === undefined ? runtime.tool.process.system.epoch : toNumber(time);
  return formatDate(format === undefined ? "%c" : runtime.text(format), seconds);
}

function mktime(text: string): number {
  const parts = text.trim().split(/\s+/).map(Number);
  const [year, month, day, hour, minute, second] = parts;
  if (parts.length < 6 || parts.some((part) => !Number.isInteger(part))) return -1;
  return daysFromCivil(year!, month!, day!) * 86400 + hour! * 3600 + minute! * 60 + second!;
}
