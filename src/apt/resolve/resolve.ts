/**
 * Resolution of a recipe's packages for a new root, in two stages, with the choices that apt's classic solver makes.
 *
 * Rules: docs/resolution.md. Compared with apt itself by `npm run resolve-fidelity`.
 */
import { compareByteStrings } from "../../bytes/order.js";
import type { PackageRecord } from "../package.js";
import { type PackageWord, parsePackageWord } from "../pin.js";
import { applyWords } from "./apply-words.js";
import { explainFailure } from "./explain-failure.js";
import { firstMention, type Mention } from "./first-mention.js";
import { type Marking, markInstall } from "./mark-install.js";
import { orderProviders } from "./provider-order.js";
import { findReasons } from "./reasons.js";
import type { Resolution, ResolvedPackage, ResolveRequest, Root, Stage, Universe } from "./resolution.js";
import { searchSelection } from "./search.js";
import { type Candidate, Selection } from "./selection.js";
import { solveProblems } from "./solve-problems.js";
import { switchAsApt, switchBeyondApt } from "./switch-candidates.js";

/**
 * Chooses the packages.
 *
 * @throws AssembleError `apt/unknown-package`, `apt/version-not-found`, `apt/unsatisfiable`, `apt/conflict`,
 * `apt/excluded-package-needed`, `apt/package-word-invalid`, `apt/relation-invalid`
 */
export function resolve(universe: Universe, request: ResolveRequest): Resolution {
  const words = request.packages.map((word) => parsePackageWord(word, universe.architecture));
  const context: Context = {
    universe,
    words,
    mentions: new Map(),
    preferred: request.preferred ?? new Set(),
    onStep: request.onStep,
  };
  const before = request.installed ?? [];
  const hasBase = request.base !== "none" && request.installed === undefined;
  const base = hasBase ? resolveStage(context, { stage: 1, installed: [], roots: essentialRoots }) : [];
  const rest = resolveStage(context, {
    stage: hasBase || request.installed !== undefined ? 2 : 1,
    installed: [...before, ...base.map(({ record }) => record)],
    followsRecommends: request.recommends === true,
    roots: (selection) => [
      ...requestedRoots(words),
      ...(hasBase && request.base === "minbase" ? requiredRoots(selection) : []),
    ],
  });
  return { packages: [...base, ...rest] };
}

interface Context {
  readonly universe: Universe;
  readonly words: readonly PackageWord[];
  readonly mentions: Map<string, Mention>;
  readonly preferred: ReadonlySet<string>;
  readonly onStep: ResolveRequest["onStep"];
}

interface StageRequest {
  readonly stage: Stage;
  readonly installed: readonly PackageRecord[];
  readonly followsRecommends?: boolean;
  readonly roots: (selection: Selection) => readonly Root[];
}

function resolveStage(context: Context, request: StageRequest): readonly ResolvedPackage[] {
  const { selection, roots } = solveStage(context, request);
  const reasons = findReasons(selection, [
    ...roots,
    ...request.installed.map(({ name }): Root => ({ name, why: { kind: "installed" } })),
  ]);
  return [...reasons]
    .filter(([record]) => !selection.find(record.name).isInstalled)
    .map(([record, why]) => ({ record, stage: request.stage, why }))
    .sort((a, b) => compareByteStrings(a.record.name, b.record.name));
}

interface Attempt extends StageRequest {
  /** Nothing that apt would refuse. */
  readonly asApt: boolean;
}

/** A selection and what is to be in it. */
interface Solution {
  readonly selection: Selection;
  readonly roots: readonly Root[];
}

/** As apt solves it; where apt refuses, also with what only an `extra` archive or a word's own suite has. */
function solveStage(context: Context, request: StageRequest): Solution {
  const solution = trySolve(context, { ...request, asApt: true });
  if (solution !== undefined) return solution;
  const hasMore =
    context.universe.archives.some(({ packages }) => packages !== undefined) ||
    context.words.some(({ suite, versionGlob }) => suite !== undefined || versionGlob !== undefined);
  const more = hasMore ? trySolve(context, { ...request, asApt: false }) : undefined;
  if (more !== undefined) return more;
  const { selection, roots } = prepare(context, { ...request, asApt: false });
  throw explainFailure(selection, roots);
}

