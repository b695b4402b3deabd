/**
 * Broken dependencies after marking: which packages give way, as apt's problem resolver decides it.
 *
 * Rules: docs/resolution.md, from apt's debug output (`Debug::pkgProblemResolver`).
 */
import { type Marking, markInstall } from "./mark-install.js";
import { byScore, type Scores, scorePackages } from "./scores.js";
import type { Candidate, Dependency, Selection, Target } from "./selection.js";

/** After so many rounds what is broken stays so. */
const MAX_ROUNDS = 20;

/** Deselects and selects until nothing is broken, or nothing changes any more. @returns whether nothing is broken */
export function solveProblems(marking: Marking): boolean {
  const { selection } = marking;
  if (selection.brokenCount() === 0) return true;
  const solver = new Solver(marking, scorePackages(selection));
  const order = byScore([...selection.all()], solver.scores);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let changed = false;
    for (const one of order) if (solver.investigate(one, round)) changed = true;
    if (!changed) break;
  }
  return selection.brokenCount() === 0;
}

class Solver {
  readonly scores: Scores;
  readonly #marking: Marking;
  readonly #selection: Selection;
  /** Packages that were put back once: not again. */
  readonly #reinstated = new Set<Candidate>();

  constructor(marking: Marking, scores: Scores) {
    this.#marking = marking;
    this.#selection = marking.selection;
    this.scores = scores;
  }

  /** Looks at one package. @returns whether anything was changed */
  investigate(one: Candidate, round: number): boolean {
    const selection = this.#selection;
    if (one.selected === undefined || !selection.isBroken(one)) return false;
    this.#step(0, `Investigating (${round}) ${one.name}`);
    let changed = false;
    const removals: { readonly candidate: Candidate; readonly dependency: Dependency }[] = [];
    for (const dependency of selection.dependencies(one.selected)) {
      if (!dependency.isCritical || selection.holds(dependency)) continue;
      this.#step(0, `Broken ${one.name} ${dependency.type} ${dependency.group.map(({ name }) => name).join("|")}`);
      const result = dependency.isNegative
        ? this.#opposed(one, dependency, { round, removals })
        : this.#lacking(one, dependency);
      if (result !== "unchanged") changed = true;
      if (result === "done" || one.selected === undefined) break;
    }
    if (one.selected !== undefined) {
      for (const { candidate } of removals) {
        this.#step(1, `Fixing ${one.name} via remove of ${candidate.name}`);
        this.#deselect(candidate);
        if (round > 1 && this.#score(one) > this.#score(candidate)) this.scores.set(candidate.name, this.#score(one));
        changed = true;
      }
    }
    return changed;
  }

  /** Something selected is in the way: the lower score gives way. */
  #opposed(
    one: Candidate,
    dependency: Dependency,
    context: { readonly round: number; readonly removals: { candidate: Candidate; dependency: Dependency }[] },
  ): "done" | "changed" | "unchanged" {
    const { round, removals } = context;
    for (const opponent of this.#selection.violators(dependency)) {
      this.#step(1, `Considering ${opponent.name} ${this.#score(opponent)} against ${this.#score(one)}`);
      if (!one.isProtected && this.#score(one) <= this.#score(opponent)) {
        this.#giveWay(one, opponent, round);
        return "done";
      }
      if (!opponent.isProtected) removals.push({ candidate: opponent, dependency });
    }
    return "unchanged";
  }

  /** Nothing selected satisfies a dependency: the package goes, unless what it needs can be had after all. */
  #lacking(one: Candidate, dependency: Dependency): "done" | "changed" | "unchanged" {
    const selection = this.#selection;
    const targets = dependency.group.flatMap((alternative) => selection.targets(alternative));
    if (targets.length === 0) {
      if (one.isProtected) return "unchanged";
      this.#deselect(one);
      return "done";
    }
    for (const alternative of dependency.group) {
      for (const { candidate } of selection.targets(alternative)) {
        this.#step(1, `Considering ${candidate.name} ${this.#score(candidate)} to satisfy ${one.name}`);
        if (one.isProtected) {
          if (this.#tryInstall(one, candidate)) return "changed";
          continue;
        }
        this.#deselect(one);
        if (this.#reinstate(one)) return "done";
        this.#step(1, `Holding Back ${one.name} rather than change ${candidate.name}`);
        return "done";
      }
    }
    return "unchanged";
  }

  #giveWay(one: Candidate, opponent: Candidate, round: number): void {
    this.#step(1, `Holding Back ${one.name} rather than change ${opponent.name}`);
    this.#deselect(one);
    if (round > 1 && this.#score(opponent) > this.#score(one)) this.scores.set(one.name, this.#score(opponent));
  }

  #tryInstall(one: Candidate, candidate: Candidate): boolean {
    if (candidate.candidate === undefined || candidate.selected !== undefined) return false;
    const before = this.#selection.brokenCount();
    this.#step(1, `Try Installing ${candidate.name} before changing ${one.name}`);
    markInstall(this.#marking, candidate, 1);
    if (this.#selection.isBroken(candidate) || this.#selection.brokenCount() > before) this.#deselect(candidate);
    return candidate.selected !== undefined;
  }

  /** Selects a package again, with what it lacks, if all of that can be had. */
  #reinstate(one: Candidate): boolean {
    const selection = this.#selection;
    if (this.#reinstated.has(one) || one.candidate === undefined || one.isProtected) return false;
    this.#reinstated.add(one);
    one.selected = one.candidate;
    for (const dependency of selection.dependencies(one.selected)) {
      if (!dependency.isCritical || dependency.isNegative || selection.holds(dependency)) continue;
      if (this.#feasible(dependency).some(({ candidate }) => this.#reinstate(candidate))) continue;
      one.selected = undefined;
      return false;
    }
    this.#step(1, `Re-Instated ${one.name}`);
    return true;
  }

  #feasible(dependency: Dependency): readonly Target[] {
    return this.#selection.feasible(dependency).filter(({ candidate }) => !candidate.isProtected);
  }

  #deselect(one: Candidate): void {
    if (!one.isProtected) one.selected = undefined;
  }

  #score(one: Candidate): number {
    return this.scores.get(one.name) ?? 0;
  }

  #step(depth: number, step: string): void {
    this.#marking.onStep?.(depth, step);
  }
}
