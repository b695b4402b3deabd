/**
 * Downloads: in parallel, resumed, tried again and from several places in turn, checked while they stream, and kept in the
 * cache under their sha256.
 *
 * The transport is not trusted. A file whose size or sha256 is wrong never enters the cache: it is dropped and fetched
 * once more, from the next place if there is one.
 */

import type { FileContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { openSlots } from "./download-slots.js";
import { fetchSmallFile, planTransfer, type TransferRun } from "./download-transfer.js";
import type { OnEvent, Stage } from "./event.js";
import { type Connections, openConnections, type ProxyEnvironment } from "./proxy.js";

/** A URL, or how to find one: undefined if there is none. It is only looked for when everything before it failed. */
export type Source = string | (() => Promise<string | undefined>);

/** A file known by its sha256. */
export interface FileRequest {
  /** For messages: a path or a package's name. */
  readonly what: string;
  /** Places that have it, the best first. */
  readonly sources: readonly Source[];
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A small file that is not known beforehand, such as an InRelease. */
export interface SmallRequest {
  readonly what: string;
  readonly sources: readonly Source[];
  readonly maxBytes: number;
}

/** A small file, and where it came from. */
export interface SmallFile {
  readonly bytes: Uint8Array;
  /** Index into the request's sources. */
  readonly source: number;
  readonly url: string;
}

/** What the downloader needs of the cache. */
export interface BlobStore {
  /** The bytes with this sha256, if the cache has them. */
  readBlob(sha256: string): Promise<FileContent | undefined>;
  /** Keeps bytes under their sha256; nothing is kept if `chunks` throws or ends with other bytes than these. */
  writeBlob(sha256: string, chunks: AsyncIterable<Uint8Array>): Promise<FileContent>;
}

/** All bytes of a blob; undefined if the cache does not have them, or had others, which it has then dropped. */
export async function readIntact(cache: BlobStore, sha256: string): Promise<Uint8Array | undefined> {
  try {
    return (await cache.readBlob(sha256))?.read();
  } catch (error) {
    if (error instanceof AssembleError && error.code === "io/cache-damaged") return undefined;
    throw error;
  }
}

export interface DownloaderOptions {
  readonly cache: BlobStore;
  /** Nothing but the cache and `file:` URLs. */
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
  /** Transfers at once to one server: 8. */
  readonly perServer?: number | undefined;
  /** Other limits, by origin. */
  readonly limits?: ReadonlyMap<string, number> | undefined;
  /** Where the proxies' variables are read: the host's environment. */
  readonly environment?: ProxyEnvironment | undefined;
  /** The first wait before another attempt: 500 ms. */
  readonly retryDelayMs?: number | undefined;
}

/** The downloads of one run. */
export interface Downloader {
  /**
   * A file known by its sha256, out of the cache or from its sources.
   *
   * @throws AssembleError `io/download-failed`, `io/download-mismatch`, `io/offline-missing`
   */
  fetchFile(request: FileRequest, stage?: Stage): Promise<FileContent>;
  /** Several files in parallel, in the order of the requests; progress is reported over all that are not in the cache. */
  fetchFiles(requests: readonly FileRequest[], stage?: Stage): Promise<readonly FileContent[]>;
  /**
   * A small file from the first source that has it; undefined if every source says that there is none.
   *
   * @throws AssembleError `io/download-failed`, `io/offline-missing`
   */
  fetchSmall(request: SmallRequest): Promise<SmallFile | undefined>;
  /** Closes the connections; the downloader is of no use afterwards. */
  close(): Promise<void>;
}

/** Opens the downloads of one run. Connections are made when they are first needed. */
export function openDownloader(options: DownloaderOptions): Downloader {
  const { onEvent = () => {} } = options;
  const closing = new AbortController();
  let connections: Promise<Connections> | undefined;
  const run: TransferRun = {
    onEvent,
    offline: options.offline ?? false,
    signal: joinSignals(closing.signal, options.signal),
    slots: openSlots({ perServer: options.perServer ?? 8, limits: options.limits ?? new Map() }),
    retryDelayMs: options.retryDelayMs ?? 500,
    down: new Set(),
    connections: () => (connections ??= openConnections(options.environment)),
  };
  const fetchFiles = (requests: readonly FileRequest[], stage: Stage): Promise<readonly FileContent[]> =>
    fetchBatch(requests, { cache: options.cache, run, stage });
  return {
    fetchFile: async (request, stage = "download") => (await fetchFiles([request], stage))[0]!,
    fetchFiles: (requests, stage = "download") => fetchFiles(requests, stage),
    fetchSmall: (request) => fetchSmallFile(request, run),
    async close() {
      closing.abort(new Error("the downloader is closed"));
      await (await connections)?.close();
    },
  };
}

interface BatchOptions {
  readonly cache: BlobStore;
  readonly run: TransferRun;
  readonly stage: Stage;
}

async function fetchBatch(requests: readonly FileRequest[], options: BatchOptions): Promise<readonly FileContent[]> {
  const { cache, stage } = options;
  const found = await Promise.all(requests.map((request) => cache.readBlob(request.sha256)));
  // The same bytes may be asked for twice: they are fetched once.
  const wanted = new Map<string, FileRequest>();
  for (const [i, request] of requests.entries()) if (found[i] === undefined) wanted.set(request.sha256, request);
  const total = [...wanted.values()].reduce((sum, request) => sum + request.size, 0);
  let done = 0;
  // One failure ends the others: they would only delay the message.
  const failing = new AbortController();
  const run: TransferRun = { ...options.run, signal: joinSignals(failing.signal, options.run.signal) };
  let failure: { readonly error: unknown } | undefined;
  const fetched = new Map<string, FileContent>();
  await Promise.all(
    [...wanted.values()].map(async (request) => {
      const onBytes = (count: number): void => {
        done += count;
        run.onEvent({ type: "progress", stage, done, total, unit: "bytes", item: request.what });
      };
      try {
        fetched.set(request.sha256, await fetchTwice(request, { cache, run, onBytes }));
      } catch (error) {
        failure ??= { error };
        failing.abort(error);
      }
    }),
  );
  options.run.signal.throwIfAborted();
  if (failure !== undefined) throw failure.error;
  return requests.map((request, i) => found[i] ?? fetched.get(request.sha256)!);
}

/** Fetches a file; what is not the file that was wanted is dropped and fetched once more. */
async function fetchTwice(
  request: FileRequest,
  options: { readonly cache: BlobStore; readonly run: TransferRun; readonly onBytes: (count: number) => void },
): Promise<FileContent> {
  const { cache, run, onBytes } = options;
  const order = [...request.sources.keys()];
  for (let round = 1; ; round++) {
    const transfer = planTransfer(request, { run, order, onBytes });
    try {
      return await cache.writeBlob(request.sha256, transfer.chunks());
    } catch (error) {
      if (!(error instanceof AssembleError) || error.code !== "io/download-mismatch" || round > 1) throw error;
      run.onEvent({ type: "warning", code: error.code, message: `${error.message}; fetching it once more` });
      onBytes(-transfer.received());
      // Who sent the wrong bytes is asked last.
      order.push(...order.splice(0, order.indexOf(transfer.source()) + 1));
    }
  }
}

function joinSignals(signal: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? signal : AbortSignal.any([signal, other]);
}
