/**
 * The state of a resolution: for each package that was looked at, the versions there are, which one may be chosen, and
 * which one is.
 */
import { type PackageRecord, RELATION_FIELDS, type RelationField } from "../package.js";
import { LAST_RESORT_PIN, type PinnedVersion, rankVersions } from "../pin.js";
import { keyFits, type ProvidedKey, providedKeys } from "../provider.js";
import { type Alternative, type RelationGroup, targetKey } from "../relation.js";
import type { Universe } from "./resolution.js";

/** One package by name; also names that have no version of their own. */
export interface Candidate {
  readonly name: string;
  /** The best first. */
  readonly versions: readonly PinnedVersion[];
  /** The version to install, should it be wanted; undefined where it can't or must not be. */
  candidate: PackageRecord | undefined;
  /** The version that is selected. */
  selected: PackageRecord | undefined;
  /** What was decided about it, selected or not, stays. */
  isProtected: boolean;
  /** Asked for by name, or there before. */
  isManual: boolean;
  /** In place before the resolution started. */
  isInstalled: boolean;
  /** The word that forbids it. */
  excludedBy: string | undefined;
}

/** One relation of a version, as apt walks them. */
export interface Dependency {
  readonly type: RelationField;
  readonly owner: PackageRecord;
  /** Of a negative relation each alternative stands alone. */
  readonly group: RelationGroup;
  /** Conflicts or Breaks. */
  readonly isNegative: boolean;
  /** It must hold: anything but Recommends. */
  readonly isCritical: boolean;
}

/** A version that satisfies an alternative. */
export interface Target {
  readonly candidate: Candidate;
  readonly record: PackageRecord;
}

/** A version that provides a name, and the names that it can be found by. */
interface Provider extends Target {
  readonly keys: readonly ProvidedKey[];
}

export interface SelectionOptions {
  readonly followsRecommends: boolean;
}

/** All packages of one resolution. */
export class Selection {
  readonly universe: Universe;
  readonly followsRecommends: boolean;
  readonly #candidates = new Map<string, Candidate>();
  readonly #dependencies = new Map<PackageRecord, readonly Dependency[]>();
  readonly #targets = new Map<Alternative, readonly Target[]>();
  readonly #providersOf = new Map<string, readonly Provider[]>();

  constructor(universe: Universe, options: SelectionOptions) {
    this.universe = universe;
    this.followsRecommends = options.followsRecommends;
  }

  /** The package of a name: with no versions where there is none. */
  find(name: string): Candidate {
    let found = this.#candidates.get(name);
    if (found === undefined) {
      const versions = rankVersions(this.universe.archives, name);
      found = {
        name,
        versions,
        candidate: versions[0]?.record,
        selected: undefined,
        isProtected: false,
        isManual: false,
        isInstalled: false,
        excludedBy: undefined,
      };
      this.#candidates.set(name, found);
    }
    return found;
  }

  /** All packages that were looked at. */
  all(): Iterable<Candidate> {
    return this.#candidates.values();
  }

