/**
 * A complete search, for requests that the step-by-step solver gives up: what follows is drawn first, then choices are made in
 * the same preference and taken back where they lead nowhere.
 *
 * apt 3.0 does the same: it asks its newer solver when the classic one fails.
 */
import type { Marking } from "./mark-install.js";
import type { Candidate, Dependency, Selection } from "./selection.js";

/** So many choices may be tried before the search is given up: more than any real request takes. */
const MAX_CHOICES = 20_000;

/**
 * Selects the roots and all that they need. `marking.selection` must be fresh: with nothing selected but what is installed.
 *
 * @returns whether there is a way; if not, the selection is as before
 */
export function searchSelection(marking: Marking, roots: readonly Candidate[]): boolean {
  const search = new Search(marking);
  for (const one of marking.selection.selected()) if (!search.take(one)) return false;
  for (const one of roots) if (!search.take(one)) return false;
  if (!search.solve()) return false;
  search.addRecommended();
  search.apply();
  return true;
}

class Search {
  readonly #marking: Marking;
  readonly #selection: Selection;
  /** What is decided, in order: it is taken back from the end. */
  readonly #trail: Candidate[] = [];
  readonly #decided = new Map<Candidate, boolean>();
  /** Dependencies of what is taken, in the order in which they came up. */
  readonly #needs: Dependency[] = [];
  readonly #wishes: Dependency[] = [];
  #choices = 0;

  constructor(marking: Marking) {
    this.#marking = marking;
    this.#selection = marking.selection;
  }

  /** Decides that a package is there, and against what it excludes. @returns whether that can be */
  take(one: Candidate): boolean {
    const decided = this.#decided.get(one);
    if (decided !== undefined) return decided;
    if (one.candidate === undefined) return false;
    this.#decide(one, true);
    for (const dependency of this.#selection.dependencies(one.candidate)) {
      if (!dependency.isNegative) {
        (dependency.isCritical ? this.#needs : this.#wishes).push(dependency);
        continue;
      }
      for (const { candidate, record } of this.#selection.opponents(dependency)) {
        if (candidate.candidate !== record) continue;
        if (this.#decided.get(candidate) === true) return false;
        if (!this.#decided.has(candidate)) this.#decide(candidate, false);
      }
    }
    return true;
  }

  /** Satisfies all needs. @returns whether there is a way; if not, everything decided for it is taken back */
  solve(): boolean {
    const mark = this.#mark();
    if (!this.#propagate()) {
      this.#takeBack(mark);
      return false;
    }
    const open = this.#narrowest();
    if (open === undefined) return true;
    for (const choice of this.#choicesOf(open)) {
      if (++this.#choices > MAX_CHOICES) break;
      const before = this.#mark();
      if (this.take(choice) && this.solve()) return true;
      this.#takeBack(before);
      // It can't be this one, whatever the next one is.
      this.#decide(choice, false);
    }
    this.#takeBack(mark);
    return false;
  }

  /** Adds what is recommended, as far as it can be had. */
  addRecommended(): void {
    for (let i = 0; i < this.#wishes.length; i++) {
      const wish = this.#wishes[i] as Dependency;
      if (this.#isMet(wish)) continue;
      for (const choice of this.#choicesOf(wish)) {
        const mark = this.#mark();
        if (this.take(choice) && this.solve()) break;
        this.#takeBack(mark);
      }
    }
  }

  /** Writes the outcome into the selection. */
  apply(): void {
    for (const [one, isTaken] of this.#decided) {
      if (!isTaken) continue;
      one.selected = one.candidate;
      this.#marking.onStep?.(0, `Search selects ${one.name}`);
    }
  }

  /** Draws conclusions until there are no more: a need with one choice left has no choice. */
  #propagate(): boolean {
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = 0; i < this.#needs.length; i++) {
        const need = this.#needs[i] as Dependency;
        if (this.#isMet(need)) continue;
        const choices = this.#choicesOf(need);
        const [only] = choices;
        if (only === undefined) return false;
        if (choices.length > 1) continue;
        if (!this.take(only)) return false;
        changed = true;
      }
    }
    return true;
  }

  /** Of the needs that are not met, the first of those with the fewest choices. */
  #narrowest(): Dependency | undefined {
    let found: Dependency | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const need of this.#needs) {
      if (this.#isMet(need)) continue;
      const { length } = this.#choicesOf(need);
      if (length >= fewest) continue;
      found = need;
      fewest = length;
    }
    return found;
  }

  #isMet(dependency: Dependency): boolean {
    return this.#selection.feasible(dependency).some(({ candidate }) => this.#decided.get(candidate) === true);
  }

  /** What may still satisfy a dependency, the preferred one first. */
  #choicesOf(dependency: Dependency): readonly Candidate[] {
    const found = new Set<Candidate>();
    for (const alternative of dependency.group) {
      const targets = this.#selection
        .targets(alternative)
        .filter(({ candidate, record }) => candidate.candidate === record && this.#decided.get(candidate) !== false);
      for (const { candidate } of this.#marking.order(targets, alternative.name)) found.add(candidate);
    }
    return [...found];
  }

  #decide(one: Candidate, isTaken: boolean): void {
    this.#decided.set(one, isTaken);
    this.#trail.push(one);
  }

  #mark(): readonly [decided: number, needs: number, wishes: number] {
    return [this.#trail.length, this.#needs.length, this.#wishes.length];
  }

  #takeBack([decided, needs, wishes]: readonly [number, number, number]): void {
    for (const one of this.#trail.splice(decided)) this.#decided.delete(one);
    this.#needs.length = needs;
    this.#wishes.length = wishes;
  }
}
