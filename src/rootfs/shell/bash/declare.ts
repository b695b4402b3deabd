/**
 * bash's `declare`, `typeset` and `local`.
 */
import { assignValue } from "../execute-simple.js";
import type { Shell } from "../shell.js";
import type { Variable } from "../variables.js";
import { makeArray } from "./array.js";

/** `declare [-aAgirxp] [+…] [name[=value]…]` */
export function declareBuiltin(shell: Shell, args: readonly string[]): number {
  const local = args[0] === "local";
  if (local && !shell.variables.inFunction) shell.fail("local: can only be used in a function", 1);
  const flags = new Map<string, boolean>();
  let at = 1;
  for (; /^[-+]./.test(args[at] ?? ""); at++) {
    if (args[at] === "--") {
      at++;
      break;
    }
    for (const letter of args[at]!.slice(1)) {
      if (!"aAgirxp".includes(letter)) shell.unsupported(`${args[0]} ${args[at]}`);
      flags.set(letter, args[at]!.startsWith("-"));
    }
  }
  if (at >= args.length || flags.has("p")) return shell.unsupported(`${args[0]} that prints variables`);
  for (const arg of args.slice(at)) declareOne(shell, arg, { flags, global: flags.has("g") });
  return 0;
}

function declareOne(
  shell: Shell,
  arg: string,
  { flags, global }: { flags: Map<string, boolean>; global: boolean },
): void {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:\[([^\]]*)\])?(?:(\+?)=([\s\S]*))?$/.exec(arg);
  if (match === null) shell.fail(`declare: \`${arg}': not a valid identifier`, 1);
  const [, name = "", index, append, value] = match;
  if (shell.variables.inFunction && !global && !shell.variables.isLocal(name)) {
    shell.variables.makeLocal(name);
    // Unlike dash's, a new local variable is unset.
    const { exported, readonly } = shell.variables.ensure(name);
    shell.variables.restore(name, { value: undefined, exported, readonly });
  }
  const variable = shell.variables.ensure(name);
  if (flags.get("A") === true) makeArray(shell, name, true);
  else if (flags.get("a") === true) makeArray(shell, name, false);
  if (flags.has("i")) variable.integer = flags.get("i");
  if (value !== undefined) assignValue(shell, { name, append: append === "+", index }, value);
  setAttributes(variable, flags);
}

function setAttributes(variable: Variable, flags: ReadonlyMap<string, boolean>): void {
  if (flags.has("x")) variable.exported = flags.get("x") === true;
  if (flags.get("r") === true) variable.readonly = true;
}
