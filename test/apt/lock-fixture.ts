/**
 * What the tests of locks share: a small archive with a security suite, served for a host that knows no other mirror.
 */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect } from "vitest";
import type { MakeLockOptions } from "#dist/apt/make-lock.js";
import { defineImage } from "#dist/config/load-recipe.js";
import type { Lock, LockEntry } from "#dist/config/lock.js";
import type { Recipe } from "#dist/config/recipe.js";
import type { AssembleError } from "#dist/errors/assemble-error.js";
import { type Cache, openCache } from "#dist/io/cache.js";
import { buildArchive, type FixtureArchive, type FixtureSuite } from "../fixtures/archive/build-archive.js";
import type { FixturePackage } from "../fixtures/archive/build-deb.js";
import { type FixtureServer, type ServeOptions, serveArchive } from "../fixtures/archive/serve-archive.js";

export const kernelVersion = "6.12.107+deb13-cloud-amd64";
export const packages: readonly FixturePackage[] = [
  { name: "base-files", essential: true, priority: "required", preDepends: "awk" },
  { name: "mawk", provides: "awk", priority: "required", indexPriority: "important" },
  { name: "libc6", multiArch: "same", architecture: "amd64", priority: "optional" },
  { name: "bash", essential: true, priority: "required", depends: "libc6 (>= 1.0)", architecture: "amd64" },
  { name: "kmod", depends: "libkmod2 (= 34-1)", version: "34-1", architecture: "amd64", recommends: "unwanted" },
  { name: "libkmod2", version: "34-1", architecture: "amd64" },
  { name: "unwanted" },
  { name: "git" },
  {
    name: "linux-image-cloud-amd64",
    version: "6.12.107-1",
    architecture: "amd64",
    depends: `linux-image-${kernelVersion} (= 6.12.107-1)`,
  },
  { name: `linux-image-${kernelVersion}`, version: "6.12.107-1", architecture: "amd64", depends: "initramfs-tools" },
  { name: "systemd-boot-efi", version: "257.9-1", architecture: "amd64", depends: "libnothing" },
];
export const security: readonly FixturePackage[] = [
  { name: "libc6", version: "1.0+deb13u1", architecture: "amd64", multiArch: "same" },
];

export const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function archiveOf(
  more: Partial<FixtureSuite> = {},
  others: readonly FixtureSuite[] = [],
): Promise<FixtureArchive> {
  return buildArchive({
    suites: [
      { packages, ...more },
      { name: "trixie-security", archive: "debian-security", packages: security },
      ...others,
    ],
  });
}

export async function serve(archive: FixtureArchive, options?: ServeOptions): Promise<FixtureServer> {
  const server = await serveArchive(archive, options);
  cleanups.push(() => server.close());
  return server;
}

export async function newCache(): Promise<Cache> {
  const directory = await mkdtemp(path.join(tmpdir(), "make-lock-"));
  const cache = openCache({ directory });
  cleanups.push(async () => {
    cache.close();
    await rm(directory, { recursive: true });
  });
  return cache;
}

export async function blobsOf(cache: Cache): Promise<readonly string[]> {
  return (await readdir(path.join(cache.root, "blob")).catch(() => [])).sort();
}

export type Input = Parameters<typeof defineImage>[0];

export function recipeOf(input: Partial<Input> = {}): Recipe {
  return defineImage(inputOf(input));
}

/** Options of a host that knows no mirror but this one. */
export function optionsFor(server: FixtureServer, certificate: string, cache: Cache): MakeLockOptions {
  return {
    cache,
    mirror: `${server.url}/debian`,
    archiveKeys: certificate,
    host: { environment: {}, aptDirectory: "/nonexistent" },
    snapshotUrl: server.url,
    now: Date.parse("2026-08-02T00:00:00Z"),
    retryDelayMs: 1,
  };
}

export async function open(archive: FixtureArchive, options: ServeOptions = {}) {
  const server = await serve(archive, options);
  const cache = await newCache();
  return { server, cache, options: optionsFor(server, archive.certificate, cache) };
}

export function only(lock: Lock): LockEntry {
  expect(lock.entries).toHaveLength(1);
  return lock.entries[0]!;
}

export function versions(entry: LockEntry): Record<string, string> {
  return Object.fromEntries(entry.packages.map((use) => [use.package.name, use.package.version]));
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => expect.fail("it succeeded"),
    (error: AssembleError) => error.code,
  );
}

export function inputOf(input: Partial<Input>): Input {
  return {
    image: "test",
    packages: ["kmod"],
    kernel: { package: "linux-image-cloud-amd64" },
    ...input,
    archive: { updates: false, ...input.archive },
  } as Input;
}
