/**
 * From a recipe to its lock: fetch and verify every suite, read the indexes, resolve, and note what was chosen and why.
 */

import type { Lock, LockEntry, LockedPackage, LockedSource, LockedSuite, LockedUse } from "../config/lock.js";
import { lockDigest } from "../config/lock-digest.js";
import { findEntry, lockState, withEntry } from "../config/lock-entry.js";
import { formatLock, parseLock } from "../config/lock-file.js";
import { assignIds } from "../config/lock-ids.js";
import { nearest } from "../config/nearest.js";
import type { Recipe } from "../config/recipe.js";
import type { RecipeSource } from "../config/recipe-parts.js";
import { rootPackageNames } from "../config/root-packages.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { Cache } from "../io/cache.js";
import { fetchIndexes } from "./archive/fetch-index.js";
import { fetchRelease, type TrustedRelease } from "./archive/fetch-release.js";
import { type ArchiveOptions, type ArchiveSession, withArchives } from "./archive/session.js";
import { type SuiteRequest, suitesOf } from "./archive/suites.js";
import type { TrustOptions } from "./archive/trust.js";
import { type KeptVersions, keepVersions } from "./keep-versions.js";
import { followKernel, lockedPackage, versionsOfWord } from "./lock-packages.js";
import type { UniverseArchive } from "./pin.js";
import { formatTime } from "./release.js";
import type { Reason, ResolvedPackage } from "./resolve/resolution.js";
import { resolve } from "./resolve/resolve.js";

/** How a lock is made. */
export interface MakeLockOptions extends ArchiveOptions, TrustOptions {
  /** Where what was found out about the indexes is kept. Default: nowhere. */
  readonly steps?: Cache | undefined;
  /** The lock there is. A current one is returned as it is, unless `update` says otherwise. */
  readonly previous?: Lock | undefined;
  /** Move forward: everything, or the packages of these names. Else locked versions that are still to be had stay. */
  readonly update?: true | readonly string[] | undefined;
}

/**
 * Makes or refreshes the lock of a recipe: the entry for its profiles; others stay.
 *
 * @throws AssembleError of the archives (`apt/…`, `io/…`), the resolution (`apt/…`) and the ids (`recipe/id-collision`)
 */
export async function makeLock(recipe: Recipe, options: MakeLockOptions): Promise<Lock> {
  const { previous, update } = options;
  if (previous !== undefined && update === undefined && lockState(previous, recipe) === "current") return previous;
  const before = previous === undefined ? undefined : findEntry(previous, recipe);
  if (before !== undefined && Array.isArray(update)) checkNames(recipe, { before, names: update });
  const entry = await withArchives(recipe.archive, {
    ...options,
    action: async (session) => {
      const { suites, archives } = await fetchSuites(recipe, { ...options, session, before });
      return { suites, ...chooseAll(recipe, { archives, before, update }) };
    },
  });
  const lock = withEntry(previous, {
    profiles: recipe.profiles,
    digest: lockDigest(recipe),
    ...entry,
    sources: recipe.sources.flatMap(lockSource),
    ids: assignIds(recipe, before?.ids),
  });
  // As it will be read again, so that nothing can depend on whether a lock is new.
  return parseLock(formatLock(lock), "the new lock");
}

/** A name that nothing goes by would be an update of nothing, in silence. */
function checkNames(recipe: Recipe, options: { readonly before: LockEntry; readonly names: readonly string[] }): void {
  const { before, names } = options;
  const { source } = recipe.kernel;
  const known = new Set([
    ...[...before.packages, ...before.buildPackages].map((use) => use.package.name),
    ...[...before.kernel, ...(before.stub === undefined ? [] : [before.stub]), ...(before.initramfs ?? [])].map(
      ({ name }) => name,
    ),
    ...recipe.packages.map(({ name }) => name),
    ...(source.kind === "package" ? [source.package.name] : []),
  ]);
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, [...known].sort());
  throw new AssembleError("lock/unknown-package", `Cannot update ${unknown}: the lock has no package of that name`, {
    hint: near === undefined ? "the recipe comes before --update and its names" : `is ${near} meant?`,
  });
}

interface SuitesOptions extends MakeLockOptions {
  readonly session: ArchiveSession;
  readonly before: LockEntry | undefined;
}

interface Suites {
  readonly suites: readonly LockedSuite[];
  readonly archives: readonly UniverseArchive[];
}

async function fetchSuites(recipe: Recipe, options: SuitesOptions): Promise<Suites> {
  const { session, cache, steps, offline = false } = options;
  const { snapshot } = recipe.archive;
  const fetchOne = async (request: SuiteRequest): Promise<{ trusted: TrustedRelease; archives: UniverseArchive[] }> => {
    const locked = options.before?.suites.find((suite) => suite.id === request.id);
    const isDebian = request.signedBy === undefined;
    const trusted = await fetchRelease(request, {
      ...session,
      cache,
      offline,
      archiveKeys: options.archiveKeys,
      locked,
      // A snapshot never expires; one from before the lock's Release is what the recipe asks for.
      now: snapshot !== undefined && isDebian ? undefined : session.now,
      refuseOlder: snapshot === undefined || !isDebian || locked === undefined || locked.date <= isoOf(snapshot),
    });
    const indexes = await fetchIndexes(trusted, { ...session, cache, steps, architecture: recipe.architecture });
    const { suite, codename } = trusted.release;
    const names = [request.suite, suite, codename].filter((name) => name !== undefined);
    return {
      trusted,
      archives: indexes.map((index) => ({ index, suites: [...new Set(names)], packages: request.packages })),
    };
  };
  const fetched = await settleAll(suitesOf(recipe.archive).map(fetchOne));
  return {
    suites: fetched.map(({ trusted }) => lockSuite(trusted)),
    archives: fetched.flatMap(({ archives }) => archives),
  };
}

