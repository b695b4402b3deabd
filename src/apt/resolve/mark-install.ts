/**
 * Selecting a package with all that it needs, depth first, as apt's dependency cache does.
 *
 * Rules: docs/resolution.md, from apt's debug output (`Debug::pkgDepCache::Marker`, `::AutoInstall`).
 */
import { type Candidate, type Dependency, isLastResort, type Selection, type Target } from "./selection.js";

/** What a resolution works with. */
export interface Marking {
  readonly selection: Selection;
  /** The targets of one alternative, the one to try first in front. */
  order(targets: readonly Target[], name: string): readonly Target[];
  /** Told of each decision. */
  readonly onStep?: ((depth: number, step: string) => void) | undefined;
}

/**
 * Selects a package's candidate, and what it needs. A package that is protected is selected whatever follows; any other is
 * given up, with its candidate, when something it needs can't be had. What was selected for it until then stays selected.
 *
 * @returns whether all went well
 */
export function markInstall(marking: Marking, one: Candidate, depth = 0): boolean {
  const { selection } = marking;
  const record = one.candidate;
  if (record === undefined) return false;
  const dependencies = selection.dependencies(record);
  const isSettled = one.selected === record && dependencies.every((dependency) => selection.holds(dependency));
  if (isSettled && !one.isProtected) return true;

  const givesUp = !one.isProtected;
  let isGood = true;
  if (!isSatisfiable(marking, one, dependencies, depth)) {
    if (givesUp) {
      discard(one);
      return false;
    }
    isGood = false;
  }
  if (!removeOpponents(marking, one, dependencies, depth)) {
    if (givesUp) {
      discard(one);
      return false;
    }
    isGood = false;
  }
  one.selected = record;
  marking.onStep?.(depth, `MarkInstall ${one.name}`);
  if (!selectDependencies(marking, one, dependencies, depth)) {
    if (givesUp) {
      discard(one);
      return false;
    }
    isGood = false;
  }
  return isGood;
}

/** A package is not selected after all, and can't be any more in this resolution. */
function discard(one: Candidate): void {
  one.selected = undefined;
  one.candidate = undefined;
}

/** Whether each critical dependency has a candidate. Where only an `extra` archive helps, its version becomes one. */
function isSatisfiable(marking: Marking, one: Candidate, dependencies: readonly Dependency[], depth: number): boolean {
  const { selection } = marking;
  for (const dependency of dependencies) {
    if (dependency.isNegative || !dependency.isCritical) continue;
    if (selection.holds(dependency) || selection.feasible(dependency).length > 0) continue;
    if (takeLastResort(selection, dependency)) continue;
    marking.onStep?.(depth, `${one.name} ${dependency.type} can't be satisfied`);
    return false;
  }
  return true;
}

function takeLastResort(selection: Selection, dependency: Dependency): boolean {
  for (const alternative of dependency.group) {
    for (const { candidate, record } of selection.targets(alternative)) {
      if (candidate.isProtected || candidate.selected !== undefined || candidate.excludedBy !== undefined) continue;
      if (!isLastResort(candidate, record)) continue;
      candidate.candidate = record;
      return true;
    }
  }
  return false;
}

/**
 * Deals with what a package conflicts with: what is selected is deselected, if it may be; what is not can't be selected any
 * more, if the package is there to stay.
 */
function removeOpponents(
  marking: Marking,
  one: Candidate,
  dependencies: readonly Dependency[],
  depth: number,
): boolean {
  const { selection } = marking;
  for (const dependency of dependencies) {
    if (!dependency.isNegative) continue;
    for (const { candidate, record } of selection.opponents(dependency)) {
      if (candidate.selected === record) {
        if (candidate.isProtected) {
          marking.onStep?.(depth, `${one.name} ${dependency.type} with ${candidate.name}, which is protected`);
          return false;
        }
        candidate.selected = undefined;
        marking.onStep?.(depth, `MarkDelete ${candidate.name}`);
      }
      if (one.isProtected && candidate.selected === undefined && candidate.candidate === record) {
        candidate.candidate = undefined;
        candidate.isProtected = true;
      }
    }
  }
  return true;
}

function selectDependencies(
  marking: Marking,
  one: Candidate,
  dependencies: readonly Dependency[],
  depth: number,
): boolean {
  const { selection } = marking;
  let isGood = true;
  for (const dependency of dependencies) {
    if (dependency.isNegative) continue;
    const isSatisfied = selection.holds(dependency);
    const choices = one.isProtected && dependency.isCritical ? selection.feasible(dependency) : [];
    const [only] = choices;
    // Without a choice, what keeps the package keeps what it needs.
    if (choices.length === 1 && only !== undefined && !only.candidate.isProtected) {
      only.candidate.isProtected = true;
      if (isSatisfied) markInstall(marking, only.candidate, depth + 1);
    }
    if (isSatisfied) continue;
    if (selectOne(marking, one, dependency, depth) || !dependency.isCritical) continue;
    marking.onStep?.(depth, `${one.name} ${dependency.type} can't be satisfied (dep)`);
    if (!one.isProtected) return false;
    isGood = false;
  }
  return isGood;
}

function selectOne(marking: Marking, one: Candidate, dependency: Dependency, depth: number): boolean {
  const { selection } = marking;
  for (const alternative of dependency.group) {
    const targets = selection.targets(alternative).filter(({ candidate, record }) => candidate.candidate === record);
    for (const { candidate } of marking.order(targets, alternative.name)) {
      marking.onStep?.(depth, `Installing ${candidate.name} as ${dependency.type} of ${one.name}`);
      if (markInstall(marking, candidate, depth + 1)) return true;
    }
  }
  return false;
}
