/**
 * Signals by name and number, and the traps that run for them. Only `kill` of the shell's own process makes one arrive.
 */
import { ExitShell } from "./control.js";
import { runText } from "./interpret.js";
import type { Shell } from "./shell.js";

/** Signals of Linux on x86-64 by number, without `SIG`. */
export const SIGNALS: readonly string[] = [
  "EXIT",
  ..."HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU".split(
    " ",
  ),
  ..."URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS".split(" "),
];

/** Signals that do nothing to a process that does not handle them. */
const HARMLESS: ReadonlySet<string> = new Set(["CHLD", "CONT", "URG", "WINCH"]);

/** The name of a signal given by name (`TERM`, `SIGTERM`, in any case) or number. */
export function signalName(text: string, options: { prefix: boolean }): string | undefined {
  if (/^[0-9]+$/.test(text)) return SIGNALS[Number(text)];
  const upper = text.toUpperCase();
  const name = options.prefix && upper.startsWith("SIG") ? upper.slice(3) : upper;
  return SIGNALS.includes(name) ? name : undefined;
}

/** Delivers a signal to a shell: its trap runs after the command at hand, or the shell dies. */
export function deliverSignal(shell: Shell, name: string): void {
  const command = shell.traps.get(name);
  if (command === "" || (command === undefined && HARMLESS.has(name))) return;
  if (command === undefined || name === "KILL" || name === "STOP") {
    throw new ExitShell(128 + SIGNALS.indexOf(name), true);
  }
  shell.pendingSignals.push(name);
}

/** Runs the traps of signals that arrived. */
export function runPendingTraps(shell: Shell): void {
  while (shell.pendingSignals.length > 0) {
    const command = shell.traps.get(shell.pendingSignals.shift()!);
    if (command === undefined || command === "") continue;
    const { status, skip } = shell;
    shell.skip = undefined;
    shell.process.system.meter.call(() => runText(shell, command));
    if (shell.skip === undefined) {
      shell.status = status;
      shell.skip = skip;
    }
  }
}

/** Runs the trap of a condition once, as the shell ends; `$?` in it is the status that the shell ends with. */
export function runTrap(shell: Shell, name: string): void {
  const command = shell.traps.get(name);
  if (command === undefined) return;
  shell.traps.delete(name);
  if (command === "") return;
  const { status } = shell;
  runText(shell, command);
  shell.status = status;
}
