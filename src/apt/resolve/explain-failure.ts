/**
 * Why a request can't be satisfied: the chain of dependencies that leads to what is missing, or to two packages that exclude
 * each other.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import type { PackageRecord } from "../package.js";
import { formatGroup } from "../relation.js";
import type { Root } from "./resolution.js";
import type { Candidate, Dependency, Selection } from "./selection.js";

/** The error for a failed resolution. `selection` must be fresh: with nothing selected but what is installed. */
export function explainFailure(selection: Selection, roots: readonly Root[]): AssembleError {
  for (const { name } of roots) {
    const found = findMissing(selection, selection.find(name), { chain: [], seen: new Set() });
    if (found !== undefined) return found;
  }
  return (
    findConflict(selection, roots) ??
    new AssembleError(
      "apt/unsatisfiable",
      `Cannot install ${roots.map(({ name }) => name).join(", ")}: each can be installed, but no choice of all that they need can`,
      { hint: "name the packages that are to satisfy their alternatives, or exclude others with -name" },
    )
  );
}

/** One step: a package and the relation of it that leads on. */
interface Step {
  readonly record: PackageRecord;
  readonly dependency: Dependency;
}

interface Search {
  readonly chain: readonly Step[];
  /** Looked at before: they were fine, or are being looked at. */
  readonly seen: Set<string>;
}

function findMissing(selection: Selection, one: Candidate, search: Search): AssembleError | undefined {
  const { chain, seen } = search;
  if (one.candidate === undefined) return missing(selection, one, chain);
  if (seen.has(one.name)) return undefined;
  seen.add(one.name);
  for (const dependency of selection.dependencies(one.candidate)) {
    if (dependency.isNegative || !dependency.isCritical) continue;
    const step: Step = { record: one.candidate, dependency };
    const choices = selection.feasible(dependency);
    let first: AssembleError | undefined;
    if (choices.length === 0) {
      const [wanted] = dependency.group;
      if (wanted === undefined) continue;
      first = missing(selection, selection.find(wanted.name), [...chain, step]);
    }
    for (const { candidate } of choices) {
      const found = findMissing(selection, candidate, { chain: [...chain, step], seen });
      if (found === undefined) {
        first = undefined;
        break;
      }
      first ??= found;
    }
    if (first === undefined) continue;
    // It fails each time it is come to.
    seen.delete(one.name);
    return first;
  }
  return undefined;
}

function missing(selection: Selection, wanted: Candidate, chain: readonly Step[]): AssembleError {
  const excluded = excludedOf(selection, wanted, chain);
  const first = chain[0]?.record.name ?? wanted.name;
  if (excluded !== undefined)
    return new AssembleError(
      "apt/excluded-package-needed",
      `Cannot install ${first}: ${[...chain.map(formatStep), `"${excluded.excludedBy}" excludes ${excluded.name}`].join("; ")}`,
      { hint: `drop "${excluded.excludedBy}", or what needs ${excluded.name}` },
    );
  return new AssembleError(
    "apt/unsatisfiable",
    `Cannot install ${first}: ${[...chain.map(formatStep), stateOf(selection, wanted)].join("; ")}`,
  );
}

function excludedOf(selection: Selection, wanted: Candidate, chain: readonly Step[]): Candidate | undefined {
  if (wanted.excludedBy !== undefined) return wanted;
  const last = chain[chain.length - 1]?.dependency.group ?? [];
  return last
    .flatMap((alternative) => selection.targets(alternative).map(({ candidate }) => candidate))
    .find((candidate) => candidate.excludedBy !== undefined);
}

function stateOf(selection: Selection, wanted: Candidate): string {
  if (wanted.candidate !== undefined)
    return `${wanted.name} ${wanted.candidate.version} is ${wanted.isInstalled ? "installed" : "the version to install"}`;
  const [newest] = wanted.versions;
  if (newest !== undefined) return `${newest.record.version} is the newest ${wanted.name}`;
  const providers = selection
    .targets({ name: wanted.name, qualifier: undefined, operator: undefined, version: undefined })
    .map(({ candidate }) => candidate.name);
  return providers.length === 0
    ? `no archive of the recipe has ${wanted.name}`
    : `${wanted.name} is only provided by ${[...new Set(providers)].join(", ")}`;
}

function formatStep({ record, dependency }: Step): string {
  return `${record.name} ${record.version} ${dependency.type} ${formatGroup(dependency.group)}`;
}

/** Follows what leaves no choice, and looks for two packages of it that exclude each other. */
function findConflict(selection: Selection, roots: readonly Root[]): AssembleError | undefined {
  const ways = new Map<Candidate, readonly Step[]>();
  const queue: Candidate[] = [];
  const reach = (one: Candidate, way: readonly Step[]): void => {
    if (ways.has(one)) return;
    ways.set(one, way);
    queue.push(one);
  };
  for (const one of selection.selected()) reach(one, []);
  for (const { name } of roots) reach(selection.find(name), []);
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    if (one.candidate === undefined) continue;
    for (const dependency of selection.dependencies(one.candidate)) {
      if (dependency.isNegative || !dependency.isCritical) continue;
      const choices = selection.feasible(dependency);
      const [only] = choices;
      if (choices.length === 1 && only !== undefined)
        reach(only.candidate, [...(ways.get(one) ?? []), { record: one.candidate, dependency }]);
    }
  }
  return shortestConflict(selection, ways);
}

function shortestConflict(
  selection: Selection,
  ways: ReadonlyMap<Candidate, readonly Step[]>,
): AssembleError | undefined {
  let shortest: { readonly steps: readonly Step[]; readonly names: string } | undefined;
  for (const [one, way] of ways) {
    if (one.candidate === undefined) continue;
    for (const dependency of selection.dependencies(one.candidate)) {
      if (!dependency.isNegative) continue;
      for (const { candidate, record } of selection.opponents(dependency)) {
        const other = ways.get(candidate);
        if (other === undefined || candidate.candidate !== record) continue;
        const steps = [...way, { record: one.candidate, dependency }, ...other];
        if (shortest !== undefined && shortest.steps.length <= steps.length) continue;
        shortest = { steps, names: `${one.name} and ${candidate.name}` };
      }
    }
  }
  if (shortest === undefined) return undefined;
  return new AssembleError(
    "apt/conflict",
    `Cannot install ${shortest.names} together: ${shortest.steps.map(formatStep).join("; ")}`,
  );
}
