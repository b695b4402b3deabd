import { afterEach, describe, expect, it } from "vitest";
import { fetchIndexes } from "#dist/apt/archive/fetch-index.js";
import { fetchRelease, type TrustedRelease } from "#dist/apt/archive/fetch-release.js";
import { type ArchiveOptions, withArchives } from "#dist/apt/archive/session.js";
import { suitesOf } from "#dist/apt/archive/suites.js";
import type { PackagesIndex } from "#dist/apt/packages-index.js";
import type { LockedSuite } from "#dist/config/lock.js";
import type { RecipeArchive } from "#dist/config/recipe.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import type { AssembleEvent } from "#dist/io/event.js";
import {
  buildArchive,
  type FixtureArchive,
  type FixtureSuite,
  signCleartext,
} from "../../fixtures/archive/build-archive.js";
import { type MemoryStore, memoryStore } from "../../fixtures/archive/memory-store.js";
import { type FixtureServer, type ServeOptions, serveArchive } from "../../fixtures/archive/serve-archive.js";
import { strangerKey } from "../../fixtures/archive/signing-keys.js";

const now = Date.parse("2026-08-02T00:00:00Z");
const release = "debian/dists/trixie/InRelease";

const servers: FixtureServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function archiveOf(suite: Partial<FixtureSuite> = {}): Promise<FixtureArchive> {
  return buildArchive({ suites: [{ packages: [{ name: "hello" }], ...suite }] });
}

async function serve(archive: { readonly files: ReadonlyMap<string, Uint8Array> }, options?: ServeOptions) {
  const server = await serveArchive(archive, options);
  servers.push(server);
  return server;
}

interface Outcome {
  readonly trusted: TrustedRelease;
  readonly indexes: readonly PackagesIndex[];
}

interface FetchOptions extends Partial<ArchiveOptions> {
  readonly archive?: Partial<RecipeArchive>;
  readonly certificate: string;
  readonly cache?: MemoryStore;
  readonly locked?: LockedSuite;
}

/** Fetches the main suite, of a host that knows no mirror and no snapshot but those given. */
async function fetchSuite(options: FetchOptions): Promise<Outcome> {
  const { certificate, cache = memoryStore(), locked, ...rest } = options;
  const archive: RecipeArchive = {
    suite: "trixie",
    components: ["main"],
    mirror: "auto",
    security: false,
    updates: false,
    extra: [],
    ...options.archive,
  };
  return withArchives(archive, {
    cache,
    host: { environment: {}, aptDirectory: "/nonexistent" },
    snapshotUrl: "http://127.0.0.1:1",
    now,
    retryDelayMs: 1,
    ...rest,
    action: async (session) => {
      const trusted = await fetchRelease(suitesOf(archive)[0]!, {
        ...session,
        cache,
        archiveKeys: certificate,
        offline: rest.offline ?? false,
        now: archive.snapshot === undefined ? session.now : undefined,
        locked,
        refuseOlder: true,
      });
      return { trusted, indexes: await fetchIndexes(trusted, { ...session, cache, architecture: "amd64" }) };
    },
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => expect.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AssembleError)) throw error;
  return error.code;
}

function lockedAt(date: string, sha256 = "0".repeat(64)): LockedSuite {
  const names = { id: "debian trixie", archive: "debian", suite: "trixie", codename: "trixie" };
  return { ...names, components: ["main"], date, sha256 };
}

