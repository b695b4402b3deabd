/**
 * One QEMU process with its three channels: the serial console on stdio, messages on stderr, QMP on descriptor 3.
 */

import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import { openQmp, type Qmp } from "./qmp.js";

/** A QEMU that runs. */
export interface QemuProcess {
  readonly qmp: Qmp;
  /** Sends bytes to the guest's serial console. */
  write(bytes: Uint8Array | string): void;
  /** Resolves when QEMU has ended. */
  readonly ended: Promise<QemuEnd>;
  /** Ends QEMU the hard way. */
  kill(): void;
}

/** How a QEMU ended. */
export interface QemuEnd {
  /** Exit status; undefined where a signal ended it or it could not be started. */
  readonly status: number | undefined;
  /** What it said on stderr: the end of it. */
  readonly messages: string;
}

const MESSAGE_CHARACTERS_MAX = 8192;

/** Starts QEMU; `onConsole` gets what the guest writes. */
export function startQemu(
  program: string,
  args: readonly string[],
  onConsole: (bytes: Uint8Array) => void,
): QemuProcess {
  const child: ChildProcess = spawn(program, args, { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const [input, output, errors, control] = child.stdio as unknown as [Writable, Readable, Readable, Duplex];
  let messages = "";
  output.on("data", onConsole);
  errors.on("data", (chunk: Buffer) => {
    messages = (messages + chunk.toString("utf8")).slice(-MESSAGE_CHARACTERS_MAX);
  });
  input.on("error", () => {}); // the guest is gone: `ended` says so
  const kill = () => {
    child.kill("SIGKILL");
  };
  const forget = endWithProgram(kill);
  const ended = new Promise<QemuEnd>((resolve) => {
    const finish = (status: number | null, error = "") => {
      forget();
      resolve({ status: status ?? undefined, messages: (messages + error).trim() });
    };
    child.on("error", (error) => finish(null, error.message));
    child.on("close", (status) => finish(status));
  });
  return {
    qmp: openQmp(control),
    write: (bytes) => {
      input.write(bytes);
    },
    ended,
    kill,
  };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A machine must not outlive the program that started it, also where that has no handlers of its own: `kill` runs when
 * the program exits or is asked to, until the function returned is called.
 */
function endWithProgram(kill: () => void): () => void {
  const forget = () => {
    process.off("exit", kill);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    kill();
    forget();
    // Where nobody else listens, the signal is to do what it does without us
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  process.on("exit", kill);
  // Before the others: one that listens once would be gone, and counted as nobody.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  return forget;
}
