/**
 * Broken dependencies after marking: which packages give way, as apt's problem resolver decides it.
 *
 * Rules: docs/resolution.md, from apt's debug output (`Debug::pkgProblemResolver`).
 */
import type { Alternative } from "../relation.js";
import type { Marking } from "./mark-install.js";
import { byScore, type Scores, scorePackages } from "./scores.js";
import type { Candidate, Dependency, Selection } from "./selection.js";

/** After so many rounds what is broken stays so. */
const MAX_ROUNDS = 20;

/** Deselects and selects until nothing is broken, or nothing changes any more. @returns whether nothing is broken */
export function solveProblems(marking: Marking): boolean {
  const { selection } = marking;
  if (selection.brokenCount() === 0) return true;
  const solver = new Solver(marking, scorePackages(selection));
  const order = byScore([...selection.all()], solver.scores);
  for (const one of order) marking.onStep?.(0, `Score ${solver.scores.get(one.name) ?? 0} ${one.name}`);
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
  /** Packages that were to be selected after all. */
  readonly #tried = new Set<Candidate>();

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
    const [first] = targets;
    if (!one.isProtected) {
      this.#step(1, `Holding Back ${one.name} rather than change ${first?.candidate.name ?? ""}`);
      this.#deselect(one);
      return "done";
    }
    for (const { candidate } of targets) {
      this.#step(1, `Considering ${candidate.name} ${this.#score(candidate)} to satisfy ${one.name}`);
      if (this.#reinstate(candidate)) return "changed";
    }
    return "unchanged";
  }

  #giveWay(one: Candidate, opponent: Candidate, round: number): void {
    this.#step(1, `Holding Back ${one.name} rather than change ${opponent.name}`);
    this.#deselect(one);
    if (round > 1 && this.#score(opponent) > this.#score(one)) this.scores.set(one.name, this.#score(opponent));
  }

  /** Selects a package after all, with what it lacks, if all of that can be had. Each package gets one such chance. */
  #reinstate(candidate: Candidate): boolean {
    const selection = this.#selection;
    if (this.#tried.has(candidate) || candidate.candidate === undefined || candidate.isProtected) return false;
    this.#tried.add(candidate);
    const wasSelected = candidate.selected !== undefined;
    candidate.selected = candidate.candidate;
    for (const dependency of selection.dependencies(candidate.selected)) {
      if (!dependency.isCritical || dependency.isNegative || selection.holds(dependency)) continue;
      if (dependency.group.some((alternative) => this.#reinstateFor(alternative, candidate))) continue;
      if (!wasSelected) candidate.selected = undefined;
      return false;
    }
    this.#step(1, `Re-Instated ${candidate.name}`);
    return true;
  }

  /** A virtual name stands for the first of its providers, whether or not that can be had. */
  #reinstateFor(alternative: Alternative, owner: Candidate): boolean {
    const selection = this.#selection;
    const targets = selection.targets(alternative);
    if (!targets.some(({ candidate, record }) => candidate.candidate === record)) return false;
    const real = selection.find(alternative.name);
    const chosen = real.versions.length > 0 ? real : targets.find(({ candidate }) => candidate !== owner)?.candidate;
    return chosen !== undefined && this.#reinstate(chosen);
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