describe("fetchRelease and fetchIndexes", () => {
  it("fetch InRelease and the index by hash; the second time only InRelease", async () => {
    const { files, certificate } = await archiveOf();
    const server = await serve({ files });
    const cache = memoryStore();
    const first = await fetchSuite({ certificate, cache, mirror: `${server.url}/debian` });
    expect(first.indexes.map((index) => [...index.names()])).toEqual([["hello"]]);
    expect(server.requests.map((one) => one.path)).toEqual([
      release,
      expect.stringMatching(/^debian\/dists\/trixie\/main\/binary-amd64\/by-hash\/SHA256\/[0-9a-f]{64}$/),
    ]);
    server.requests.length = 0;
    const second = await fetchSuite({ certificate, cache, mirror: `${server.url}/debian` });
    expect(server.requests.map((one) => one.path)).toEqual([release]);
    expect(second.indexes[0]?.named("hello")[0]?.sha256).toBe(first.indexes[0]?.named("hello")[0]?.sha256);
  });

  it.each([["gz"], ["plain"], ["plain", "gz", "xz"]] as const)("read indexes served as %s", async (...indexes) => {
    const { files, certificate } = await archiveOf({ indexes });
    const server = await serve({ files });
    const { indexes: found } = await fetchSuite({ certificate, mirror: `${server.url}/debian` });
    expect(found[0]?.size).toBe(1);
  });

  it("work from a directory", async () => {
    const { files, certificate } = await archiveOf();
    const { mkdtemp, mkdir, rm, writeFile } = await import("node:fs/promises");
    const path = await import("node:path");
    const directory = await mkdtemp(path.join((await import("node:os")).tmpdir(), "archive-"));
    try {
      for (const [name, bytes] of files) {
        await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
        await writeFile(path.join(directory, name), bytes);
      }
      const mirror = `file://${directory}/debian`;
      const { indexes } = await fetchSuite({ certificate, mirror, offline: true });
      expect(indexes[0]?.size).toBe(1);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("take Release with Release.gpg where there is no InRelease", async () => {
    const { files, certificate } = await archiveOf({ signature: "detached" });
    const inRelease = await archiveOf();
    const server = await serve({ files });
    const detached = await fetchSuite({ certificate, mirror: `${server.url}/debian` });
    // The sum is of the text that was signed, whichever way it was signed.
    const other = await serve({ files: inRelease.files });
    const clear = await fetchSuite({ certificate, mirror: `${other.url}/debian` });
    expect(detached.trusted.sha256).toBe(clear.trusted.sha256);
  });

  it("refuse a tampered Release", async () => {
    const { files, certificate } = await archiveOf();
    const server = await serve({ files }, { faults: [{ path: /InRelease/, kind: "corrupt", at: 90 }] });
    expect(await codeOf(fetchSuite({ certificate, mirror: `${server.url}/debian` }))).toBe("apt/signature-invalid");
  });

  it("refuse an unsigned one, in each form", async () => {
    const { files, certificate } = await archiveOf({ signature: "none" });
    const server = await serve({ files });
    const mirror = `${server.url}/debian`;
    expect(await codeOf(fetchSuite({ certificate, mirror }))).toBe("apt/signature-missing");
    files.set(release, files.get("debian/dists/trixie/Release")!);
    expect(await codeOf(fetchSuite({ certificate, mirror }))).toBe("apt/signature-missing");
  });

  it("refuse one of a key that is not this archive's", async () => {
    const { files, certificate } = await archiveOf({ key: strangerKey });
    const server = await serve({ files });
    expect(await codeOf(fetchSuite({ certificate, mirror: `${server.url}/debian` }))).toBe("apt/key-unknown");
  });

  it("refuse an expired one from a mirror, but not from a snapshot", async () => {
    const { files, certificate } = await archiveOf({ validUntil: "2026-08-01T12:00:00Z" });
    const imports = [{ archive: "debian", timestamp: "20260801T060000Z", files }];
    const server = await serve({ files }, { snapshots: imports });
    expect(await codeOf(fetchSuite({ certificate, mirror: `${server.url}/debian` }))).toBe("apt/release-expired");
    const archive = { snapshot: "20260801T080000Z" };
    const { trusted } = await fetchSuite({ certificate, archive, snapshotUrl: server.url });
    expect(trusted.release.date).toBe(Date.parse("2026-08-01T00:00:00Z"));
  });

  it("refuse one older than the lock's", async () => {
    const { files, certificate } = await archiveOf();
    const server = await serve({ files });
    const mirror = `${server.url}/debian`;
    const newer = fetchSuite({ certificate, mirror, locked: lockedAt("2026-08-01T00:00:01Z") });
    expect(await codeOf(newer)).toBe("apt/release-downgrade");
    await fetchSuite({ certificate, mirror, locked: lockedAt("2026-08-01T00:00:00Z") });
  });

  it("refuse one of another suite, and one with weak sums", async () => {
    const wrong = await archiveOf({ release: { Codename: "bookworm", Suite: "oldstable" } });
    const weak = await archiveOf({ release: { SHA256: undefined, MD5Sum: "\n d41d8cd98f00b204e9800998ecf8427e 0 x" } });
    for (const [archive, code] of [
      [wrong, "apt/release-wrong-suite"],
      [weak, "apt/weak-digest"],
    ] as const) {
      const server = await serve(archive);
      const { certificate } = archive;
      expect(await codeOf(fetchSuite({ certificate, mirror: `${server.url}/debian` }))).toBe(code);
    }
  });

  it("say which suites and components there are not", async () => {
    const { files, certificate } = await archiveOf();
    const server = await serve({ files });
    const snapshots = await serve({ files: new Map() });
    const options = { certificate, mirror: `${server.url}/debian`, snapshotUrl: snapshots.url };
    expect(await codeOf(fetchSuite({ ...options, archive: { suite: "trixy" } }))).toBe("apt/suite-not-found");
    const contrib = fetchSuite({ ...options, archive: { components: ["contrib"] } });
    expect(await codeOf(contrib)).toBe("apt/component-not-found");
  });

  it.each([
    ["wrong bytes", { kind: "corrupt", at: 40 }],
    ["too few bytes", { kind: "truncate", after: 100 }],
  ] as const)("drop an index of %s and fetch it once more, from another mirror if there is one", async (_, fault) => {
    const { files, certificate } = await archiveOf();
    const bad = await serve({ files }, { faults: [{ path: /by-hash/, ...fault }] });
    const good = await serve({ files });
    const { indexes } = await fetchSuite({ certificate, mirror: [`${bad.url}/debian`, `${good.url}/debian`] });
    expect(indexes[0]?.size).toBe(1);
    expect(good.requests).toHaveLength(1);

    const once = await serve({ files }, { faults: [{ path: /by-hash/, times: 1, ...fault }] });
    await fetchSuite({ certificate, mirror: `${once.url}/debian` });

    const always = await serve({ files }, { faults: [{ path: /Packages|by-hash/, ...fault }] });
    const cache = memoryStore();
    const failed = fetchSuite({ certificate, cache, mirror: `${always.url}/debian` });
    expect(await codeOf(failed)).toBe("io/download-mismatch");
    expect(cache.blobs.size).toBe(1); // the Release alone
  });

  it("refuse an index that its Release lists but that is no index", async () => {
    const broken = Buffer.from("\xfd7zXZ\0 and then nothing", "latin1");
    const { createHash } = await import("node:crypto");
    const sum = createHash("sha256").update(broken).digest("hex");
    const { files, certificate } = await archiveOf({
      editRelease: (text) =>
        text.replace(/ [0-9a-f]{64} \d+ (main\/binary-amd64\/Packages\.xz)/, ` ${sum} ${broken.length} $1`),
    });
    files.set(`debian/dists/trixie/main/binary-amd64/by-hash/SHA256/${sum}`, broken);
    const server = await serve({ files });
    expect(await codeOf(fetchSuite({ certificate, mirror: `${server.url}/debian` }))).toBe("apt/index-damaged");
  });

  it("fall back to the index's name, then to the first snapshot at or after the Release", async () => {
    const { files, certificate } = await archiveOf();
    const snapshots = [
      { archive: "debian", timestamp: "20260731T200000Z", files: new Map<string, Uint8Array>() },
      { archive: "debian", timestamp: "20260801T020000Z", files },
      { archive: "debian", timestamp: "20260801T080000Z", files: new Map<string, Uint8Array>() },
    ];
    const snapshot = await serve({ files: new Map() }, { snapshots });
    const byName = await serve({ files }, { faults: [{ path: /by-hash/, kind: "missing" }] });
    await fetchSuite({ certificate, mirror: `${byName.url}/debian`, snapshotUrl: snapshot.url });
    expect(snapshot.requests).toHaveLength(0);

    const gone = await serve({ files }, { faults: [{ path: /by-hash|Packages/, kind: "missing" }] });
    const events: AssembleEvent[] = [];
    const onEvent = (event: AssembleEvent): void => void events.push(event);
    await fetchSuite({ certificate, mirror: `${gone.url}/debian`, snapshotUrl: snapshot.url, onEvent });
    expect(snapshot.requests.map((one) => one.path)).toEqual([
      "mr/timestamp/?archive=debian&after=20260731T235959Z&before=20260930T000000Z",
      "archive/debian/20260801T020000Z/dists/trixie/main/binary-amd64/Packages.xz",
    ]);
    const notes = events.filter((event) => event.type === "note");
    expect(notes.map((note) => note.message)).toEqual([expect.stringContaining("--mirror URL")]);
  });

  it("ask snapshot.debian.org for the latest state when there is no mirror", async () => {
    const { files, certificate } = await archiveOf();
    const snapshots = [{ archive: "debian", timestamp: "20260801T020000Z", files }];
    const snapshot = await serve({ files: new Map() }, { snapshots });
    const { indexes } = await fetchSuite({ certificate, snapshotUrl: snapshot.url });
    expect(indexes[0]?.size).toBe(1);
    expect(snapshot.requests[0]).toMatchObject({
      path: "archive/debian/20260802T000000Z/dists/trixie/InRelease",
      status: 302,
    });
  });

  it("offline, use the Release that the lock trusted, from the cache", async () => {
    const { files, certificate } = await archiveOf();
    const server = await serve({ files });
    const cache = memoryStore();
    const mirror = `${server.url}/debian`;
    const { trusted } = await fetchSuite({ certificate, cache, mirror });
    server.requests.length = 0;
    const locked = lockedAt("2026-08-01T00:00:00Z", trusted.sha256);
    const again = await fetchSuite({ certificate, cache, mirror, locked, offline: true });
    expect(again.trusted.sha256).toBe(trusted.sha256);
    expect(again.indexes[0]?.size).toBe(1);
    expect(await codeOf(fetchSuite({ certificate, cache, mirror, offline: true }))).toBe("io/offline-missing");
    expect(server.requests).toHaveLength(0);
  });

  it("refuse a cleartext file with an index smuggled in before the signature", async () => {
    const { files, certificate } = await archiveOf();
    const signed = await signCleartext("Codename: trixie\n", { date: new Date(now) });
    files.set(
      release,
      Buffer.from(`${Buffer.from(files.get(release)!).toString().split("-----BEGIN PGP SIGNATURE")[0]}${signed}`),
    );
    const server = await serve({ files });
    expect(await codeOf(fetchSuite({ certificate, mirror: `${server.url}/debian` }))).toBe("apt/signature-invalid");
  });
});