function trySolve(context: Context, request: Attempt): Solution | undefined {
  for (const solve of [select, searchSelection]) {
    const { selection, roots } = prepare(context, request);
    const wanted = roots.map(({ name }) => selection.find(name));
    if (solve(markingOf(context, { selection, asApt: request.asApt }), wanted)) return { selection, roots };
  }
  return undefined;
}

function rootsOf(selection: Selection, request: StageRequest): readonly Root[] {
  const named = request.roots(selection).map((root) => ({ ...root, name: realName(selection, root.name) }));
  return named.filter(({ name }, i) => named.findIndex((other) => other.name === name) === i);
}

function markingOf(
  context: Context,
  { selection, asApt }: { readonly selection: Selection; readonly asApt: boolean },
): Marking {
  const tie = { preferred: context.preferred, mentionOf: (name: string) => mentionOf(context, name) };
  return {
    selection,
    takesLastResorts: !asApt,
    order: (targets, name) => orderProviders(targets, name, tie),
    onStep: context.onStep,
  };
}

/** A selection in which nothing is decided but what is installed and what the words demand. */
function prepare(context: Context, request: Attempt): Solution {
  const selection = new Selection(context.universe, { followsRecommends: request.followsRecommends === true });
  for (const record of request.installed) {
    const one = selection.find(record.name);
    // The very version, where the archives still have it: relations are matched against that.
    const same = one.versions.find((version) => version.record.version === record.version)?.record ?? record;
    Object.assign(one, { candidate: same, selected: same, isInstalled: true, isManual: true, isProtected: true });
  }
  const demanded = applyWords(selection, context.words);
  const roots = rootsOf(selection, request);
  if (!request.asApt) switchBeyondApt(selection, demanded);
  else if (demanded.length > 0) {
    const wanted = roots.map(({ name }) => selection.find(name)).filter(({ selected }) => selected === undefined);
    for (const one of wanted) one.selected = one.candidate;
    switchAsApt(selection, demanded);
    for (const one of wanted) one.selected = undefined;
  }
  return { selection, roots };
}

/** Selects the roots, and then what they need. @returns whether everything that is needed is there */
function select(marking: Marking, candidates: readonly Candidate[]): boolean {
  for (const one of candidates) {
    if (one.candidate === undefined) return false;
    Object.assign(one, { selected: one.candidate, isManual: true, isProtected: true });
  }
  for (const one of candidates) markInstall(marking, one);
  return solveProblems(marking);
}

/** The package to install for a name: where only one package provides a name that none has, that one. */
function realName(selection: Selection, name: string): string {
  if (selection.find(name).versions.length > 0) return name;
  const providers = new Set(
    selection
      .targets({ name, qualifier: undefined, operator: undefined, version: undefined })
      .filter(({ candidate, record }) => candidate.candidate === record)
      .map(({ candidate }) => candidate.name),
  );
  const [only] = providers;
  return providers.size === 1 && only !== undefined ? only : name;
}

function requestedRoots(words: readonly PackageWord[]): readonly Root[] {
  return words
    .filter(({ excluded }) => !excluded)
    .map(({ name, word }): Root => ({ name, why: { kind: "requested", word } }));
}

function essentialRoots(selection: Selection): readonly Root[] {
  const names = selection.universe.archives.flatMap(({ index }) => index.essential().map(({ name }) => name));
  return [...new Set(names)]
    .sort(compareByteStrings)
    .filter((name) => selection.find(name).candidate?.essential !== false)
    .map((name): Root => ({ name, why: { kind: "essential" } }));
}

function requiredRoots(selection: Selection): readonly Root[] {
  const names = selection.universe.archives.flatMap(({ index }) =>
    index.withPriority("required").map(({ name }) => name),
  );
  const required = [...new Set(names)].sort(compareByteStrings).filter((name) => {
    const { candidate } = selection.find(name);
    return candidate?.priority === "required" && !candidate.essential;
  });
  return [...required, "apt"].map((name): Root => ({ name, why: { kind: "priority" } }));
}

function mentionOf(context: Context, name: string): Mention {
  let found = context.mentions.get(name);
  if (found === undefined) {
    found = firstMention(context.universe.archives, name);
    context.mentions.set(name, found);
  }
  return found;
}
