/**
 * `dpkg --compare-versions A OP B`: dpkg(1). No version at all is the earliest, for the operators with `-nl` the latest.
 */
import { compareVersions, versionFault } from "../../../apt/version.js";
import type { Process } from "../../shell/process.js";
import { fail } from "./command-options.js";

interface Relation {
  readonly test: (order: number) => boolean;
  /** A missing version counts as later than any. */
  readonly noneLater: boolean;
}

const relation = (test: (order: number) => boolean, noneLater = false): Relation => ({ test, noneLater });

const RELATIONS: Readonly<Record<string, Relation>> = {
  lt: relation((order) => order < 0),
  le: relation((order) => order <= 0),
  eq: relation((order) => order === 0),
  ne: relation((order) => order !== 0),
  ge: relation((order) => order >= 0),
  gt: relation((order) => order > 0),
  "lt-nl": relation((order) => order < 0, true),
  "le-nl": relation((order) => order <= 0, true),
  "ge-nl": relation((order) => order >= 0, true),
  "gt-nl": relation((order) => order > 0, true),
  "<": relation((order) => order <= 0),
  "<=": relation((order) => order <= 0),
  "<<": relation((order) => order < 0),
  "=": relation((order) => order === 0),
  ">": relation((order) => order >= 0),
  ">=": relation((order) => order >= 0),
  ">>": relation((order) => order > 0),
};

/** Compares the three operands: 0 where the relation holds, 1 where not, 2 for what cannot be compared. */
export function compareVersionsCommand(process: Process, operands: readonly string[]): number {
  const [left, operator, right] = operands;
  if (left === undefined || operator === undefined || right === undefined || operands.length > 3)
    return fail(process, "dpkg: error: --compare-versions takes three arguments: <version> <relation> <version>");
  const wanted = RELATIONS[operator];
  if (wanted === undefined) return fail(process, "dpkg: error: --compare-versions bad relation");
  for (const version of [left, right]) {
    const fault = version === "" ? undefined : versionFault(version);
    if (fault === undefined) continue;
    // What only Policy forbids can still be compared.
    const serious = !/digit|character/.test(fault);
    process.stderr.write(`dpkg: ${serious ? "error" : "warning"}: version '${version}' has bad syntax: ${fault}\n`);
    if (serious) return 2;
  }
  const none = wanted.noneLater ? 1 : -1;
  let order: number;
  if (left === "" || right === "") order = left === right ? 0 : left === "" ? none : -none;
  else order = compareVersions(left, right);
  return wanted.test(order) ? 0 : 1;
}
