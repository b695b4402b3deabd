/**
 * `wait`, `jobs` and `kill`. Background commands have ended before the next command starts, so there is nothing to wait for.
 */
import type { Shell } from "../shell.js";
import { deliverSignal, SIGNALS, signalName } from "../trap-signals.js";

/** `wait [pid…]` */
export function waitBuiltin(shell: Shell, args: readonly string[]): number {
  let status = 0;
  for (const arg of args.slice(1)) {
    if (arg.startsWith("-")) shell.unsupported(`wait ${arg}`);
    if (arg.startsWith("%")) shell.unsupported(`wait ${arg}`);
    if (!/^[0-9]+$/.test(arg)) return shell.fail(`wait: Illegal number: ${arg}`);
    status = shell.jobs.get(Number(arg)) ?? 127;
  }
  return status;
}

/** `jobs`: none run. */
export function jobsBuiltin(): number {
  return 0;
}

/** `kill [-s name | -signal] pid…`, `kill -l [status]` */
export function killBuiltin(shell: Shell, args: readonly string[]): number {
  let at = 1;
  let signal = "TERM";
  const first = args[1];
  if (first === "-l") return listSignals(shell, args[2]);
  if (first === "-s" || (shell.dialect === "bash" && first === "-n")) {
    if (args[2] === undefined) return shell.fail("kill: No arg for -s option");
    signal = readSignal(shell, args[2]);
    at = 3;
  } else if (first !== undefined && /^-./.test(first) && first !== "--") {
    if (shell.dialect === "dash" && signalName(first.slice(1), { prefix: false }) === undefined) {
      return shell.fail(`kill: Illegal option -${first[1]}`);
    }
    signal = readSignal(shell, first.slice(1));
    at = 2;
  }
  if (args[at] === "--") at++;
  if (at >= args.length) {
    return shell.fail("kill: Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]");
  }
  let status = 0;
  for (const target of args.slice(at)) if (!send(shell, target, signal)) status = 1;
  return status;
}

function readSignal(shell: Shell, text: string): string {
  const name = signalName(text, { prefix: shell.dialect === "bash" });
  return name ?? shell.fail(`kill: invalid signal number or name: ${text}`);
}

function send(shell: Shell, target: string, signal: string): boolean {
  const pid = Number(target);
  if (!/^-?[0-9]+$/.test(target)) {
    if (target.startsWith("%")) return shell.unsupported(`kill ${target}`);
    return shell.fail(`kill: Illegal number: ${target}`);
  }
  const { main } = shell;
  if (pid !== main.process.pid && pid !== shell.process.pid) {
    shell.report("kill: No such process\n");
    return false;
  }
  if (signal === "EXIT") return true;
  if (pid === shell.process.pid) deliverSignal(shell, signal);
  // The main shell waits for this one: its trap runs when this one has ended.
  else if (main.traps.has(signal)) deliverSignal(main, signal);
  else shell.unsupported("kill of the shell that started this one");
  return true;
}

function listSignals(shell: Shell, status: string | undefined): number {
  if (status === undefined) {
    shell.process.stdout.write(`${SIGNALS.slice(1).join("\n")}\n`);
    return 0;
  }
  const number = Number(status) > 128 ? Number(status) - 128 : Number(status);
  const name = SIGNALS[number];
  if (name === undefined || name === "EXIT") return shell.fail(`kill: invalid signal number or name: ${status}`);
  shell.process.stdout.write(`${name}\n`);
  return 0;
}
