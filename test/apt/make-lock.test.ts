import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { lockChanges } from "#dist/apt/lock-changes.js";
import { type MakeLockOptions, makeLock } from "#dist/apt/make-lock.js";
import { defineImage } from "#dist/config/load-recipe.js";
import { lockDigest } from "#dist/config/lock-digest.js";
import { currentEntry } from "#dist/config/lock-entry.js";
import { formatLock, parseLock } from "#dist/config/lock-file.js";
import type { FixtureSuite } from "../fixtures/archive/build-archive.js";
import type { FixturePackage } from "../fixtures/archive/build-deb.js";
import { strangerKey } from "../fixtures/archive/signing-keys.js";
import {
  archiveOf,
  blobsOf,
  cleanups,
  codeOf,
  inputOf,
  kernelVersion,
  only,
  open,
  packages,
  recipeOf,
  security,
  versions,
} from "./lock-fixture.js";

describe("makeLock", () => {
  it("notes suites, packages with stage and reason, kernel, stub and ids", async () => {
    const { server, options } = await open(await archiveOf());
    const recipe = recipeOf({ users: [{ name: "reth" }], buildPackages: ["git"] });
    const lock = await makeLock(recipe, options);
    const entry = only(lock);
    expect(entry.suites.map(({ sha256, ...suite }) => ({ ...suite, sha256: sha256.length }))).toEqual([
      {
        id: "debian trixie",
        archive: "debian",
        suite: "trixie",
        codename: "trixie",
        components: ["main"],
        date: "2026-08-01T00:00:00Z",
        sha256: 64,
      },
      {
        id: "security trixie-security",
        archive: "security",
        suite: "trixie-security",
        codename: "trixie-security",
        components: ["main"],
        date: "2026-08-01T00:00:00Z",
        sha256: 64,
      },
    ]);
    expect(
      entry.packages.map(({ package: row, stage, why }) => [row.name, row.version, row.archive, stage, why]),
    ).toEqual([
      ["base-files", "1.0", "debian trixie", 1, "base"],
      ["bash", "1.0", "debian trixie", 1, "base"],
      ["kmod", "34-1", "debian trixie", 2, "recipe"],
      ["libc6", "1.0+deb13u1", "security trixie-security", 1, "bash Depends libc6 (>= 1.0)"],
      ["libkmod2", "34-1", "debian trixie", 2, "kmod Depends libkmod2 (= 34-1)"],
      ["mawk", "1.0", "debian trixie", 1, "base-files Pre-Depends awk"],
    ]);
    expect(entry.packages.find((use) => use.package.name === "mawk")?.package.priority).toBe("important");
    expect(entry.kernel.map((row) => row.name)).toEqual([`linux-image-${kernelVersion}`]);
    expect(entry.stub?.name).toBe("systemd-boot-efi");
    expect(entry.buildPackages.map((use) => [use.package.name, use.why])).toEqual([["git", "recipe"]]);
    expect(entry.ids.users).toEqual({ reth: 400 });
    expect(currentEntry(lock, recipe)).toBe(entry);
    expect(parseLock(formatLock(lock), "image.lock")).toEqual(lock);
    // Indexes and Releases only: no package is fetched to make a lock.
    expect(server.requests.some((one) => one.path.endsWith(".deb"))).toBe(false);
  });

  it("returns a current lock as it is, and refreshes a stale one without moving what can stay", async () => {
    const old = await archiveOf();
    const { server, options } = await open(old);
    const recipe = recipeOf();
    const previous = await makeLock(recipe, options);
    server.requests.length = 0;
    expect(await makeLock(recipe, { ...options, previous })).toBe(previous);
    expect(server.requests).toHaveLength(0);

    // The archive moves on: both versions of bash are there, kmod's old one is gone, the kernel has a successor.
    const newer: readonly FixturePackage[] = [
      ...packages.filter(({ name }) => !/kmod/.test(name)),
      { name: "bash", version: "2.0", essential: true, priority: "required", depends: "libc6", architecture: "amd64" },
      { name: "kmod", version: "35-1", architecture: "amd64", depends: "libkmod2" },
      { name: "libkmod2", version: "35-1", architecture: "amd64" },
      {
        name: "linux-image-cloud-amd64",
        version: "6.12.111-1",
        architecture: "amd64",
        depends: "linux-image-6.12.111-cloud-amd64",
      },
      { name: "linux-image-6.12.111-cloud-amd64", version: "6.12.111-1", architecture: "amd64" },
    ];
    const next = await archiveOf({ packages: newer, date: "2026-08-01T12:00:00Z" });
    const moved = await open(next);
    const stale = recipeOf({ packages: ["kmod", "git"] });
    const changes = async (more: Partial<MakeLockOptions>) => {
      const lock = await makeLock(stale, { ...moved.options, previous, ...more });
      return lockChanges(only(previous), only(lock)).map(({ name, from, to }) => `${name} ${from} ${to}`);
    };
    const kmod = ["git undefined 1.0", "kmod 34-1 35-1", "libkmod2 34-1 35-1"];
    expect(await changes({})).toEqual(kmod);
    expect(await changes({ update: ["bash"] })).toEqual(["bash 1.0 2.0", ...kmod]);
    const kernel = [
      `linux-image-6.12.107+deb13-cloud-amd64 6.12.107-1 undefined`,
      "linux-image-6.12.111-cloud-amd64 undefined 6.12.111-1",
    ];
    expect(await changes({ update: ["linux-image-cloud-amd64"] })).toEqual([...kmod, ...kernel]);
    expect(await changes({ update: true })).toEqual(["bash 1.0 2.0", ...kmod, ...kernel]);
  });

  it("moves forward where what the lock has no longer goes together with the recipe", async () => {
    const { options } = await open(await archiveOf());
    const previous = await makeLock(recipeOf(), options);
    const newer: readonly FixturePackage[] = [
      ...packages,
      { name: "libkmod2", version: "35-1", architecture: "amd64" },
      { name: "kmod", version: "35-1", architecture: "amd64", depends: "libkmod2 (= 35-1)" },
      { name: "needy", depends: "kmod (>= 35)" },
    ];
    const moved = await open(await archiveOf({ packages: newer }));
    const lock = await makeLock(recipeOf({ packages: ["needy"] }), { ...moved.options, previous });
    expect(versions(only(lock))).toMatchObject({ kmod: "35-1", libkmod2: "35-1", needy: "1.0" });
  });

  it("keeps what only the order of the index decided, when an index has another order", async () => {
    const tied: readonly FixturePackage[] = [
      { name: "editor-a", provides: "editor" },
      { name: "editor-b", provides: "editor" },
    ];
    const needy: FixturePackage = { name: "writer", depends: "editor" };
    const lockOf = async (order: readonly FixturePackage[], more: Partial<MakeLockOptions> = {}) => {
      const { options } = await open(await archiveOf({ packages: [...packages, ...order, needy] }));
      const recipe = recipeOf({ packages: more.previous === undefined ? ["writer"] : ["writer", "git"] });
      return makeLock(recipe, { ...options, ...more });
    };
    const previous = await lockOf(tied);
    expect(Object.keys(versions(only(previous)))).toContain("editor-b");
    const turned = [...tied].reverse();
    expect(Object.keys(versions(only(await lockOf(turned))))).toContain("editor-a");
    const kept = only(await lockOf(turned, { previous }));
    expect(kept.packages.filter((use) => /^editor/.test(use.package.name))).toMatchObject([
      { package: { name: "editor-b" }, why: "writer Depends editor" },
    ]);
  });

  it("refuses to update what the lock does not have", async () => {
    const { options } = await open(await archiveOf());
    const previous = await makeLock(recipeOf(), options);
    const error = await makeLock(recipeOf(), { ...options, previous, update: ["kmdo"] }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "lock/unknown-package", hint: "is kmod meant?" });
    expect(await makeLock(recipeOf(), { ...options, previous, update: ["kmod", "linux-image-cloud-amd64"] })).toEqual(
      previous,
    );
  });

  it("keeps entries of other profiles, and ids", async () => {
    const { options } = await open(await archiveOf());
    const users = [{ name: "a" }, { name: "b" }];
    const first = await makeLock(recipeOf({ users }), options);
    const profiles = { tools: { packages: ["git"] } };
    const tools = defineImage({ ...inputOf({ users: [{ name: "b" }] }), profiles }, { profiles: ["tools"] });
    const second = await makeLock(tools, { ...options, previous: first });
    expect(second.entries.map((entry) => entry.profiles)).toEqual([["tools"], []]);
    const third = await makeLock(recipeOf({ users: [{ name: "b" }] }), { ...options, previous: second, update: true });
    expect(third.entries[1]?.ids.users).toEqual({ b: 401 });
    expect(third.entries[0]).toEqual(second.entries[0]);
  });

  it("takes from an extra archive, signed by its own key, what its globs say", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "make-lock-key-"));
    cleanups.push(() => rm(directory, { recursive: true }));
    const others: FixtureSuite[] = [
      {
        name: "stable",
        archive: "other",
        key: strangerKey,
        packages: [{ name: "foo", depends: "libfoo" }, { name: "libfoo" }, { name: "kmod", version: "99" }],
      },
    ];
    const { server, options } = await open(await archiveOf({}, others));
    const openpgp = await import("openpgp");
    const key = (await openpgp.readKey({ armoredKey: strangerKey })).toPublic();
    await writeFile(path.join(directory, "other.asc"), key.armor());
    const extra = {
      uri: `${server.url}/other`,
      suite: "stable",
      components: ["main"],
      signedBy: "other.asc",
      packages: ["foo"],
    };
    const input = inputOf({ packages: ["foo", "kmod"], archive: { extra: [extra] } });
    const entry = only(await makeLock(defineImage(input, { directory }), options));
    expect(versions(entry)).toMatchObject({ foo: "1.0", libfoo: "1.0", kmod: "34-1" });
    expect(entry.packages.find((use) => use.package.name === "foo")?.package.archive).toBe(
      `${server.url}/other stable`,
    );

    await writeFile(path.join(directory, "other.asc"), options.archiveKeys!);
    expect(await codeOf(makeLock(defineImage(input, { directory }), options))).toBe("apt/key-unknown");
    await rm(path.join(directory, "other.asc"));
    expect(await codeOf(makeLock(defineImage(input, { directory }), options))).toBe("apt/key-missing");
  });

  it("takes the main archive with the key that the recipe names, and asks nobody else", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "make-lock-key-"));
    cleanups.push(() => rm(directory, { recursive: true }));
    const others = [{ name: "trixie-security", archive: "debian-security", packages: security, key: strangerKey }];
    const { server, options } = await open(await archiveOf({ key: strangerKey }, others));
    const { archiveKeys, ...untold } = options;
    const openpgp = await import("openpgp");
    const key = (await openpgp.readKey({ armoredKey: strangerKey })).toPublic();
    await writeFile(path.join(directory, "own.asc"), key.armor());
    await writeFile(path.join(directory, "other.asc"), archiveKeys!);
    const signed = (name: string) => defineImage(inputOf({ archive: { signedBy: name } }), { directory });
    expect(versions(only(await makeLock(signed("own.asc"), untold)))).toMatchObject({ kmod: "34-1" });
    expect(await codeOf(makeLock(signed("other.asc"), untold))).toBe("apt/key-unknown");
    expect(await codeOf(makeLock(signed("none.asc"), untold))).toBe("apt/key-missing");
    // The key is a part of what the lock depends on; its directory is not.
    expect(lockDigest(signed("own.asc"))).not.toBe(lockDigest(signed("other.asc")));
    expect(server.requests.some(({ path: asked }) => asked.includes("timestamp"))).toBe(false);
  });

  it("refuses an older Release than the lock's, unless the recipe asks for that snapshot", async () => {
    const archive = await archiveOf();
    const { options } = await open(archive);
    const previous = await makeLock(recipeOf(), options);
    const older = await archiveOf({ date: "2026-07-31T00:00:00Z" });
    const snapshots = ["debian", "debian-security"].map((name) => ({
      archive: name,
      timestamp: "20260731T060000Z",
      files: older.files,
    }));
    const moved = await open(older, { snapshots });
    const again = { ...moved.options, previous, update: true } as const;
    expect(await codeOf(makeLock(recipeOf(), again))).toBe("apt/release-downgrade");
    const pinned = recipeOf({ archive: { snapshot: "20260731T060000Z" } });
    const lock = await makeLock(pinned, again);
    expect(only(lock).suites[0]?.date).toBe("2026-07-31T00:00:00Z");
    // A later snapshot that serves the old Release is a downgrade again.
    const later = recipeOf({ archive: { snapshot: "20260802T000000Z" } });
    expect(await codeOf(makeLock(later, again))).toBe("apt/release-downgrade");
  });

  it("makes the lock anew offline, from the Releases that it trusted", async () => {
    const { server, options } = await open(await archiveOf());
    const previous = await makeLock(recipeOf(), options);
    server.requests.length = 0;
    const offline = { ...options, offline: true };
    const lock = await makeLock(recipeOf({ packages: ["kmod", "git"] }), { ...offline, previous });
    expect(versions(only(lock))).toHaveProperty("git");
    expect(await codeOf(makeLock(recipeOf(), offline))).toBe("io/offline-missing");
    expect(server.requests).toHaveLength(0);
  });

  it("fetches an index again that was damaged in the cache", async () => {
    const { server, cache, options } = await open(await archiveOf());
    await makeLock(recipeOf(), options);
    for (const name of await blobsOf(cache)) await writeFile(path.join(cache.root, "blob", name), "damaged");
    cache.files.close();
    server.requests.length = 0;
    const entry = only(await makeLock(recipeOf(), options));
    expect(versions(entry)).toMatchObject({ kmod: "34-1" });
    expect(server.requests.filter((one) => one.path.includes("by-hash"))).toHaveLength(2);
  });

  it("says what it cannot find", async () => {
    const { options } = await open(await archiveOf());
    expect(await codeOf(makeLock(recipeOf({ packages: ["kmodd"] }), options))).toBe("apt/unknown-package");
    expect(await codeOf(makeLock(recipeOf({ stub: "no-such-stub" }), options))).toBe("apt/unknown-package");
    const kernel = { package: "linux-image-cloud-amd64=7.*" };
    expect(await codeOf(makeLock(recipeOf({ kernel }), options))).toBe("apt/version-not-found");
  });
});
