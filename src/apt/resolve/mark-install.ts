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
  /** Whether a version that an `extra` archive only has as a last resort is taken where nothing else satisfies a dependency. */
  readonly takesLastResorts: boolean;
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
  const maySettle = one.selected === record && !one.isProtected;
  if (maySettle && dependencies.every((dependency) => selection.holds(dependency))) return true;

  const isToStay = one.isProtected;
  // Nothing that is selected for its sake may push it out again.
  one.isProtected = true;
  const isGood = selectWith(marking, one, dependencies, { depth, isToStay });
  one.isProtected = isToStay;
  return isGood;
}

interface SelectOptions {
  readonly depth: number;
  /** Whether the package was protected before: it is selected whatever fails. */
  readonly isToStay: boolean;
}

function selectWith(
  marking: Marking,
  one: Candidate,
  dependencies: readonly Dependency[],
  options: SelectOptions,
): boolean {
  const { depth, isToStay } = options;
  const isSatisfiable = canBeSatisfied(marking, one, dependencies, depth);
  if (!isSatisfiable && !isToStay) {
    discard(one);
    return false;
  }
  const isFree = removeOpponents(marking, one, dependencies, options);
  // It can be tried again: what it conflicts with may be gone then.
  if (!isFree && !isToStay) return false;
  one.selected = one.candidate;
  marking.onStep?.(depth, `MarkInstall ${one.name}`);
  if (selectDependencies(marking, one, dependencies, options)) return isSatisfiable && isFree;
  if (!isToStay) discard(one);
  return false;
}

/** A package can't be had any more in this resolution. */
function discard(one: Candidate): void {
  one.selected = undefined;
  one.candidate = undefined;
}

/** Whether each critical dependency has a candidate. Where only an `extra` archive helps, its version becomes one. */
function canBeSatisfied(marking: Marking, one: Candidate, dependencies: readonly Dependency[], depth: number): boolean {
  const { selection } = marking;
  for (const dependency of dependencies) {
    if (dependency.isNegative || !dependency.isCritical) continue;
    if (selection.holds(dependency) || selection.feasible(dependency).length > 0) continue;
    if (marking.takesLastResorts && takeLastResort(selection, dependency)) continue;
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
  options: SelectOptions,
): boolean {
  const { selection } = marking;
  for (const dependency of dependencies) {
    if (!dependency.isNegative) continue;
    const violators = selection.violators(dependency);
    const immovable = violators.find((violator) => violator.isProtected);
    if (immovable !== undefined) {
      marking.onStep?.(options.depth, `${one.name} ${dependency.type} with ${immovable.name}, which is protected`);
      return false;
    }
    for (const violator of violators) {
      violator.selected = undefined;
      marking.onStep?.(options.depth, `MarkKeep ${violator.name}`);
    }
    if (!options.isToStay) continue;
    for (const { candidate, record } of selection.opponents(dependency)) {
      if (candidate.selected !== undefined || candidate.candidate !== record) continue;
      candidate.candidate = undefined;
      candidate.isProtected = true;
    }
  }
  return true;
}

function selectDependencies(
  marking: Marking,
  one: Candidate,
  dependencies: readonly Dependency[],
  options: SelectOptions,
): boolean {
  const { selection } = marking;
  const { depth, isToStay } = options;
  let isGood = true;
  for (const dependency of dependencies) {
    if (dependency.isNegative) continue;
    const isSatisfied = selection.holds(dependency);
    const choices = isToStay && dependency.isCritical ? selection.feasible(dependency) : [];
    const [only] = choices;
    // Without a choice, what keeps the package keeps what it needs.
    if (choices.length === 1 && only !== undefined && !only.candidate.isProtected) {
      only.candidate.isProtected = true;
      if (isSatisfied) markInstall(marking, only.candidate, depth + 1);
    }
    if (isSatisfied) continue;
    if (selectOne(marking, one, dependency, depth) || !dependency.isCritical) continue;
    marking.onStep?.(depth, `${one.name} ${dependency.type} can't be satisfied (dep)`);
    if (!isToStay) return false;
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
