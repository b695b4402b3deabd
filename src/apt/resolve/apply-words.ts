/**
 * What the recipe's words demand of versions: a glob, a suite, or that a package is not there at all.
 */
import { nearest } from "../../config/nearest.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { PackageRecord } from "../package.js";
import { type PackageWord, type PinnedVersion, versionMatches } from "../pin.js";
import type { Candidate, Selection } from "./selection.js";

/**
 * Sets the candidates that the words name. A version from elsewhere can need other versions than the candidates: `asApt` switches only
 * what apt switches, else whatever the same suites have for it is a candidate too.
 *
 * @throws AssembleError `apt/unknown-package`, `apt/version-not-found`, `apt/conflict`
 */
export function applyWords(
  selection: Selection,
  { words, asApt }: { readonly words: readonly PackageWord[]; readonly asApt: boolean },
): void {
  for (const word of words) {
    const one = selection.find(word.name);
    if (word.excluded) exclude(selection, one, word);
    else if (one.versions.length === 0) demandProviders(selection, word);
    else if (word.versionGlob !== undefined || word.suite !== undefined) demandVersion(selection, one, { word, asApt });
    if (words.some((other) => other.name === word.name && other.excluded !== word.excluded))
      throw new AssembleError(
        "apt/conflict",
        `Cannot install ${word.name}: the recipe also says "-${word.name}", one of the two was wanted`,
      );
  }
}

function exclude(selection: Selection, one: Candidate, word: PackageWord): void {
  if (one.isInstalled) return;
  if (one.versions.length === 0 && providersOf(selection, word.name).length === 0) throw unknown(selection, word);
  one.candidate = undefined;
  one.excludedBy = word.word;
}

function demandProviders(selection: Selection, word: PackageWord): void {
  const providers = [...new Set(providersOf(selection, word.name))].sort();
  if (providers.length === 0) throw unknown(selection, word);
  const [only] = providers;
  if (providers.length === 1 && only !== undefined && word.versionGlob === undefined && word.suite === undefined)
    return;
  throw new AssembleError(
    "apt/unknown-package",
    `Cannot install ${word.name}: it is a virtual name that ${providers.join(", ")} provide, a package was wanted`,
    { hint: "name one of them" },
  );
}

function providersOf(selection: Selection, name: string): readonly string[] {
  return selection
    .targets({ name, qualifier: undefined, operator: undefined, version: undefined })
    .filter(({ candidate, record }) => candidate.candidate === record)
    .map(({ candidate }) => candidate.name);
}

function demandVersion(
  selection: Selection,
  one: Candidate,
  { word, asApt }: { readonly word: PackageWord; readonly asApt: boolean },
): void {
  const fitting = one.versions.find(
    ({ record, suites }) =>
      (word.versionGlob === undefined || versionMatches(record.version, word.versionGlob)) &&
      (word.suite === undefined || suites.includes(word.suite)),
  );
  if (fitting === undefined) {
    const there = one.versions.map(({ record, suites }) => `${record.version} (${suites[0] ?? record.archive})`);
    throw new AssembleError(
      "apt/version-not-found",
      `Cannot install ${word.word}: there is ${there.join(", ")}, none of which fits`,
    );
  }
  if (one.isInstalled) return;
  one.candidate = fitting.record;
  if (asApt && word.suite === undefined) return;
  switchCandidates(selection, fitting, { seen: new Set([one.name]), asApt });
}

/** Makes what a version needs from its own suites a candidate. apt does so for `name/suite`, and only for packages of the very name. */
function switchCandidates(
  selection: Selection,
  chosen: PinnedVersion,
  options: { readonly seen: Set<string>; readonly asApt: boolean },
): void {
  const { seen, asApt } = options;
  for (const dependency of selection.dependencies(chosen.record)) {
    if (dependency.isNegative || selection.feasible(dependency).length > 0) continue;
    for (const alternative of dependency.group) {
      const found = selection
        .targets(alternative)
        .filter(({ candidate }) => !asApt || candidate.name === alternative.name)
        .map(({ candidate, record }) => ({ candidate, pinned: pinnedOf(candidate, record) }))
        .find(({ pinned }) => pinned?.suites.some((suite) => chosen.suites.includes(suite)) === true);
      if (found?.pinned === undefined || seen.has(found.candidate.name) || found.candidate.isInstalled) continue;
      seen.add(found.candidate.name);
      found.candidate.candidate = found.pinned.record;
      switchCandidates(selection, found.pinned, options);
      break;
    }
  }
}

function pinnedOf(one: Candidate, record: PackageRecord): PinnedVersion | undefined {
  return one.versions.find((version) => version.record === record);
}

function unknown(selection: Selection, word: PackageWord): AssembleError {
  const names = new Set<string>();
  for (const { index } of selection.universe.archives) for (const name of index.names()) names.add(name);
  const near = nearest(word.name, names);
  return new AssembleError(
    "apt/unknown-package",
    `Cannot install ${word.name}: no archive of the recipe has a package of that name`,
    near === undefined ? {} : { hint: `is ${near} meant?` },
  );
}
