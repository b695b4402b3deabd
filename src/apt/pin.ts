/**
 * Which version of a package may be chosen: the archives of a recipe with their pins, and the words of its `packages`.
 *
 * The meaning of pins is apt_preferences(5)'s: the highest pin wins, then the highest version. An `extra` archive is an
 * ordinary one for the packages that its globs name; the rest of it is pinned low, and taken only where nothing else
 * satisfies a dependency.
 */
import picomatch from "picomatch";
import { AssembleError } from "../errors/assemble-error.js";
import type { PackageRecord } from "./package.js";
import type { PackagesIndex } from "./packages-index.js";
import { compareVersions } from "./version.js";

/** The pin of an ordinary archive. */
export const DEFAULT_PIN = 500;
/** The pin of what an `extra` archive holds beside the packages it is there for. */
export const LAST_RESORT_PIN = 100;

/** One archive as a resolution sees it. Several indexes (components) may share an id. */
export interface UniverseArchive {
  readonly index: PackagesIndex;
  /** What `name/…` selects it by: suite and codename, for instance `trixie-backports`. */
  readonly suites: readonly string[];
  /** Default: {@link DEFAULT_PIN}. Security and updates are equal to the main archive. */
  readonly pin?: number | undefined;
  /** Globs of the names that may be chosen from it; undefined: all. */
  readonly packages?: readonly string[] | undefined;
}

/** One word of `packages`. */
export interface PackageWord {
  /** As the recipe has it. */
  readonly word: string;
  readonly name: string;
  /** `-name`: must not be installed. */
  readonly excluded: boolean;
  /** `name=glob`. */
  readonly versionGlob: string | undefined;
  /** `name/suite`. */
  readonly suite: string | undefined;
}

/** Parses one word of `packages`. @throws AssembleError `apt/package-word-invalid` */
export function parsePackageWord(word: string, architecture = "amd64"): PackageWord {
  const match = /^(-)?([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9-]+))?(?:=(\S+)|\/([A-Za-z0-9][A-Za-z0-9+._/-]*))?$/.exec(word);
  if (match === null)
    throw wordInvalid(word, "`name`, `name=version`, `name/suite` or `-name` was wanted (version: a glob)");
  const [, minus, name, qualifier, versionGlob, suite] = match;
  if (qualifier !== undefined && qualifier !== architecture && qualifier !== "native" && qualifier !== "all")
    throw wordInvalid(word, `only packages of ${architecture} can be installed`);
  if (minus !== undefined && (versionGlob !== undefined || suite !== undefined))
    throw wordInvalid(word, "a package that must not be installed has neither version nor suite");
  return { word, name: name as string, excluded: minus !== undefined, versionGlob, suite };
}

/** One version that could be installed, with its rank. */
export interface PinnedVersion {
  readonly record: PackageRecord;
  readonly pin: number;
  readonly suites: readonly string[];
}

/**
 * All versions of a package, the candidate first: by pin, then by version. A version that several archives have is listed
 * once, as that of the best pinned and then first of them.
 */
export function rankVersions(archives: readonly UniverseArchive[], name: string): readonly PinnedVersion[] {
  let found: Map<string, PinnedVersion> | undefined;
  for (const archive of archives) {
    const records = archive.index.named(name);
    if (records.length === 0) continue;
    found ??= new Map();
    const pin = isChosenFrom(archive, name) ? (archive.pin ?? DEFAULT_PIN) : LAST_RESORT_PIN;
    for (const record of records) {
      const known = found.get(record.version);
      const suites = known === undefined ? archive.suites : [...known.suites, ...archive.suites];
      if (known === undefined || known.pin < pin) found.set(record.version, { record, pin, suites });
      else found.set(record.version, { ...known, suites });
    }
  }
  // Of most names there is one version, or none.
  if (found === undefined || found.size < 2) return found === undefined ? [] : [...found.values()];
  return [...found.values()].sort((a, b) => b.pin - a.pin || compareVersions(b.record.version, a.record.version));
}

/** Whether a version fits the glob of `name=glob`. */
export function versionMatches(version: string, glob: string): boolean {
  return version === glob || picomatch.isMatch(version, glob, { dot: true, bash: true, nobrace: true });
}

function isChosenFrom(archive: UniverseArchive, name: string): boolean {
  return archive.packages === undefined || picomatch.isMatch(name, [...archive.packages], { dot: true });
}

function wordInvalid(word: string, wanted: string): AssembleError {
  return new AssembleError("apt/package-word-invalid", `Cannot read the package "${word}": ${wanted}`);
}
