/**
 * The packages that are taken apart from the resolution (the kernel, the stub of the UKI), and rows for the lock.
 */

import type { LockedPackage } from "../config/lock.js";
import { nearest } from "../config/nearest.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { PackageRecord } from "./package.js";
import { type PackageWord, parsePackageWord, rankVersions, type UniverseArchive, versionMatches } from "./pin.js";
import { versionFits } from "./relation.js";

/**
 * The versions that a word allows, the candidate first.
 *
 * @throws AssembleError `apt/unknown-package`, `apt/version-not-found`, `apt/package-word-invalid`
 */
export function versionsOfWord(archives: readonly UniverseArchive[], text: string): readonly PackageRecord[] {
  const word = parsePackageWord(text);
  const ranked = rankVersions(archives, word.name);
  if (ranked.length === 0) {
    const near = nearest(word.name, allNames(archives));
    throw new AssembleError(
      "apt/unknown-package",
      `Cannot find the package ${word.name}: no archive of the recipe has it`,
      {
        ...(near === undefined ? {} : { hint: `is ${near} meant?` }),
      },
    );
  }
  const fitting = ranked.filter(({ record, suites }) => fits(record, word, suites)).map(({ record }) => record);
  if (fitting.length === 0) {
    const there = [...new Set(ranked.map(({ record, suites }) => `${record.version} (${suites[0]})`))].join(", ");
    throw new AssembleError("apt/version-not-found", `Cannot find ${text}: there are ${there}`);
  }
  return fitting;
}

/**
 * The packages that hold a kernel and its modules: a meta package (linux-image-cloud-amd64) is followed to the real ones,
 * whose names begin with a version. Up to Linux 6.18 that is one linux-image-…; from 6.19 on linux-binary-…, linux-modules-…
 * and linux-base-….
 *
 * @throws AssembleError those of {@link versionsOfWord}, and `apt/kernel-not-found`
 */
export function followKernel(archives: readonly UniverseArchive[], kernel: PackageRecord): readonly PackageRecord[] {
  const found = new Map<string, PackageRecord>();
  const visit = (record: PackageRecord): void => {
    if (found.has(record.name)) return;
    found.set(record.name, record);
    for (const group of [...record.relations("Pre-Depends"), ...record.relations("Depends")]) {
      const parts = group.filter(({ name }) => /^linux-(image|binary|modules|base)-/.test(name));
      if (parts.length === 0) continue;
      const next = parts
        .flatMap((part) => rankVersions(archives, part.name).filter((one) => versionFits(one.record.version, part)))
        .at(0);
      if (next === undefined) {
        const wanted = parts.map((part) => (part.version === undefined ? part.name : `${part.name} ${part.version}`));
        throw new AssembleError(
          "apt/kernel-not-found",
          `Cannot follow ${record.name} ${record.version} to its kernel: no archive of the recipe has ${wanted.join(" or ")}`,
          { hint: "the mirror may be in the middle of an update: try again later" },
        );
      }
      visit(next.record);
    }
  };
  visit(kernel);
  const all = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const real = all.filter(({ name }) => /^linux-(image|binary|modules|base)-\d/.test(name));
  return real.length === 0 ? [kernel] : real;
}

/** The row of a package. @throws AssembleError `apt/weak-digest`, `apt/control-invalid` */
export function lockedPackage(record: PackageRecord): LockedPackage {
  const { name, version, architecture, archive, size, sha256 } = record;
  const path = record.path.replace(/^(\.\/)+/, "");
  const what = `the index of ${archive}`;
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    throw new AssembleError("apt/weak-digest", `Cannot trust ${name} of ${what}: it has no SHA256 there`);
  }
  // It becomes a part of URLs: nothing may climb out of the archive.
  if (
    path === "" ||
    path.startsWith("/") ||
    path.split("/").some((part) => part === ".." || part === "." || part === "")
  ) {
    throw new AssembleError("apt/control-invalid", `Cannot read ${what}: the Filename of ${name} is "${record.path}"`);
  }
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new AssembleError("apt/control-invalid", `Cannot read ${what}: the Size of ${name} is no number of bytes`);
  }
  return { name, version, architecture, archive, path, size, sha256, priority: record.priority || "optional" };
}

function fits(record: PackageRecord, word: PackageWord, suites: readonly string[]): boolean {
  if (word.suite !== undefined && !suites.includes(word.suite)) return false;
  return word.versionGlob === undefined || versionMatches(record.version, word.versionGlob);
}

function* allNames(archives: readonly UniverseArchive[]): Generator<string> {
  for (const { index } of archives) yield* index.names();
}
