/**
 * When to try a transfer again, and how long to wait before: exponential back-off, and what a server's Retry-After asks for
 * (RFC 9110 §10.2.3). No jitter: the downloads of one run are paced by the limits on connections.
 */

import { setTimeout as delay } from "node:timers/promises";
import { currentTime } from "./clock.js";

/** Why a transfer did not succeed, and whether trying again can help. */
export type TransferFailure =
  /** The server does not have the file. */
  | "missing"
  /** No connection: the host is unknown or refuses. */
  | "unreachable"
  /** Anything that may pass: a dropped connection, a busy server. */
  | "transient"
  /** The server will not: trying again is no use. */
  | "refused";

/** A transfer that failed: expected, and turned into an AssembleError once nothing is left to try. */
export class TransferError extends Error {
  override readonly name = "TransferError";
  readonly failure: TransferFailure;
  /** What the server asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(failure: TransferFailure, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Longest wait that a server's Retry-After is granted. */
const LONGEST_WAIT_MS = 300_000;

const STATUS_TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
const STATUS_MISSING = new Set([404, 410]);
/** Wrong until someone changes something: one quick retry is all they get. */
const CODES_UNREACHABLE = new Set([
  "ENOTFOUND",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_FAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The failure that an HTTP status means. */
export function failureOfStatus(status: number, retryAfter: string | undefined): TransferError {
  const message = `the server answered ${status}`;
  if (STATUS_MISSING.has(status)) return new TransferError("missing", message);
  if (!STATUS_TRANSIENT.has(status)) return new TransferError("refused", message);
  const retryAfterMs = parseRetryAfter(retryAfter, currentTime());
  return new TransferError("transient", message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The failure that an exception of the network means. */
export function failureOfError(cause: unknown): TransferError {
  if (cause instanceof TransferError) return cause;
  const code = errorCode(cause);
  const text = cause instanceof Error && cause.message !== "" ? cause.message : (code ?? String(cause));
  return new TransferError(code !== undefined && CODES_UNREACHABLE.has(code) ? "unreachable" : "transient", text, {
    cause,
  });
}

/** Milliseconds to wait as a Retry-After header asks, at most five minutes; undefined if it says nothing. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const wait = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}

/** Milliseconds to wait before attempt `attempt` (the second is 1): doubling, at most half a minute. */
export function backOff(attempt: number, baseMs: number): number {
  return Math.min(baseMs * 2 ** (attempt - 1), 30_000);
}

/** Waits; an abort ends the wait with the signal's reason. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** The code of a system or undici error, also inside an AggregateError (happy eyeballs reports one error per address). */
function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  return errorCode(error.cause);
}
