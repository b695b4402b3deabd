/**
 * Connects a keyboard to a serial console the way QEMU's own `-serial mon:stdio` does: raw, so that Ctrl-C and the like
 * reach the guest; Ctrl-A X ends the machine, Ctrl-A Ctrl-A types a Ctrl-A.
 */

import type { Readable } from "node:stream";
import type { ReadStream } from "node:tty";

const CTRL_A = 0x01;

/** Where typed bytes go. */
export interface Typed {
  send(bytes: Uint8Array): void;
}

/** Starts passing on what is typed; the function returned ends that and gives the terminal back. */
export function connectKeyboard(keyboard: Readable, console: Typed, onStop: () => void): () => void {
  let escaped = false;
  const onData = (chunk: Buffer | string) => {
    const passed: number[] = [];
    for (const byte of Buffer.from(chunk as Buffer)) {
      if (!escaped) {
        if (byte === CTRL_A) escaped = true;
        else passed.push(byte);
        continue;
      }
      escaped = false;
      if (byte === CTRL_A) passed.push(CTRL_A);
      else if (String.fromCharCode(byte).toLowerCase() === "x") onStop();
    }
    if (passed.length > 0) console.send(Uint8Array.from(passed));
  };
  const terminal = isTerminal(keyboard) ? keyboard : undefined;
  const wasRaw = terminal?.isRaw ?? false;
  terminal?.setRawMode(true);
  keyboard.on("data", onData);
  keyboard.resume();
  return () => {
    keyboard.off("data", onData);
    keyboard.pause();
    terminal?.setRawMode(wasRaw);
  };
}

function isTerminal(stream: Readable): stream is ReadStream {
  return (stream as ReadStream).isTTY === true;
}
