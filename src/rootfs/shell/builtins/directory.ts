/**
 * `cd` and `pwd`.
 */
import type { Shell } from "../shell.js";

/** `cd [-L|-P] [directory|-]` */
export function cdBuiltin(shell: Shell, args: readonly string[]): number {
  const { physical, operands } = readFlags(shell, args);
  if (operands.length > 1 && shell.dialect === "bash") shell.fail("cd: too many arguments", 1);
  let target = operands[0] ?? shell.variables.get("HOME") ?? "";
  let print = false;
  if (target === "-") {
    target = shell.variables.get("OLDPWD") ?? (shell.dialect === "bash" ? shell.fail("cd: OLDPWD not set", 1) : "");
    print = true;
  }
  if (target === "") {
    if (operands[0] === undefined && shell.dialect === "bash") shell.fail("cd: HOME not set", 1);
    target = operands.length === 0 || operands[0] === "-" ? "." : "";
    if (target === "") target = ".";
  }
  for (const { path, shown } of candidates(shell, target)) {
    if (change(shell, path, physical)) {
      if (print || shown) shell.process.stdout.write(`${shell.variables.get("PWD")}\n`);
      return 0;
    }
  }
  if (shell.dialect === "bash") return shell.fail(`cd: ${target}: No such file or directory`, 1);
  return shell.fail(`cd: can't cd to ${target}`);
}

/** `pwd [-L|-P]` */
export function pwdBuiltin(shell: Shell, args: readonly string[]): number {
  const { physical } = readFlags(shell, args);
  shell.process.stdout.write(`${physical ? shell.process.cwd : (shell.variables.get("PWD") ?? shell.process.cwd)}\n`);
  return 0;
}

function readFlags(shell: Shell, args: readonly string[]): { physical: boolean; operands: string[] } {
  let physical = false;
  let at = 1;
  for (; args[at]?.startsWith("-") === true && args[at] !== "-"; at++) {
    if (args[at] === "--") {
      at++;
      break;
    }
    for (const letter of args[at]!.slice(1)) {
      if (letter !== "L" && letter !== "P") shell.fail(`${args[0]}: Illegal option -${letter}`);
      physical = letter === "P";
    }
  }
  return { physical, operands: args.slice(at) };
}

/** The directory itself, or what CDPATH makes of it. */
function candidates(shell: Shell, target: string): { path: string; shown: boolean }[] {
  const search = shell.variables.get("CDPATH");
  if (search === undefined || search === "" || /^(?:\/|\.\.?(?:\/|$))/.test(target))
    return [{ path: target, shown: false }];
  const found = search
    .split(":")
    .map((entry) => ({ path: entry === "" ? target : `${entry}/${target}`, shown: entry !== "" }));
  return shell.dialect === "bash" ? [...found, { path: target, shown: false }] : found;
}

function change(shell: Shell, path: string, physical: boolean): boolean {
  const { process, variables } = shell;
  const old = variables.get("PWD") ?? process.cwd;
  const logical = physical ? process.absolute(path) : collapse(path.startsWith("/") ? path : `${old}/${path}`);
  const place = process.tree.lookup(logical) === undefined ? undefined : process.tree.resolve(logical);
  if (place?.node?.type !== "directory") return false;
  process.cwd = place.path;
  shell.assign("OLDPWD", old);
  shell.assign("PWD", physical ? place.path : logical);
  return true;
}

function collapse(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}
