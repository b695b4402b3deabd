/**
 * `dpkg-query --search`: which packages ship a path.
 *
 * Specification: dpkg-query(1). A word without a leading slash or pattern character is looked for anywhere in a path.
 */
import type { Process } from "../../shell/process.js";
import { type DpkgDatabase, infoName } from "../../unpack/dpkg-database.js";
import { inPathOrder } from "../../unpack/hash-order.js";
import { isPattern, patternTest } from "./path-pattern.js";

/** Writes a line for each path that a word matches; 1 where one matches nothing. */
export function searchPaths(database: DpkgDatabase, process: Process, words: readonly string[]): number {
  let status = 0;
  for (const word of words) {
    const lines = wordPaths(database, word).flatMap((path) => describePath(database, path));
    for (const line of lines) process.stdout.write(`${line}\n`);
    if (lines.length > 0) continue;
    process.stderr.write(`dpkg-query: no path found matching pattern ${searchedPattern(word)}\n`);
    status = 1;
  }
  return status;
}

function searchedPattern(word: string): string {
  return /^[*[?/]/.test(word) || word === "" ? word : `*${word}*`;
}

function wordPaths(database: DpkgDatabase, word: string): readonly string[] {
  const pattern = searchedPattern(word);
  if (!isPattern(pattern)) return [pattern.length > 1 ? pattern.replace(/\/+$/, "") : pattern];
  const matches = patternTest(pattern);
  const paths = new Set<string>();
  for (const entry of database.sorted()) for (const path of entry.files) if (matches(path)) paths.add(path);
  return inPathOrder(paths, (path) => path);
}

function describePath(database: DpkgDatabase, path: string): readonly string[] {
  const lines: string[] = [];
  const diversion = database.diversions.from(path) ?? database.diversions.to(path);
  if (diversion !== undefined) {
    const by = diversion.owner === undefined ? "local diversion" : `diversion by ${diversion.owner}`;
    lines.push(`${by} from: ${diversion.from}`, `${by} to: ${diversion.to}`);
  }
  const owners = database.owners(path);
  if (owners.length > 0) lines.push(`${owners.map((owner) => infoName(owner.record)).join(", ")}: ${path}`);
  return lines;
}
