/**
 * Worker threads for what takes long: decoding, hashing, compressing. A task is an exported function of a module, called in a worker;
 * its input and output are copied. Results come back in whatever order, each to who asked for it, so nothing depends on the number of workers.
 */

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Tinypool } from "tinypool";
import { AssembleError } from "../errors/assemble-error.js";

/** A function that workers can call. */
export interface Task<Input, Output> {
  /** URL of the module: its `import.meta.url`. */
  readonly module: string;
  /** Name of the exported function. */
  readonly name: string;
  /** Never there: carries the types. */
  readonly types?: ((input: Input, report: Report) => Output | Promise<Output>) | undefined;
}

/** Tells the caller of a task how far it is. Does nothing for a task that was called with `run`. */
export type Report = (message: unknown) => void;

/** Declares a task. The function must be exported under `name` by the module, and take and return plain data. */
export function defineTask<Input, Output>(module: string, name: string): Task<Input, Output> {
  return { module, name };
}

/** A pool of workers. Threads start with the first task. */
export interface Workers {
  /** How many tasks run at once. */
  readonly jobs: number;
  /** Runs a task. Rejects with the task's error, or with the signal's reason when the run is aborted. */
  run<Input, Output>(task: Task<Input, Output>, input: Input): Promise<Output>;
  /**
   * Runs a task in a thread of its own, which ends with it and gives back all memory that it took: for a task that needs much, once.
   * The thread is stopped when the run is aborted.
   */
  runApart<Input, Output>(task: Task<Input, Output>, input: Input, onReport?: Report): Promise<Output>;
  /** Ends the pool's threads between two stages, with all memory that they hold; the next task starts new ones. None may be at work. */
  rest(): Promise<void>;
  /** Stops all threads; tasks that still run are rejected. */
  close(): Promise<void>;
}

/** How many workers, and when to give up. */
export interface WorkersOptions {
  /** Default: the machine's parallelism. */
  readonly jobs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a worker is handed. */
export interface TaskCall {
  /** Of the task's module, as a URL. */
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
}

/** What it gives back. Errors travel as data: a thread would lose their class and code. */
export type TaskOutcome =
  | { readonly value: unknown }
  | {
      readonly failure: {
        readonly code: string | undefined;
        readonly message: string;
        readonly hint: string | undefined;
        readonly stack: string | undefined;
      };
    };

/** What a thread of its own sends: any number of reports, then the outcome. */
export type ApartMessage = { readonly report: unknown } | { readonly outcome: TaskOutcome };

/** Prepares a pool. It must be closed at the end, though an idle one does not keep the process alive. */
export function startWorkers(options: WorkersOptions = {}): Workers {
  const jobs = Math.max(1, options.jobs ?? availableParallelism());
  const { signal } = options;
  let pool: Promise<Tinypool> | undefined;
  const apart = new Set<Worker>();
  return {
    jobs,
    async run<Input, Output>(task: Task<Input, Output>, input: Input): Promise<Output> {
      signal?.throwIfAborted();
      pool ??= startPool(jobs);
      const call: TaskCall = { module: task.module, name: task.name, input };
      let outcome: TaskOutcome;
      try {
        outcome = (await (await pool).run(call, signal === undefined ? {} : { signal })) as TaskOutcome;
      } catch (cause) {
        signal?.throwIfAborted();
        throw cause;
      }
      return valueIn(outcome);
    },
    async runApart<Input, Output>(task: Task<Input, Output>, input: Input, onReport: Report = () => {}) {
      signal?.throwIfAborted();
      const call: TaskCall = { module: task.module, name: task.name, input };
      const worker = new Worker(new URL("./apart-entry.js", import.meta.url), {
        workerData: call,
        execArgv: [],
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
      });
      apart.add(worker);
      try {
        return valueIn<Output>(await outcomeOf(worker, { onReport, signal }));
      } finally {
        apart.delete(worker);
        await worker.terminate();
      }
    },
    async rest() {
      const running = pool;
      pool = undefined;
      await (await running)?.destroy();
    },
    async close() {
      const running = pool;
      pool = undefined;
      await Promise.all([...apart].map((worker) => worker.terminate()));
      await (await running)?.destroy();
    },
  };
}

/** V8 lets the young objects of every thread grow to 48 MiB before it looks among them; no task gains from more than this. */
const YOUNG_GENERATION_MIB = 12;

function valueIn<Output>(outcome: TaskOutcome): Output {
  if ("value" in outcome) return outcome.value as Output;
  const { code, message, hint, stack } = outcome.failure;
  if (code !== undefined) throw new AssembleError(code, message, hint === undefined ? {} : { hint });
  throw Object.assign(new Error(message), stack === undefined ? {} : { stack });
}

/** Waits for what a thread's task gives; a thread that ends without it has failed. */
function outcomeOf(
  worker: Worker,
  { onReport, signal }: { readonly onReport: Report; readonly signal: AbortSignal | undefined },
): Promise<TaskOutcome> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal!.reason);
    signal?.addEventListener("abort", stop);
    const settled = (): void => signal?.removeEventListener("abort", stop);
    worker.on("message", (message: ApartMessage) => {
      if ("outcome" in message) {
        settled();
        resolve(message.outcome);
      } else onReport(message.report);
    });
    worker.on("error", (error) => {
      settled();
      reject(error);
    });
    worker.on("exit", (code) => {
      settled();
      reject(new Error(`a worker thread ended with ${code} before its task did`));
    });
  });
}

/** A warm build needs no worker, and does not load the pool's code. */
async function startPool(jobs: number): Promise<Tinypool> {
  const { Tinypool } = await import("tinypool");
  return new Tinypool({
    filename: new URL("./worker-entry.js", import.meta.url).href,
    minThreads: 0,
    maxThreads: jobs,
    // Threads stay for the whole run: a new one would have to be optimised by V8 anew.
    idleTimeout: 60_000,
    // Flags of the main thread are its own: `--input-type` would break a worker, and loaders are of no use to it.
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
}
