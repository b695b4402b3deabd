/**
 * `run`: boots an image with its serial console on a terminal, or waits for a text on it.
 */

import type { Readable, Writable } from "node:stream";
import { AssembleError } from "../../errors/assemble-error.js";
import { type BootedMachine, type BootOptions, bootImage } from "./boot-image.js";
import { connectKeyboard } from "./connect-keyboard.js";

/** How an image is run. */
export interface RunOptions extends BootOptions {
  /** Done, with success, when the console shows this text. */
  readonly expect?: string | RegExp;
  /** Ends the machine after this many milliseconds. */
  readonly timeoutMilliseconds?: number;
  /** Where the serial console is shown. */
  readonly console?: Writable;
  /** What is typed on the serial console; a terminal is put into raw mode meanwhile. Ctrl-A X ends the machine. */
  readonly keyboard?: Readable;
}

/** How a run ended. */
export interface RunResult {
  /** `expected`: the text was seen. `ended`: the guest switched off. `stopped`: Ctrl-A X. */
  readonly outcome: "expected" | "timeout" | "ended" | "stopped";
  /** Milliseconds from the start of QEMU to the outcome. */
  readonly milliseconds: number;
  /** Whether the kernel crashed before init and the machine was started a second time. */
  readonly retried: boolean;
  readonly accelerator: BootedMachine["accelerator"];
}

/**
 * Runs an image until the expected text, the timeout, the guest's power-off, Ctrl-A X, or the signal.
 *
 * @throws AssembleError those of `bootImage`, and `run/qemu-failed` where QEMU ends with an error; the signal's reason
 */
export async function runImage(artifact: string, options: RunOptions = {}): Promise<RunResult> {
  const { console: shown, keyboard, expect, timeoutMilliseconds } = options;
  const machine = await bootImage(artifact, {
    ...options,
    onConsole(bytes) {
      options.onConsole?.(bytes);
      shown?.write(bytes);
    },
  });
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let disconnect = () => {};
  try {
    const outcome = await Promise.race([
      machine.ended.then(() => "ended" as const),
      ...(expect === undefined ? [] : [seen(machine, expect)]),
      ...(timeoutMilliseconds === undefined
        ? []
        : [
            new Promise<"timeout">((resolve) => {
              timer = setTimeout(() => resolve("timeout"), timeoutMilliseconds);
            }),
          ]),
      ...(keyboard === undefined
        ? []
        : [
            new Promise<"stopped">((resolve) => {
              disconnect = connectKeyboard(keyboard, machine, () => resolve("stopped"));
            }),
          ]),
    ]);
    const milliseconds = Math.round(performance.now() - start);
    options.signal?.throwIfAborted();
    if (outcome === "ended") await refuseFailure(machine);
    return { outcome, milliseconds, retried: machine.retried(), accelerator: machine.accelerator };
  } finally {
    clearTimeout(timer);
    disconnect();
    await stop(machine);
  }
}

/** Never resolves where the machine ends first: `ended` wins the race then. */
async function seen(machine: BootedMachine, pattern: string | RegExp): Promise<"expected"> {
  // The longest time a timer can hold; the run has its own timeout
  await machine.waitFor(pattern, 2 ** 31 - 1).catch(() => new Promise(() => {}));
  return "expected";
}

async function refuseFailure(machine: BootedMachine): Promise<void> {
  const { status, messages } = await machine.ended;
  if (status !== 0)
    throw new AssembleError(
      "run/qemu-failed",
      `Cannot run the machine: QEMU ended with ${status === undefined ? "a signal" : `status ${status}`}, 0 was wanted\n${messages}`,
    );
}

/** Lets QEMU write its disks back, without waiting for the guest. */
async function stop(machine: BootedMachine): Promise<void> {
  await machine.powerOff(0);
}
