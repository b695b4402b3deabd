/**
 * One file, from whatever source will give it: attempts, waits, resuming, and the change from one source to the next.
 */

import { createHash } from "node:crypto";
import { AssembleError } from "../errors/assemble-error.js";
import type { FileRequest, SmallFile, SmallRequest, Source } from "./download.js";
import type { Slots } from "./download-slots.js";
import { openStream, showUrl } from "./download-stream.js";
import type { OnEvent } from "./event.js";
import type { Connections } from "./proxy.js";
import { backOff, sleep, TransferError } from "./retry.js";

/** What the transfers of one run share. */
export interface TransferRun {
  readonly onEvent: OnEvent;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  readonly slots: Slots;
  readonly retryDelayMs: number;
  /** Origins that gave up on us: asked last from then on. */
  readonly down: Set<string>;
  readonly connections: () => Promise<Connections>;
}

/** A file on its way. */
export interface Transfer {
  /** The bytes, once. @throws AssembleError `io/download-failed`, `io/download-mismatch`, `io/offline-missing` */
  chunks(): AsyncIterable<Uint8Array>;
  /** How many bytes have come. */
  received(): number;
  /** Index of the source that was asked last. */
  source(): number;
}

const ATTEMPTS = 4;
const ATTEMPTS_UNREACHABLE = 2;
/** A transfer that got this much further may try again as if for the first time. */
const PROGRESS_BYTES = 1 << 16;

/** Prepares the transfer of a file. `order`: indexes of the request's sources, the first to be asked first. */
export function planTransfer(
  request: FileRequest,
  options: { readonly run: TransferRun; readonly order: readonly number[]; readonly onBytes: (count: number) => void },
): Transfer {
  const { run, onBytes } = options;
  let received = 0;
  let source = options.order[0] ?? 0;

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    const failures: string[] = [];
    for (const index of reachableFirst(request.sources, options.order, run)) {
      const url = await resolve(request.sources[index]!, failures);
      if (url === undefined || (run.offline && !url.startsWith("file:"))) continue;
      source = index;
      let since = received;
      for (let attempt = 1; ; attempt++) {
        try {
          for await (const chunk of fromServer(url, { run, offset: received })) {
            if (received + chunk.length > request.size) throw mismatch(request, url, "it is longer");
            hash.update(chunk);
            received += chunk.length;
            yield chunk;
            onBytes(chunk.length);
          }
          if (received < request.size) throw mismatch(request, url, `it ends after ${received} bytes`);
        } catch (error) {
          if (received < request.size) {
            if (received - since >= PROGRESS_BYTES) [since, attempt] = [received, 1];
            if (await again(error, { run, url, attempt, what: request.what })) continue;
            failures.push(`${showUrl(url)}: ${(error as Error).message}`);
            break;
          }
          // The connection broke after the last byte: nothing is missing.
          if (!(error instanceof TransferError)) throw error;
        }
        const found = hash.digest("hex");
        if (found !== request.sha256) throw mismatch(request, url, `its sha256 is ${found}`);
        return;
      }
    }
    throw failed(request.what, { run, failures });
  }

  return { chunks, received: () => received, source: () => source };
}

/** Fetches a small file from the first source that has it; see `Downloader.fetchSmall`. */
export async function fetchSmallFile(request: SmallRequest, run: TransferRun): Promise<SmallFile | undefined> {
  const failures: string[] = [];
  let asked = 0;
  for (const index of reachableFirst(request.sources, [...request.sources.keys()], run)) {
    const url = await resolve(request.sources[index]!, failures);
    if (url === undefined || (run.offline && !url.startsWith("file:"))) continue;
    asked++;
    for (let attempt = 1; ; attempt++) {
      try {
        const parts: Uint8Array[] = [];
        let size = 0;
        for await (const chunk of fromServer(url, { run, offset: 0 })) {
          size += chunk.length;
          if (size > request.maxBytes) throw new TransferError("refused", `it is over ${request.maxBytes} bytes`);
          parts.push(chunk);
        }
        return { bytes: Buffer.concat(parts), source: index, url };
      } catch (error) {
        if (await again(error, { run, url, attempt, what: request.what })) continue;
        if ((error as TransferError).failure !== "missing") {
          failures.push(`${showUrl(url)}: ${(error as Error).message}`);
        }
        break;
      }
    }
  }
  if (asked > 0 && failures.length === 0) return undefined;
  throw failed(request.what, { run, failures });
}

