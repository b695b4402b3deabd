/**
 * The packages that dpkg-query knows of: those installed, and the names that their relations mention.
 */
import { type DpkgDatabase, type InstalledPackage, infoName } from "../../unpack/dpkg-database.js";
import { statusOf } from "../status-file.js";
import { isPattern, patternTest } from "./path-pattern.js";

/** A package, or only its name. */
export interface KnownPackage {
  readonly name: string;
  /** Undefined: only mentioned. */
  readonly installed: InstalledPackage | undefined;
}

/** Every package that has at least begun to be unpacked. */
export function installedPackages(database: DpkgDatabase): readonly KnownPackage[] {
  return database
    .sorted()
    .filter((entry) => statusOf(database, entry) !== "not-installed")
    .map((entry) => ({ name: entry.record.name, installed: entry }));
}

/** The packages that a word of dpkg-query names: one by name, or all that a pattern matches. */
export function matchPackages(database: DpkgDatabase, word: string): readonly KnownPackage[] {
  if (!isPattern(word)) {
    const entry = database.find(word);
    if (entry !== undefined && statusOf(database, entry) !== "not-installed" && !word.endsWith(":any"))
      return [{ name: entry.record.name, installed: entry }];
    return database.mentionedNames().has(word) ? [{ name: word, installed: undefined }] : [];
  }
  const matches = patternTest(word);
  const known: KnownPackage[] = installedPackages(database).filter(
    ({ name, installed: entry }) => matches(name) || matches(`${name}:${entry?.record.architecture}`),
  );
  for (const name of database.mentionedNames())
    if (database.find(name) === undefined && matches(name)) known.push({ name, installed: undefined });
  return known.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A package's name as dpkg-query shows it: with the architecture where that is not implied. */
export function shownName(known: KnownPackage): string {
  return known.installed === undefined ? known.name : infoName(known.installed.record);
}

/** The letters in front of a line of `dpkg -l`, with the blank for "no error". */
export function statusLetters(database: DpkgDatabase, known: KnownPackage): string {
  if (known.installed === undefined) return "un ";
  const letters: Record<string, string> = {
    "not-installed": "n",
    "half-installed": "H",
    unpacked: "U",
    "half-configured": "F",
    "triggers-awaited": "W",
    "triggers-pending": "t",
    installed: "i",
  };
  return `i${letters[statusOf(database, known.installed)] ?? "n"} `;
}
