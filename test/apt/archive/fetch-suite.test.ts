import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeIndexTables, INDEX_TABLES_VERSION, readIndexTables } from "#dist/apt/index-tables.js";
import { openCache } from "#dist/io/cache.js";
import { cachedStep, findStep } from "#dist/io/step.js";
import { signCleartext } from "../../fixtures/archive/build-archive.js";
import { memoryStore } from "../../fixtures/archive/memory-store.js";
import { strangerKey } from "../../fixtures/archive/signing-keys.js";
import { archiveOf, codeOf, fetchSuite, lockedAt, now, release, serve } from "./suite-fixture.js";

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

  it("read an index through once: what was found out about it is in the cache", async () => {
    const { files, certificate } = await archiveOf();
    const server = await serve({ files });
    const directory = mkdtempSync(join(tmpdir(), "index-tables-"));
    const steps = openCache({ directory });
    try {
      const options = { certificate, cache: memoryStore(), steps, mirror: `${server.url}/debian` };
      const first = await fetchSuite(options);
      const key = first.trusted.release.files.get("main/binary-amd64/Packages")?.sha256 ?? "";
      const step = { name: "packages-index", version: INDEX_TABLES_VERSION, key };
      expect(findStep(steps, step)?.read()).toEqual(
        encodeIndexTables(readIndexTables(options.cache.blobs.get(key) ?? new Uint8Array(), "here")),
      );
      // Planted in its place: the tables of an index that has nothing. They are believed.
      steps.drop("step", `packages-index-${INDEX_TABLES_VERSION}/${key}`);
      await cachedStep(steps, step, () => encodeIndexTables(readIndexTables(new Uint8Array(), "here")));
      expect((await fetchSuite(options)).indexes[0]?.size).toBe(0);
    } finally {
      steps.close();
      rmSync(directory, { recursive: true });
    }
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
