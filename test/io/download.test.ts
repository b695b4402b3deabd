import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { type DownloaderOptions, type FileRequest, openDownloader, type Source } from "#dist/io/download.js";
import type { AssembleEvent } from "#dist/io/event.js";
import { memoryStore } from "../fixtures/archive/memory-store.js";
import { type FixtureServer, type ServeOptions, serveArchive } from "../fixtures/archive/serve-archive.js";

const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >>> 3);
const sha256 = createHash("sha256").update(bytes).digest("hex");

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function serve(options: ServeOptions = {}, file: Uint8Array = bytes): Promise<FixtureServer> {
  const server = await serveArchive({ files: new Map([["pool/a.deb", file]]) }, options);
  open.push(server);
  return server;
}

function download(options: Partial<DownloaderOptions> = {}) {
  const cache = memoryStore();
  const events: AssembleEvent[] = [];
  const downloader = openDownloader({
    cache,
    environment: {},
    retryDelayMs: 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  open.push(downloader);
  return { cache, events, downloader };
}

function request(sources: readonly Source[]): FileRequest {
  return { what: "pool/a.deb", sources, size: bytes.length, sha256 };
}

async function failure(promise: Promise<unknown>): Promise<AssembleError> {
  const error: unknown = await promise.then(
    () => expect.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AssembleError);
  return error as AssembleError;
}

describe("fetchFile", () => {
  it("fetches, reports progress up to the size, and asks nobody the second time", async () => {
    const server = await serve();
    const { downloader, cache, events } = download();
    const file = await downloader.fetchFile(request([`${server.url}/pool/a.deb`]));
    expect(Buffer.compare(file.read(), bytes)).toBe(0);
    expect(events.at(-1)).toEqual({
      type: "progress",
      stage: "download",
      done: bytes.length,
      total: bytes.length,
      unit: "bytes",
      item: "pool/a.deb",
    });
    expect(cache.blobs.size).toBe(1);
    await downloader.fetchFile(request([`${server.url}/pool/a.deb`]));
    expect(server.requests).toHaveLength(1);
  });

  it.each([true, false])("resumes after a broken connection (server knows Range: %s)", async (ranges) => {
    const server = await serve({ ranges, faults: [{ path: /a\.deb/, kind: "drop", after: 100_000, times: 2 }] });
    const { downloader, events } = download();
    await downloader.fetchFile(request([`${server.url}/pool/a.deb`]));
    expect(server.requests).toHaveLength(3);
    const offsets = server.requests.map((one) => Number(/^bytes=(\d+)-$/.exec(one.range ?? "")?.[1] ?? 0));
    expect(offsets[0]).toBe(0);
    expect(offsets[1]).toBeGreaterThan(0);
    expect(offsets[2]).toBeGreaterThanOrEqual(offsets[1]!);
    if (ranges) expect(server.requests[1]?.status).toBe(206);
    expect(events.at(-1)).toMatchObject({ done: bytes.length });
  });

  it("resumes at the next source what the first one cannot finish", async () => {
    const broken = await serve({ faults: [{ path: /a\.deb/, kind: "drop", after: 20_000 }] });
    const good = await serve();
    const { downloader } = download();
    await downloader.fetchFile(request([`${broken.url}/pool/a.deb`, `${good.url}/pool/a.deb`]));
    expect(good.requests).toHaveLength(1);
    expect(good.requests[0]?.status).toBe(206);
  });

  it("obeys Retry-After, for every transfer to that server", async () => {
    const server = await serve({
      faults: [{ path: /a\.deb/, kind: "status", status: 503, retryAfter: "1", times: 1 }],
    });
    const { downloader, events } = download();
    const start = performance.now();
    await downloader.fetchFile(request([`${server.url}/pool/a.deb`]));
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(events[0]).toMatchObject({
      type: "note",
      message: expect.stringContaining("answered 503; trying again in 1 s"),
    });
  });

  it("goes to the next source when one has no such file, is down, or refuses", async () => {
    const gone = await serve({ faults: [{ path: /a\.deb/, kind: "missing" }] });
    const refusing = await serve({ faults: [{ path: /a\.deb/, kind: "status", status: 403 }] });
    const closed = await serve();
    await closed.close();
    const good = await serve();
    const { downloader } = download();
    await downloader.fetchFile(request([gone, refusing, closed, good].map((one) => `${one.url}/pool/a.deb`)));
    expect(good.requests).toHaveLength(1);
    // A server that could not be reached is asked last from then on.
    const other = { ...request([closed, good].map((one) => `${one.url}/pool/b.deb`)), sha256: "0".repeat(64) };
    expect((await failure(downloader.fetchFile(other))).code).toBe("io/download-failed");
    expect(good.requests).toHaveLength(2);
  });

  it.each([
    ["a wrong byte", { kind: "corrupt", at: 5 }],
    ["too few bytes", { kind: "truncate", after: 1000 }],
    ["too many bytes", { kind: "replace", bytes: Buffer.concat([bytes, bytes]) }],
  ] as const)("drops %s and fetches once more, from another source first", async (_, fault) => {
    const bad = await serve({ faults: [{ path: /a\.deb/, ...fault }] });
    const good = await serve();
    const { downloader, events, cache } = download();
    const file = await downloader.fetchFile(request([`${bad.url}/pool/a.deb`, `${good.url}/pool/a.deb`]));
    expect(Buffer.compare(file.read(), bytes)).toBe(0);
    expect([bad.requests.length, good.requests.length]).toEqual([1, 1]);
    expect(events.filter((event) => event.type === "warning")).toMatchObject([{ code: "io/download-mismatch" }]);
    expect(events.at(-1)).toMatchObject({ done: bytes.length, total: bytes.length });
    expect([...cache.blobs.keys()]).toEqual([sha256]);
  });

  it("fetches wrong bytes once more from the only source there is", async () => {
    const server = await serve({ faults: [{ path: /a\.deb/, kind: "corrupt", at: 5, times: 1 }] });
    await download().downloader.fetchFile(request([`${server.url}/pool/a.deb`]));
    expect(server.requests).toHaveLength(2);
  });

  it("gives up on bytes that are wrong twice, and keeps none of them", async () => {
    const server = await serve({ faults: [{ path: /a\.deb/, kind: "corrupt", at: 5 }] });
    const { downloader, cache } = download();
    const error = await failure(downloader.fetchFile(request([`${server.url}/pool/a.deb`])));
    expect(error.code).toBe("io/download-mismatch");
    expect(error.message).toContain(`${bytes.length} bytes with sha256 ${sha256} were wanted`);
    expect(server.requests).toHaveLength(2);
    expect(cache.blobs.size).toBe(0);
  });

  it("says where it asked when nobody has the file", async () => {
    const server = await serve({ faults: [{ path: /a\.deb/, kind: "status", status: 500 }] });
    const url = server.url.replace("http://", "http://user:secret@");
    const error = await failure(download().downloader.fetchFile(request([`${url}/pool/a.deb`])));
    expect(error.code).toBe("io/download-failed");
    expect(error.message).toBe(`Cannot download pool/a.deb: ${server.url}/pool/a.deb: the server answered 500`);
    expect(server.requests).toHaveLength(4);
  });

  it("follows redirects, but not out of the web and not for ever", async () => {
    const good = await serve();
    const server = await serve({ faults: [{ path: /a\.deb/, kind: "redirect", to: `${good.url}/pool/a.deb` }] });
    await download().downloader.fetchFile(request([`${server.url}/pool/a.deb`]));
    for (const to of ["file:///etc/passwd", "/pool/a.deb"]) {
      server.faults.splice(0, 1, { path: /a\.deb/, kind: "redirect", to });
      const error = await failure(download().downloader.fetchFile(request([`${server.url}/pool/a.deb`])));
      expect(error.message).toMatch(/redirects (to a file: URL|too often)/);
    }
  });

  it("with offline, serves the cache and nothing else", async () => {
    const server = await serve();
    const { downloader, cache } = download({ offline: true });
    expect((await failure(downloader.fetchFile(request([`${server.url}/pool/a.deb`])))).code).toBe(
      "io/offline-missing",
    );
    cache.blobs.set(sha256, bytes);
    await downloader.fetchFile(request([`${server.url}/pool/a.deb`]));
    expect(server.requests).toHaveLength(0);
  });

  it("looks for a source that must be found only when the ones before have failed", async () => {
    const server = await serve();
    let found = 0;
    const late = async () => {
      found++;
      return `${server.url}/pool/a.deb`;
    };
    await download().downloader.fetchFile(request([`${server.url}/pool/a.deb`, late]));
    expect(found).toBe(0);
    await download().downloader.fetchFile(request([`${server.url}/elsewhere`, late]));
    expect(found).toBe(1);
  });
});

describe("fetchFiles", () => {
  it("keeps to the limits, and fetches the same bytes once", async () => {
    const files = new Map<string, Uint8Array>();
    for (let i = 0; i < 12; i++) files.set(`f${i}`, Buffer.from(`file ${i} `.repeat(4000)));
    const server = await serveArchive({ files }, { faults: [{ path: /./, kind: "slow", milliseconds: 2 }] });
    open.push(server);
    const requests = [...files].map(([path, content]) => ({
      what: path,
      sources: [`${server.url}/${path}`],
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
    }));
    const { downloader } = download({ limits: new Map([[server.url, 2]]) });
    const found = await downloader.fetchFiles([...requests, ...requests], "lock");
    const wanted = [...files.values(), ...files.values()];
    expect(found.map((file, i) => Buffer.compare(file.read(), wanted[i]!))).toEqual(wanted.map(() => 0));
    expect(server.requests).toHaveLength(12);
    expect(server.mostAtOnce()).toBe(2);
  });

  it("ends the other transfers when one fails for good", async () => {
    const files = new Map([["slow", bytes]]);
    const server = await serveArchive({ files }, { faults: [{ path: /slow/, kind: "slow", milliseconds: 500 }] });
    open.push(server);
    const { downloader, cache } = download();
    const start = performance.now();
    const error = await failure(
      downloader.fetchFiles([
        { what: "slow", sources: [`${server.url}/slow`], size: bytes.length, sha256 },
        { what: "none", sources: [`${server.url}/none`], size: 1, sha256: "0".repeat(64) },
      ]),
    );
    expect(error.message).toContain("Cannot download none");
    expect(performance.now() - start).toBeLessThan(5000);
    expect(cache.blobs.size).toBe(0);
  });

  it("stops with the caller's signal", async () => {
    const server = await serve({ faults: [{ path: /a\.deb/, kind: "slow", milliseconds: 100 }] });
    const controller = new AbortController();
    const { downloader, cache } = download({
      signal: controller.signal,
      onEvent: () => controller.abort(new Error("stop")),
    });
    await expect(downloader.fetchFile(request([`${server.url}/pool/a.deb`]))).rejects.toThrow("stop");
    expect(cache.blobs.size).toBe(0);
  });
});

describe("fetchSmall", () => {
  it("tells absent from unreachable", async () => {
    const server = await serve();
    const { downloader } = download();
    const ask = (sources: readonly string[], maxBytes = 1 << 20) =>
      downloader.fetchSmall({ what: "InRelease", sources, maxBytes });
    const found = await ask([`${server.url}/none`, `${server.url}/pool/a.deb`]);
    expect(found).toMatchObject({ source: 1, url: `${server.url}/pool/a.deb` });
    expect(await ask([`${server.url}/none`])).toBeUndefined();
    server.faults.push({ path: /none/, kind: "reset" });
    expect((await failure(ask([`${server.url}/none`]))).code).toBe("io/download-failed");
    expect((await failure(ask([`${server.url}/pool/a.deb`], 1000))).message).toContain("it is over 1000 bytes");
  });
});
