import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fetchPackages } from "#dist/apt/fetch-packages.js";
import { makeLock } from "#dist/apt/make-lock.js";
import { type Cache, openCache } from "#dist/io/cache.js";
import type { AssembleEvent } from "#dist/io/event.js";
import {
  archiveOf,
  blobsOf,
  cleanups,
  codeOf,
  kernelVersion,
  newCache,
  only,
  open,
  optionsFor,
  recipeOf,
  serve,
} from "./lock-fixture.js";

describe("fetchPackages", () => {
  it("fetches exactly the lock's files, without index, and nothing the second time", async () => {
    const { server, cache, options } = await open(await archiveOf());
    const recipe = recipeOf({ buildPackages: ["git"] });
    const entry = only(await makeLock(recipe, options));
    server.requests.length = 0;
    const events: AssembleEvent[] = [];
    const fetching = {
      ...options,
      archive: recipe.archive,
      onEvent: (event: AssembleEvent) => void events.push(event),
    };
    const files = await fetchPackages(entry, fetching);
    const names = server.requests.map((one) => /\/([^/_]+)_[^/]*$/.exec(one.path)?.[1]);
    const wanted = [
      "base-files",
      "bash",
      "kmod",
      "libc6",
      "libkmod2",
      `linux-image-${kernelVersion}`,
      "mawk",
      "systemd-boot-efi",
    ];
    expect(names.sort()).toEqual(wanted);
    for (const { package: row } of entry.packages) expect(files.get(row.sha256)?.size).toBe(row.size);
    const total = [...files.values()].reduce((sum, file) => sum + file.size, 0);
    expect(events.at(-1)).toMatchObject({ type: "progress", stage: "download", done: total, total });
    await fetchPackages(entry, fetching);
    expect(server.requests).toHaveLength(wanted.length);
    await fetchPackages(entry, { ...fetching, buildPackages: true });
    expect(server.requests).toHaveLength(wanted.length + 1);
    expect(await blobsOf(cache)).toEqual(expect.arrayContaining([...files.keys()]));
  });

  it("leaves out what the caller has already", async () => {
    const { server, options } = await open(await archiveOf());
    const recipe = recipeOf();
    const entry = only(await makeLock(recipe, options));
    server.requests.length = 0;
    const files = await fetchPackages(entry, {
      ...options,
      archive: recipe.archive,
      isWanted: (row) => row.name === "bash",
    });
    expect([files.size, server.requests.length]).toEqual([1, 1]);
  });

  it("drops a .deb of wrong bytes and fetches it once more, then gives up and keeps nothing of it", async () => {
    const archive = await archiveOf();
    const { server, cache, options } = await open(archive);
    const recipe = recipeOf();
    const entry = only(await makeLock(recipe, options));
    const fetching = { ...options, archive: recipe.archive };
    const before = await blobsOf(cache);
    server.faults.push({ path: /\/kmod_/, kind: "corrupt", at: 200 });
    expect(await codeOf(fetchPackages(entry, fetching))).toBe("io/download-mismatch");
    const kmod = entry.packages.find((use) => use.package.name === "kmod")!.package;
    expect(await blobsOf(cache)).not.toContain(kmod.sha256);
    expect((await blobsOf(cache)).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
    expect((await blobsOf(cache)).length).toBeGreaterThanOrEqual(before.length);
    server.faults[0]!.times = 1;
    await fetchPackages(entry, fetching);
    server.faults.splice(0, 1, { path: /\/kmod_/, kind: "truncate", after: 100 });
    const good = await serve(archive);
    const mirror = [`${server.url}/debian`, `${good.url}/debian`];
    cache.drop("blob", kmod.sha256);
    await fetchPackages(entry, { ...fetching, mirror });
    expect(good.requests.map((one) => path.basename(one.path))).toEqual(["kmod_34-1_amd64.deb"]);
  });

  it("fetches what mirrors have dropped from the first snapshot at or after the Release", async () => {
    const archive = await archiveOf();
    const snapshots = ["20260731T200000Z", "20260801T020000Z", "20260801T080000Z"].map((timestamp) => ({
      archive: "debian",
      timestamp,
      files: timestamp === "20260801T020000Z" ? archive.files : new Map<string, Uint8Array>(),
    }));
    const { options } = await open(archive);
    const entry = only(await makeLock(recipeOf(), options));
    const mirror = await serve(archive, { faults: [{ path: /\/(lib)?kmod/, kind: "missing" }] });
    const snapshot = await serve({ ...archive, files: new Map() }, { snapshots });
    const cache = await newCache();
    const fetching = { ...optionsFor(mirror, "", cache), snapshotUrl: snapshot.url, archive: recipeOf().archive };
    await fetchPackages(entry, fetching);
    const [list, ...debs] = snapshot.requests.map((one) => one.path);
    expect(list).toMatch(/^mr\/timestamp\/\?archive=debian&/);
    expect(debs.sort()).toEqual([
      "archive/debian/20260801T020000Z/pool/main/k/kmod/kmod_34-1_amd64.deb",
      "archive/debian/20260801T020000Z/pool/main/libk/libkmod2/libkmod2_34-1_amd64.deb",
    ]);
    expect(snapshot.mostAtOnce()).toBeLessThanOrEqual(2);
  });

  it("serves two builds at once on one cache", async () => {
    const archive = await archiveOf();
    const { server, cache, options } = await open(archive, {
      faults: [{ path: /\.deb$/, kind: "slow", milliseconds: 5 }],
    });
    const recipe = recipeOf();
    const other = openCache({ directory: path.dirname(cache.root) });
    cleanups.push(async () => other.close());
    const build = async (own: Cache) => {
      const lock = await makeLock(recipe, { ...options, cache: own });
      const files = await fetchPackages(only(lock), { ...options, cache: own, archive: recipe.archive });
      return { lock, files };
    };
    const [one, two] = await Promise.all([build(cache), build(other)]);
    expect(one.lock).toEqual(two.lock);
    for (const [sha256, file] of one.files) {
      expect(Buffer.compare(file.read(), two.files.get(sha256)!.read())).toBe(0);
      expect(Buffer.compare(file.read(), await readFile(path.join(cache.root, "blob", sha256)))).toBe(0);
    }
    expect((await blobsOf(cache)).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it("leaves nothing half done when it is stopped", async () => {
    const { cache, options } = await open(await archiveOf(), {
      faults: [{ path: /\.deb$/, kind: "slow", milliseconds: 50 }],
    });
    const recipe = recipeOf();
    const entry = only(await makeLock(recipe, options));
    const controller = new AbortController();
    const stopped = fetchPackages(entry, {
      ...options,
      archive: recipe.archive,
      signal: controller.signal,
      onEvent: () => controller.abort(new Error("Ctrl-C")),
    });
    await expect(stopped).rejects.toThrow("Ctrl-C");
    expect((await blobsOf(cache)).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
  });

  it("offline, says what is missing", async () => {
    const { options } = await open(await archiveOf());
    const recipe = recipeOf();
    const entry = only(await makeLock(recipe, options));
    expect(await codeOf(fetchPackages(entry, { ...options, archive: recipe.archive, offline: true }))).toBe(
      "io/offline-missing",
    );
  });
});