  /** The selected ones. */
  *selected(): Iterable<Candidate & { selected: PackageRecord }> {
    for (const one of this.#candidates.values())
      if (one.selected !== undefined) yield one as Candidate & { selected: PackageRecord };
  }

  /** The relations of a version that count, in the order in which apt walks them. */
  dependencies(record: PackageRecord): readonly Dependency[] {
    let found = this.#dependencies.get(record);
    if (found === undefined) {
      found = this.#readDependencies(record);
      this.#dependencies.set(record, found);
    }
    return found;
  }

  /** The versions that satisfy an alternative: the real package's, then the providers', the last of the index first. */
  targets(alternative: Alternative): readonly Target[] {
    let found = this.#targets.get(alternative);
    if (found === undefined) {
      found = this.#findTargets(alternative);
      this.#targets.set(alternative, found);
    }
    return found;
  }

  /** Whether what is selected satisfies a dependency (or, if it is negative, whether nothing violates it). */
  holds(dependency: Dependency): boolean {
    const { group, isNegative, owner } = dependency;
    // Asked for some ten thousand times: without the lists of `violators`.
    for (const alternative of group)
      for (const { candidate, record } of this.targets(alternative))
        if (candidate.selected === record && !(isNegative && candidate.name === owner.name)) return !isNegative;
    return isNegative;
  }

  /** Whether something selected satisfies an alternative. */
  isSatisfied(alternative: Alternative): boolean {
    return this.targets(alternative).some(({ candidate, record }) => candidate.selected === record);
  }

  /** The selected versions that satisfy a group, alternative by alternative. */
  satisfying(group: RelationGroup): readonly PackageRecord[] {
    const found: PackageRecord[] = [];
    for (const alternative of group)
      for (const { candidate, record } of this.targets(alternative))
        if (candidate.selected === record) found.push(record);
    return found;
  }

  /** The selected packages that a negative dependency is about. A package never conflicts with itself. */
  violators(dependency: Dependency): readonly Candidate[] {
    return this.opponents(dependency)
      .filter(({ candidate, record }) => candidate.selected === record)
      .map(({ candidate }) => candidate);
  }

  /** All versions that a negative dependency is about. */
  opponents(dependency: Dependency): readonly Target[] {
    return dependency.group
      .flatMap((alternative) => this.targets(alternative))
      .filter(({ candidate }) => candidate.name !== dependency.owner.name);
  }

  /** The candidates that could satisfy a positive dependency, alternative by alternative. */
  feasible(dependency: Dependency): readonly Target[] {
    const found: Target[] = [];
    for (const alternative of dependency.group)
      for (const target of this.targets(alternative))
        if (target.candidate.candidate === target.record && !found.includes(target)) found.push(target);
    return found;
  }

  /** Whether a selected version has a critical dependency that does not hold. */
  isBroken(one: Candidate): boolean {
    if (one.selected === undefined) return false;
    return this.dependencies(one.selected).some((dependency) => dependency.isCritical && !this.holds(dependency));
  }

  /** How many of the selected packages are broken. */
  brokenCount(): number {
    let count = 0;
    for (const one of this.selected()) if (this.isBroken(one)) count++;
    return count;
  }

  #readDependencies(record: PackageRecord): readonly Dependency[] {
    const found: Dependency[] = [];
    for (const type of RELATION_FIELDS) {
      const isNegative = type === "Conflicts" || type === "Breaks";
      const isCritical = type === "Depends" || type === "Pre-Depends" || isNegative;
      if (!isCritical && !(type === "Recommends" && this.followsRecommends)) continue;
      for (const group of record.relations(type)) found.push({ type, owner: record, group, isNegative, isCritical });
    }
    return found;
  }

  #findTargets(alternative: Alternative): readonly Target[] {
    const found: Target[] = [];
    const { name } = alternative;
    const key = targetKey(alternative, this.universe.architecture);
    const ofAnyArchitecture = key !== name;
    if (ofAnyArchitecture && key !== `${name}:any`) return found;
    const real = this.find(name);
    for (const { record } of real.versions) {
      if (ofAnyArchitecture && record.multiArch !== "allowed") continue;
      if (keyFits({ key, version: record.version }, alternative)) found.push({ candidate: real, record });
    }
    for (const { candidate, record, keys } of this.#providers(name)) {
      const fits = keys.some((provided) => provided.key === key && keyFits(provided, alternative));
      if (fits && !found.some((target) => target.record === record)) found.push({ candidate, record });
    }
    return found;
  }

  /** The versions that provide a name, the last of the index first; a relation of each version of the name asks for them. */
  #providers(name: string): readonly Provider[] {
    let found = this.#providersOf.get(name);
    if (found === undefined) {
      found = this.#findProviders(name);
      this.#providersOf.set(name, found);
    }
    return found;
  }

  #findProviders(name: string): readonly Provider[] {
    const found: Provider[] = [];
    const { archives } = this.universe;
    for (let place = archives.length - 1; place >= 0; place--) {
      const providers = archives[place]?.index.providers(name) ?? [];
      for (let i = providers.length - 1; i >= 0; i--) {
        const record = providers[i] as PackageRecord;
        const candidate = this.find(record.name);
        // A version that an earlier archive has too is that archive's.
        if (candidate.versions.some((version) => version.record === record))
          found.push({ candidate, record, keys: providedKeys(record) });
      }
    }
    return found;
  }
}

/** Whether a version is one that an `extra` archive offers as a last resort only. */
export function isLastResort(one: Candidate, record: PackageRecord): boolean {
  return one.versions.some((version) => version.record === record && version.pin === LAST_RESORT_PIN);
}
