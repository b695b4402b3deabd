/** What runs in a worker thread: finds the task's function and calls it. */

import { AssembleError } from "../errors/assemble-error.js";
import type { TaskCall, TaskOutcome } from "./workers.js";

export default async function runTask(call: TaskCall): Promise<TaskOutcome> {
  try {
    const module = (await import(call.module)) as Record<string, (input: unknown) => unknown>;
    return { value: await module[call.name]!(call.input) };
  } catch (error) {
    const { message, stack } = error as Error;
    const known = error instanceof AssembleError ? error : undefined;
    return { failure: { code: known?.code, message, hint: known?.hint, stack } };
  }
}
