/** What runs in a thread of its own: one task, whose reports and outcome are sent to the caller. */

import { parentPort, workerData } from "node:worker_threads";
import runTask from "./worker-entry.js";
import type { ApartMessage, TaskCall, TaskOutcome } from "./workers.js";

const send = (message: ApartMessage, moved: ArrayBuffer[] = []): void => parentPort!.postMessage(message, moved);
void runTask(workerData as TaskCall, (report) => send({ report })).then((outcome) =>
  send({ outcome }, bytesOf(outcome)),
);

/** Memory that the thread need not copy, as it ends. */
function bytesOf(outcome: TaskOutcome): ArrayBuffer[] {
  const value = "value" in outcome ? outcome.value : undefined;
  if (!(value instanceof Uint8Array) || value.byteLength < value.buffer.byteLength) return [];
  return [value.buffer as ArrayBuffer];
}
