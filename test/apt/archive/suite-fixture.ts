/**
 * What the tests of suites share: one suite, fetched by a host that knows no mirror and no snapshot but those given.
 */

import { afterEach, expect } from "vitest";
import { fetchIndexes } from "#dist/apt/archive/fetch-index.js";
import { fetchRelease, type TrustedRelease } from "#dist/apt/archive/fetch-release.js";
import { type ArchiveOptions, withArchives } from "#dist/apt/archive/session.js";
import { suitesOf } from "#dist/apt/archive/suites.js";
import type { PackagesIndex } from "#dist/apt/packages-index.js";
import type { LockedSuite } from "#dist/config/lock.js";
import type { RecipeArchive } from "#dist/config/recipe.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import type { Cache } from "#dist/io/cache.js";
import { buildArchive, type FixtureArchive, type FixtureSuite } from "../../fixtures/archive/build-archive.js";
import { type MemoryStore, memoryStore } from "../../fixtures/archive/memory-store.js";
import { type FixtureServer, type ServeOptions, serveArchive } from "../../fixtures/archive/serve-archive.js";

export const now = Date.parse("2026-08-02T00:00:00Z");
export const release = "debian/dists/trixie/InRelease";

const servers: FixtureServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

export async function archiveOf(suite: Partial<FixtureSuite> = {}): Promise<FixtureArchive> {
  return buildArchive({ suites: [{ packages: [{ name: "hello" }], ...suite }] });
}

export async function serve(archive: { readonly files: ReadonlyMap<string, Uint8Array> }, options?: ServeOptions) {
  const server = await serveArchive(archive, options);
  servers.push(server);
  return server;
}

export interface Outcome {
  readonly trusted: TrustedRelease;
  readonly indexes: readonly PackagesIndex[];
}

export interface FetchOptions extends Partial<ArchiveOptions> {
  readonly archive?: Partial<RecipeArchive>;
  readonly certificate: string;
  readonly cache?: MemoryStore;
  readonly steps?: Cache;
  readonly locked?: LockedSuite;
}

/** Fetches the main suite, of a host that knows no mirror and no snapshot but those given. */
export async function fetchSuite(options: FetchOptions): Promise<Outcome> {
  const { certificate, cache = memoryStore(), steps, locked, ...rest } = options;
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
      return { trusted, indexes: await fetchIndexes(trusted, { ...session, cache, steps, architecture: "amd64" }) };
    },
  });
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => expect.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AssembleError)) throw error;
  return error.code;
}

export function lockedAt(date: string, sha256 = "0".repeat(64)): LockedSuite {
  const names = { id: "debian trixie", archive: "debian", suite: "trixie", codename: "trixie" };
  return { ...names, components: ["main"], date, sha256 };
}
