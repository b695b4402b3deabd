/**
 * One transfer: the bytes behind one http, https or file URL, from an offset on.
 *
 * Resuming is RFC 9110 §14 (Range, 206, Content-Range); a server that ignores Range answers 200 from the start.
 */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Connections } from "./proxy.js";
import { failureOfError, failureOfStatus, TransferError } from "./retry.js";

/** An open transfer. */
export interface DownloadStream {
  /** The offset of the first byte: that asked for, or 0. */
  readonly start: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface StreamOptions {
  /** Bytes that are already here. */
  readonly offset: number;
  readonly connections: () => Promise<Connections>;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 5;

/** Opens a transfer. @throws TransferError, also while the chunks are read */
export async function openStream(url: string, options: StreamOptions): Promise<DownloadStream> {
  const target = new URL(url);
  if (target.protocol === "file:") return openFile(target, options);
  const connections = await options.connections();
  const { request } = await import("undici");
  const range = options.offset > 0 ? { range: `bytes=${options.offset}-` } : {};
  let at = target;
  for (let redirects = 0; ; redirects++) {
    const response = await request(at, {
      dispatcher: connections.dispatcherFor(at),
      signal: options.signal,
      headers: { "user-agent": "tdx-assemble", "accept-encoding": "identity", ...range },
    }).catch((cause: unknown) => {
      options.signal.throwIfAborted();
      throw failureOfError(cause);
    });
    const { statusCode, headers, body } = response;
    const location = oneHeader(headers["location"]);
    if (statusCode >= 300 && statusCode < 400 && location !== undefined) {
      await body.dump();
      at = redirect(location, at, redirects);
      continue;
    }
    if (statusCode === 200) return { start: 0, chunks: readBody(body, options.signal) };
    if (statusCode === 206) {
      const start = Number(/^bytes (\d+)-/.exec(oneHeader(headers["content-range"]) ?? "")?.[1] ?? Number.NaN);
      if (start <= options.offset) return { start, chunks: readBody(body, options.signal) };
    }
    await body.dump();
    throw failureOfStatus(statusCode, oneHeader(headers["retry-after"]));
  }
}

/** A URL as it may be shown: without user name and password. */
export function showUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/@]*@/, "$1");
}

function redirect(location: string, from: URL, redirects: number): URL {
  const to = new URL(location, from);
  if (redirects >= MAX_REDIRECTS) throw new TransferError("refused", "the server redirects too often");
  if (to.protocol !== "http:" && to.protocol !== "https:") {
    throw new TransferError("refused", `the server redirects to a ${to.protocol} URL`);
  }
  return to;
}

async function openFile(url: URL, options: StreamOptions): Promise<DownloadStream> {
  const path = fileURLToPath(url);
  try {
    if (!(await stat(path)).isFile()) throw new TransferError("missing", `${path} is not a file`);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new TransferError("missing", "there is no such file", { cause });
    throw cause instanceof TransferError ? cause : new TransferError("refused", (cause as Error).message, { cause });
  }
  const stream = createReadStream(path, { start: options.offset, highWaterMark: 1 << 18, signal: options.signal });
  return { start: options.offset, chunks: readBody(stream, options.signal) };
}

async function* readBody(body: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (cause) {
    signal.throwIfAborted();
    throw failureOfError(cause);
  }
}

function oneHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
