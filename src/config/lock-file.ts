/**
 * The text of a lock (contract §2): JSON with sorted keys, one package a line, a table of packages that the entries
 * share. The same lock is the same text; a version that moves is one changed line.
 */

import { createHash } from "node:crypto";
import { compareText } from "../bytes/order.js";
import { canonicalJson } from "./canonical-json.js";
import type { Lock, LockEntry, LockedPackage, LockedUse } from "./lock.js";
import { invalidLock, type LockFileEntry, parseLockFile } from "./lock-schema.js";

/** The lock's text. Rows that no entry uses are not in it. */
export function formatLock(lock: Lock): string {
  const rows = new Map<string, LockedPackage>();
  for (const entry of lock.entries) {
    for (const row of rowsOf(entry)) rows.set(canonicalJson(row), row);
  }
  const refs = referencesOf([...rows.values()]);
  const refOf = (row: LockedPackage) => refs.get(canonicalJson(row))!;
  const table = [...rows.values()].sort((a, b) => compareText(refOf(a), refOf(b)));
  const entries = [...lock.entries].sort((a, b) => compareText(canonicalJson(a.profiles), canonicalJson(b.profiles)));
  return [
    "{",
    `"entries":[${entries.map((entry) => formatEntry(entry, refOf)).join(",")}],`,
    '"lockVersion":1,',
    `"packages":${lines(table.map(canonicalJson))}`,
    "}",
    "",
  ].join("\n");
}

/**
 * Reads a lock's text.
 *
 * @param file How messages call it.
 * @throws AssembleError `lock/invalid`.
 */
export function parseLock(text: string, file: string): Lock {
  const data = parseLockFile(text, file);
  const refs = referencesOf(data.packages);
  const rows = new Map(data.packages.map((row) => [refs.get(canonicalJson(row))!, row]));
  if (rows.size !== data.packages.length) throw invalidLock(file, "its table has a package twice, once was wanted");
  const entries = data.entries.map((entry) => entryOf(entry, rows, file));
  const lists = entries.map((entry) => canonicalJson(entry.profiles));
  const twin = lists.find((list, i) => lists.indexOf(list) < i);
  if (twin !== undefined) throw invalidLock(file, `it has two entries for the profiles ${twin}, one was wanted`);
  return { entries };
}

function* rowsOf(entry: LockEntry): Generator<LockedPackage> {
  for (const use of entry.packages) yield use.package;
  for (const use of entry.buildPackages) yield use.package;
  yield* entry.kernel;
  if (entry.stub !== undefined) yield entry.stub;
  yield* entry.initramfs ?? [];
}

/**
 * What entries call a row: `name:architecture`, so that a new version changes the table's line and nothing else; with
 * `=version`, and then with a digest of the row, where the table has several rows of that name.
 */
function referencesOf(rows: readonly LockedPackage[]): ReadonlyMap<string, string> {
  const forms = [
    (row: LockedPackage) => `${row.name}:${row.architecture}`,
    (row: LockedPackage) => `${row.name}:${row.architecture}=${row.version}`,
    (row: LockedPackage) => `${row.name}:${row.architecture}=${row.version}#${digestOf(row).slice(0, 16)}`,
  ];
  const counts = forms.map((form) => countBy(rows, form));
  return new Map(
    rows.map((row) => {
      const unique = forms.findIndex((form, i) => counts[i]!.get(form(row)) === 1);
      return [canonicalJson(row), forms.at(unique)!(row)];
    }),
  );
}

function digestOf(row: LockedPackage): string {
  return createHash("sha256").update(canonicalJson(row), "utf8").digest("hex");
}

function countBy(rows: readonly LockedPackage[], form: (row: LockedPackage) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(form(row), (counts.get(form(row)) ?? 0) + 1);
  return counts;
}

function formatEntry(entry: LockEntry, refOf: (row: LockedPackage) => string): string {
  const uses = (list: readonly LockedUse[]) =>
    lines(byText(list.map((use) => canonicalJson({ package: refOf(use.package), stage: use.stage, why: use.why }))));
  return [
    "{",
    `"buildPackages":${uses(entry.buildPackages)},`,
    `"digest":${JSON.stringify(entry.digest)},`,
    `"ids":${canonicalJson(entry.ids)},`,
    ...(entry.initramfs === undefined
      ? []
      : [`"initramfs":${lines(byText(entry.initramfs.map((row) => JSON.stringify(refOf(row)))))},`]),
    `"kernel":${lines(byText(entry.kernel.map((row) => JSON.stringify(refOf(row)))))},`,
    `"packages":${uses(entry.packages)},`,
    `"profiles":${canonicalJson(entry.profiles)},`,
    `"sources":${lines(byText(entry.sources.map(canonicalJson)))},`,
    ...(entry.stub === undefined ? [] : [`"stub":${JSON.stringify(refOf(entry.stub))},`]),
    `"suites":${lines(byText(entry.suites.map(canonicalJson)))}`,
    "}",
  ].join("\n");
}

function byText(items: readonly string[]): readonly string[] {
  return [...items].sort(compareText);
}

function lines(items: readonly string[]): string {
  return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n]`;
}

function entryOf(entry: LockFileEntry, rows: ReadonlyMap<string, LockedPackage>, file: string): LockEntry {
  const suites = new Set(entry.suites.map((suite) => suite.id));
  const rowOf = (ref: string): LockedPackage => {
    const row = rows.get(ref);
    if (row === undefined) throw invalidLock(file, `${ref} is used but not in its table of packages`);
    if (!suites.has(row.archive))
      throw invalidLock(file, `${ref} comes from ${row.archive}, which is no suite of its entry`);
    return row;
  };
  const usesOf = (uses: LockFileEntry["packages"]) =>
    uses.map(({ package: ref, stage, why }): LockedUse => ({ package: rowOf(ref), stage, why }));
  return {
    ...entry,
    packages: usesOf(entry.packages),
    buildPackages: usesOf(entry.buildPackages),
    kernel: entry.kernel.map(rowOf),
    stub: entry.stub === undefined ? undefined : rowOf(entry.stub),
    initramfs: entry.initramfs?.map(rowOf),
  };
}
