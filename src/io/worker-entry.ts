/** What runs in a thread of the pool: finds the task's function and calls it. */

import { AssembleError } from "../errors/assemble-error.js";
import type { Report, TaskCall, TaskOutcome } from "./workers.js";

/** The pool calls it with the call alone. */
export default async function runTask(call: TaskCall, report: Report = () => {}): Promise<TaskOutcome> {
  try {
    const module = (await import(call.module)) as Record<string, (input: unknown, report: Report) => unknown>;
    return { value: await module[call.name]!(call.input, report) };
  } catch (error) {
    const { message, stack } = error as Error;
    const known = error instanceof AssembleError ? error : undefined;
    return { failure: { code: known?.code, message, hint: known?.hint, stack } };
  }
}