interface ChooseOptions {
  readonly archives: readonly UniverseArchive[];
  readonly before: LockEntry | undefined;
  readonly update: true | readonly string[] | undefined;
}

type Choice = Pick<LockEntry, "packages" | "kernel" | "stub" | "initramfs" | "buildPackages">;

/** Keeps what the lock has; if the recipe cannot be resolved so, everything may move. */
function chooseAll(recipe: Recipe, options: ChooseOptions): Choice {
  const { archives, before, update } = options;
  if (before !== undefined && update !== true) {
    const names = new Set(update);
    const kept: KeptVersions = new Map(
      [...before.packages, ...before.buildPackages]
        .map((use) => use.package)
        .concat(before.stub ?? [], before.initramfs ?? [])
        .filter(({ name }) => !names.has(name))
        .map(({ name, version }) => [name, version]),
    );
    try {
      return choose(recipe, {
        archives: keepVersions(archives, kept),
        kernel: keptKernel(recipe, { before, names }),
        preferred: new Set(kept.keys()),
      });
    } catch (error) {
      if (!(error instanceof AssembleError)) throw error;
    }
  }
  return choose(recipe, { archives, kernel: [] });
}

interface ChoiceOptions {
  readonly archives: readonly UniverseArchive[];
  readonly kernel: readonly LockedPackage[];
  /** What the lock has, where it is to stay. */
  readonly preferred?: ReadonlySet<string> | undefined;
}

function choose(recipe: Recipe, options: ChoiceOptions): Choice {
  const { archives, preferred } = options;
  const universe = { archives, architecture: recipe.architecture };
  const texts = (requests: Recipe["packages"]): string[] => requests.map((request) => request.text);
  const { packages } = resolve(universe, {
    base: recipe.base,
    packages: texts(recipe.packages),
    recommends: recipe.installRecommends,
    preferred,
  });
  const build =
    recipe.buildPackages.length === 0
      ? []
      : resolve(universe, {
          base: "none",
          packages: texts(recipe.buildPackages),
          installed: packages.map(({ record }) => record),
          preferred,
        }).packages;
  const apart = rootPackageNames(recipe);
  const initramfs = apart.length === 0 ? [] : resolve(universe, { base: "none", packages: apart, preferred }).packages;
  const { stub } = recipe;
  const stubRecord = "package" in stub ? versionsOfWord(archives, stub.package.text)[0] : undefined;
  return {
    packages: packages.map(lockUse),
    kernel: chooseKernel(recipe, options),
    stub: stubRecord === undefined ? undefined : lockedPackage(stubRecord),
    initramfs: initramfs.length === 0 ? undefined : initramfs.map(({ record }) => lockedPackage(record)),
    buildPackages: build.map(lockUse),
  };
}

/** The kernel of the lock, where it may stay: its versions are tried first. */
function keptKernel(
  recipe: Recipe,
  options: { readonly before: LockEntry; readonly names: ReadonlySet<string> },
): readonly LockedPackage[] {
  const { source } = recipe.kernel;
  const { kernel } = options.before;
  const isNamed = kernel.some(({ name }) => options.names.has(name));
  return source.kind !== "package" || isNamed || options.names.has(source.package.name) ? [] : kernel;
}

function chooseKernel(recipe: Recipe, options: ChoiceOptions): readonly LockedPackage[] {
  const { source } = recipe.kernel;
  if (source.kind !== "package") return [];
  const { archives } = options;
  const versions = versionsOfWord(archives, source.package.text);
  const sums = options.kernel.map(({ sha256 }) => sha256).join();
  for (const version of options.kernel.length === 0 ? [] : versions) {
    const rows = followKernel(archives, version).map(lockedPackage);
    if (rows.map(({ sha256 }) => sha256).join() === sums) return rows;
  }
  return followKernel(archives, versions[0]!).map(lockedPackage);
}

function lockUse({ record, stage, why }: ResolvedPackage): LockedUse {
  return { package: lockedPackage(record), stage, why: formatReason(why) };
}

function formatReason(reason: Reason): string {
  switch (reason.kind) {
    case "essential":
    case "installed":
    case "priority":
      return "base";
    case "requested":
      return "recipe";
    case "pre-depends":
      return `${reason.by} Pre-Depends ${reason.relation}`;
    case "depends":
      return `${reason.by} Depends ${reason.relation}`;
    case "recommends":
      return `${reason.by} Recommends ${reason.relation}`;
    case "suggests":
      return `${reason.by} Suggests ${reason.relation}`;
  }
}

function lockSuite({ request, release, sha256 }: TrustedRelease): LockedSuite {
  const { id, archive, suite, components } = request;
  return {
    id,
    archive,
    suite,
    codename: release.codename ?? suite,
    components,
    date: formatTime(release.date),
    sha256,
  };
}

function lockSource({ name, origin }: RecipeSource): readonly LockedSource[] {
  switch (origin?.kind) {
    case undefined:
    case "path":
      return [];
    case "tarball":
      return [{ name, pin: `sha256:${origin.sha256}` }];
    case "git":
      if (origin.commit !== undefined) return [{ name, pin: `git:${origin.commit}` }];
      throw new AssembleError(
        "recipe/not-supported-yet",
        `Cannot pin the source ${name}: it names no commit, and looking one up is not built yet`,
        { hint: "state the commit" },
      );
  }
}

/** `20260815T000000Z` as ISO 8601, which sorts like the lock's dates. */
function isoOf(snapshot: string): string {
  return snapshot.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
}

/** Like Promise.all, but the rest has ended, and touches no cache any more, before the first failure is thrown. */
async function settleAll<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  return Promise.allSettled(promises).then(() => Promise.all(promises));
}
