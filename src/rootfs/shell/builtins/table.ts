/**
 * The built-in commands of dash, and those that only bash has.
 */
import { declareBuiltin } from "../bash/declare.js";
import { letBuiltin } from "../bash/let.js";
import { mapfileBuiltin } from "../bash/mapfile.js";
import { shoptBuiltin } from "../bash/shopt.js";
import type { Shell } from "../shell.js";
import { aliasBuiltin, unaliasBuiltin } from "./alias.js";
import { commandBuiltin, hashBuiltin, typeBuiltin } from "./describe.js";
import { cdBuiltin, pwdBuiltin } from "./directory.js";
import { echoBuiltin } from "./echo.js";
import { dotBuiltin, evalBuiltin, execBuiltin } from "./evaluate.js";
import { breakBuiltin, continueBuiltin, exitBuiltin, returnBuiltin } from "./flow.js";
import { getoptsBuiltin } from "./getopts.js";
import { jobsBuiltin, killBuiltin, waitBuiltin } from "./jobs.js";
import { timesBuiltin, ulimitBuiltin } from "./limits.js";
import { printfBuiltin } from "./printf.js";
import { readBuiltin } from "./read.js";
import { setBuiltin, shiftBuiltin } from "./set.js";
import { testBuiltin } from "./test.js";
import { trapBuiltin } from "./trap.js";
import { umaskBuiltin } from "./umask.js";
import { exportBuiltin, localBuiltin, readonlyBuiltin, unsetBuiltin } from "./variables.js";

/** Runs a built-in; `args[0]` is its name. `tested` says that errexit is off around it. */
export type BuiltinFunction = (shell: Shell, args: readonly string[], tested: boolean) => number;

/** A built-in command. */
export interface Builtin {
  readonly run: BuiltinFunction;
  readonly special: boolean;
}

const SPECIAL: Readonly<Record<string, BuiltinFunction>> = {
  ".": dotBuiltin,
  ":": () => 0,
  break: breakBuiltin,
  continue: continueBuiltin,
  eval: evalBuiltin,
  exec: execBuiltin,
  exit: exitBuiltin,
  export: exportBuiltin,
  local: localBuiltin,
  readonly: readonlyBuiltin,
  return: returnBuiltin,
  set: setBuiltin,
  shift: shiftBuiltin,
  times: timesBuiltin,
  trap: trapBuiltin,
  unset: unsetBuiltin,
};

const REGULAR: Readonly<Record<string, BuiltinFunction>> = {
  "[": testBuiltin,
  alias: aliasBuiltin,
  cd: cdBuiltin,
  chdir: cdBuiltin,
  command: commandBuiltin,
  echo: echoBuiltin,
  false: () => 1,
  getopts: getoptsBuiltin,
  hash: hashBuiltin,
  jobs: jobsBuiltin,
  kill: killBuiltin,
  printf: printfBuiltin,
  pwd: pwdBuiltin,
  read: readBuiltin,
  test: testBuiltin,
  true: () => 0,
  type: typeBuiltin,
  ulimit: ulimitBuiltin,
  umask: umaskBuiltin,
  unalias: unaliasBuiltin,
  wait: waitBuiltin,
};

const BASH: Readonly<Record<string, BuiltinFunction>> = {
  builtin: (shell, args, tested) => {
    const found = args[1] === undefined ? undefined : findBuiltin(shell, args[1]);
    if (found === undefined) return args.length < 2 ? 0 : 1;
    return found.run(shell, args.slice(1), tested);
  },
  declare: declareBuiltin,
  let: letBuiltin,
  local: declareBuiltin,
  mapfile: mapfileBuiltin,
  readarray: mapfileBuiltin,
  shopt: shoptBuiltin,
  source: dotBuiltin,
  typeset: declareBuiltin,
};

const DASH_TABLE = makeTable([
  [SPECIAL, true],
  [REGULAR, false],
]);
const BASH_TABLE = makeTable([
  [SPECIAL, false],
  [REGULAR, false],
  [BASH, false],
]);

function makeTable(groups: readonly (readonly [Readonly<Record<string, BuiltinFunction>>, boolean])[]) {
  const table = new Map<string, Builtin>();
  for (const [group, special] of groups) {
    for (const [name, run] of Object.entries(group)) table.set(name, { run, special });
  }
  return table as ReadonlyMap<string, Builtin>;
}

/** The built-in of a name, if the shell's dialect has one. */
export function findBuiltin(shell: Shell, name: string): Builtin | undefined {
  return (shell.dialect === "bash" ? BASH_TABLE : DASH_TABLE).get(name);
}

/** Whether a name is one of POSIX's special built-ins, or `local`, which dash counts among them. */
export function isSpecialBuiltin(name: string): boolean {
  return Object.hasOwn(SPECIAL, name);
}
