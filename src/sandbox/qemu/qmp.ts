/**
 * The machine protocol of QEMU (QEMU docs/interop/qmp-spec.rst): JSON lines over a socket, one command at a time.
 */

import type { Duplex } from "node:stream";

/** A connection to a running QEMU. */
export interface Qmp {
  /** Runs a command. Rejects when QEMU refuses it or is gone. */
  execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

interface Reply {
  readonly QMP?: unknown;
  readonly event?: string;
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Speaks QMP over `stream`; capabilities are negotiated on the way. */
export function openQmp(stream: Duplex): Qmp {
  const waiting: Waiting[] = [];
  let buffered = "";
  let closed = false;
  const end = () => {
    closed = true;
    for (const { reject } of waiting.splice(0)) reject(new Error("QEMU has ended"));
  };
  const execute: Qmp["execute"] = (command, parameters) =>
    new Promise((resolve, reject) => {
      if (closed) return reject(new Error("QEMU has ended"));
      waiting.push({ resolve, reject });
      stream.write(`${JSON.stringify({ execute: command, ...(parameters && { arguments: parameters }) })}\n`);
    });
  const take = (line: string) => {
    const reply = JSON.parse(line) as Reply;
    if (reply.QMP !== undefined || reply.event !== undefined) return;
    const first = waiting.shift();
    if (reply.error === undefined) first?.resolve(reply.return);
    else first?.reject(new Error(reply.error.desc ?? "QEMU refused the command"));
  };
  stream.on("data", (chunk: Buffer) => {
    buffered += chunk.toString("utf8");
    for (let at = buffered.indexOf("\n"); at >= 0; at = buffered.indexOf("\n")) {
      const line = buffered.slice(0, at).trim();
      buffered = buffered.slice(at + 1);
      if (line !== "") take(line);
    }
  });
  stream.on("error", end);
  stream.on("close", end);
  execute("qmp_capabilities").catch(() => {}); // what follows reports it
  return { execute };
}
