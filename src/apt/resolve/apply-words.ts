/**
 * What the recipe's words demand of versions: a glob, a suite, or that a package is not there at all.
 */
import { nearest } from "../../config/nearest.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type PackageWord, type PinnedVersion, versionMatches } from "../pin.js";
import type { Candidate, Selection } from "./selection.js";

/** A version that a word names, other than the candidate or not. */
export interface DemandedVersion {
  readonly chosen: PinnedVersion;
  readonly word: PackageWord;
}

/**
 * Sets the candidates that the words name.
 *
 * @returns the versions that words with a glob or a suite have chosen
 * @throws AssembleError `apt/unknown-package`, `apt/version-not-found`, `apt/conflict`
 */
export function applyWords(selection: Selection, words: readonly PackageWord[]): readonly DemandedVersion[] {
  const demanded: DemandedVersion[] = [];
  for (const word of words) {
    const one = selection.find(word.name);
    if (word.excluded) exclude(selection, one, word);
    else if (one.versions.length === 0) demandProviders(selection, word);
    else if (word.versionGlob !== undefined || word.suite !== undefined)
      demanded.push({ chosen: demandVersion(one, word), word });
    if (words.some((other) => other.name === word.name && other.excluded !== word.excluded))
      throw new AssembleError(
        "apt/conflict",
        `Cannot install ${word.name}: the recipe also says "-${word.name}", one of the two was wanted`,
      );
  }
  return demanded;
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

function demandVersion(one: Candidate, word: PackageWord): PinnedVersion {
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
  if (!one.isInstalled) one.candidate = fitting.record;
  return fitting;
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
