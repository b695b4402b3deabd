/**
 * What a version from elsewhere needs of its own suites becomes a candidate: for `name/suite`, as apt does it, and where apt then
 * refuses, a little more.
 *
 * Rules: docs/resolution.md, from small archives (test/heavy/resolve.test.ts asks apt again).
 */
import type { PackageRecord } from "../package.js";
import type { PinnedVersion } from "../pin.js";
import type { Alternative } from "../relation.js";
import type { DemandedVersion } from "./apply-words.js";
import type { Candidate, Dependency, Selection } from "./selection.js";

/** Switches as apt does. What the words name must be selected: apt looks at what holds with that and what is installed. */
export function switchAsApt(selection: Selection, demanded: readonly DemandedVersion[]): void {
  for (const { chosen, word } of demanded)
    if (word.suite !== undefined) switchFor(selection, chosen, { suites: [word.suite], seen: new Set() });
}

interface Switching {
  readonly suites: readonly string[];
  readonly seen: Set<PackageRecord>;
}

/** @returns false as soon as a dependency is neither fine nor made so; what was switched until then stays switched */
function switchFor(selection: Selection, chosen: PinnedVersion, switching: Switching): boolean {
  const { seen } = switching;
  if (seen.has(chosen.record)) return true;
  seen.add(chosen.record);
  for (const dependency of selection.dependencies(chosen.record)) {
    if (dependency.isNegative || dependency.group.some((alternative) => isFine(selection, alternative))) continue;
    if (!switchOne(selection, dependency, switching) && dependency.isCritical) return false;
  }
  return true;
}

/** Whether the candidates will do. With a version the real package counts only, and that its own dependencies hold already. */
function isFine(selection: Selection, alternative: Alternative): boolean {
  return selection
    .targets(alternative)
    .filter(({ candidate, record }) => candidate.candidate === record)
    .filter(({ candidate }) => alternative.version === undefined || isVeryName(candidate, alternative))
    .some(({ record }) =>
      selection.dependencies(record).every((dependency) => !dependency.isCritical || selection.holds(dependency)),
    );
}

function switchOne(selection: Selection, dependency: Dependency, switching: Switching): boolean {
  const last = dependency.group.at(-1);
  for (const alternative of dependency.group) {
    // Without a version, the candidate is as good as any.
    if (alternative.version === undefined) continue;
    const one = selection.find(alternative.name);
    const found = one.versions.find(({ suites }) => isOfSuites(suites, switching.suites));
    const isFitting = selection.targets(alternative).some(({ record }) => record === found?.record);
    if (found === undefined || !isFitting || one.isInstalled) continue;
    const before = one.candidate;
    one.candidate = found.record;
    if (switchFor(selection, found, switching)) return true;
    if (alternative !== last) one.candidate = before;
  }
  return false;
}

/** Switches whatever has no candidate that fits, also to what only provides the name, for versions as for suites. */
export function switchBeyondApt(selection: Selection, demanded: readonly DemandedVersion[]): void {
  // What a word names stays at its version.
  const seen = new Set(demanded.map(({ word }) => word.name));
  for (const { chosen } of demanded) switchMissing(selection, chosen, { suites: chosen.suites, seen });
}

function switchMissing(
  selection: Selection,
  chosen: PinnedVersion,
  options: { readonly suites: readonly string[]; readonly seen: Set<string> },
): void {
  const { suites, seen } = options;
  for (const dependency of selection.dependencies(chosen.record)) {
    if (dependency.isNegative || selection.feasible(dependency).length > 0) continue;
    for (const alternative of dependency.group) {
      const found = selection
        .targets(alternative)
        .map(({ candidate, record }) => ({ candidate, pinned: pinnedOf(candidate, record) }))
        .find(({ pinned }) => pinned !== undefined && isOfSuites(pinned.suites, suites));
      if (found?.pinned === undefined || seen.has(found.candidate.name) || found.candidate.isInstalled) continue;
      seen.add(found.candidate.name);
      found.candidate.candidate = found.pinned.record;
      switchMissing(selection, found.pinned, { suites: found.pinned.suites, seen });
      break;
    }
  }
}

function pinnedOf(one: Candidate, record: PackageRecord): PinnedVersion | undefined {
  return one.versions.find((version) => version.record === record);
}

function isOfSuites(suites: readonly string[], wanted: readonly string[]): boolean {
  return suites.some((suite) => wanted.includes(suite));
}

function isVeryName(candidate: Candidate, alternative: Alternative): boolean {
  return candidate.name === alternative.name && alternative.qualifier === undefined;
}