/** The bytes a server sends from `offset` on, within its slots. */
async function* fromServer(
  url: string,
  options: { readonly run: TransferRun; readonly offset: number },
): AsyncGenerator<Uint8Array> {
  const { run, offset } = options;
  const release = await run.slots.acquire(url, run.signal);
  try {
    const stream = await openStream(url, { offset, connections: run.connections, signal: run.signal });
    let skip = offset - stream.start;
    for await (const chunk of stream.chunks) {
      run.signal.throwIfAborted();
      if (skip >= chunk.length) skip -= chunk.length;
      else {
        yield skip === 0 ? chunk : chunk.subarray(skip);
        skip = 0;
      }
    }
  } finally {
    release();
  }
}

/** Waits for the next attempt at the same URL; false if there shall be none. Errors that are no transfer's are thrown. */
async function again(
  error: unknown,
  options: { readonly run: TransferRun; readonly url: string; readonly attempt: number; readonly what: string },
): Promise<boolean> {
  const { run, url, attempt, what } = options;
  if (!(error instanceof TransferError)) throw error;
  if (error.failure === "missing" || error.failure === "refused") return false;
  const { origin } = new URL(url);
  const attempts = error.failure === "unreachable" ? ATTEMPTS_UNREACHABLE : ATTEMPTS;
  if (run.down.has(origin)) return false;
  if (attempt >= attempts) {
    run.down.add(origin);
    return false;
  }
  const wait = error.retryAfterMs ?? backOff(attempt, run.retryDelayMs);
  if (error.retryAfterMs !== undefined) run.slots.pause(url, wait);
  const message = `${what}: ${showUrl(url)}: ${error.message}; trying again in ${Math.ceil(wait / 1000)} s`;
  run.onEvent({ type: "note", message });
  await sleep(wait, run.signal);
  return true;
}

/** Indexes of the sources in their order; at each step those whose server has not given up on us go first. */
function* reachableFirst(sources: readonly Source[], order: readonly number[], run: TransferRun): Generator<number> {
  const isUp = (index: number): boolean => {
    const source = sources[index];
    return typeof source !== "string" || !run.down.has(new URL(source).origin);
  };
  const waiting = [...order];
  while (waiting.length > 0) yield waiting.splice(Math.max(waiting.findIndex(isUp), 0), 1)[0]!;
}

async function resolve(source: Source, failures: string[]): Promise<string | undefined> {
  if (typeof source === "string") return source;
  try {
    return await source();
  } catch (error) {
    if (!(error instanceof AssembleError)) throw error;
    failures.push(error.message);
    return undefined;
  }
}

function mismatch(request: FileRequest, url: string, is: string): AssembleError {
  return new AssembleError(
    "io/download-mismatch",
    `Cannot trust ${request.what} from ${showUrl(url)}: ${is}, ${request.size} bytes with sha256 ${request.sha256} were wanted`,
    { hint: "the mirror is damaged or has been tampered with: give another one with --mirror" },
  );
}

function failed(
  what: string,
  options: { readonly run: TransferRun; readonly failures: readonly string[] },
): AssembleError {
  if (options.run.offline) {
    return new AssembleError(
      "io/offline-missing",
      `Cannot fetch ${what}: it is not in the cache, and --offline was given`,
      {
        hint: "run once without --offline",
      },
    );
  }
  const reasons = options.failures.length === 0 ? "no mirror has it" : options.failures.join("; ");
  return new AssembleError("io/download-failed", `Cannot download ${what}: ${reasons}`, {
    hint: "give another mirror with --mirror, or check http_proxy and https_proxy",
  });
}
