/**
 * What one run of dpkg keeps in memory: the queue, broken dependency cycles, deferred triggers, who provides what.
 */

import { keyFits, type ProvidedKey, providedKeys } from "../provider.js";
import type { Alternative } from "../relation.js";
import { targetKey } from "../relation.js";
import type { DpkgActions } from "./dpkg-actions.js";
import type { DpkgState, PackageState, PackageStatus } from "./dpkg-state.js";

export interface DpkgRun {
  readonly state: DpkgState;
  readonly actions: DpkgActions;
  readonly runsTriggers: boolean;
  readonly forceDepends: boolean;
  /** First in, first out. */
  readonly queue: PackageState[];
  /** What waits in the queue to be configured; also the package that is being looked at. */
  readonly toBeInstalled: Set<PackageState>;
  /** Alternatives that count as satisfied because they closed a cycle. */
  readonly brokenAlternatives: Set<Alternative>;
  /** Packages whose dependencies lead into no cycle, as long as nothing is added that they could lead to. */
  readonly acyclic: Set<PackageState>;
  /** Packages whose triggers are processed when the queue is empty. */
  readonly deferredTriggers: PackageState[];
  /** Packages that this run unpacked: their relations are read in the order of the control file. */
  readonly unpackedHere: Set<PackageState>;
  readonly providers: Map<string, { readonly entry: PackageState; readonly key: ProvidedKey }[]>;
  /** 1 normal, 2 breaking cycles, 3 processing triggers, 4 trigger cycles, 5 and 6 forcing. */
  attempt: number;
  /** Packages looked at since something last happened. */
  idle: number;
  /** A package whose triggers, once processed, would let others go on. */
  helper: PackageState | undefined;
}

export interface DpkgRunOptions {
  readonly runsTriggers: boolean;
  readonly forceDepends: boolean;
}

/** Starts a run over a state: what dpkg does when it reads its database. */
export function startRun(state: DpkgState, actions: DpkgActions, options: DpkgRunOptions): DpkgRun {
  const run: DpkgRun = {
    state,
    actions,
    ...options,
    queue: [],
    toBeInstalled: new Set(),
    brokenAlternatives: new Set(),
    acyclic: new Set(),
    deferredTriggers: [],
    unpackedHere: new Set(),
    providers: new Map(),
    attempt: 1,
    idle: 0,
    helper: undefined,
  };
  for (const name of [...state.packages.keys()].sort()) {
    const entry = state.packages.get(name) as PackageState;
    // Read back from the status file by prepending: each run sees the list of the one before reversed.
    entry.pending.reverse();
    linkProvides(run, entry);
  }
  return run;
}

/** Makes a package known as a provider: the last one linked is the first one looked at. */
export function linkProvides(run: DpkgRun, entry: PackageState): void {
  run.acyclic.clear();
  for (const key of providedKeys(entry.package.record)) {
    const linked = run.providers.get(key.key);
    if (linked === undefined) run.providers.set(key.key, [{ entry, key }]);
    else linked.unshift({ entry, key });
  }
}

/** The packages that can satisfy an alternative: the real one, then the providers. */
export function satisfiersOf(run: DpkgRun, alternative: Alternative): readonly PackageState[] {
  const found: PackageState[] = [];
  const key = targetKey(alternative);
  const real = run.state.packages.get(key);
  if (real !== undefined && keyFits({ key, version: real.package.record.version }, alternative)) found.push(real);
  for (const provider of run.providers.get(key) ?? [])
    if (keyFits(provider.key, alternative)) found.push(provider.entry);
  return found;
}

/** Puts a package at the end of the queue. */
export function enqueue(run: DpkgRun, entry: PackageState): void {
  run.queue.push(entry);
  if (run.toBeInstalled.has(entry)) return;
  run.toBeInstalled.add(entry);
  run.acyclic.clear();
}

/** Changes a package's status. */
export function setStatus(run: DpkgRun, entry: PackageState, status: PackageStatus): void {
  entry.status = status;
  run.actions.onEvent?.({ kind: "status", name: entry.name, status });
}
