/**
 * What `verify` finds, one line a check, and what follows from all of them.
 */

import { printable } from "../inspect/render-text.js";

/** What is checked. */
export type CheckName = "checksums" | "manifest" | "rebuild" | "signature" | "pcr-signature" | "packages";

/** One check. `unchecked` is no failure of its own: it says what is not known. */
export interface Check {
  readonly name: CheckName;
  readonly outcome: "holds" | "fails" | "unchecked";
  readonly message: string;
  /** Further lines: differences, a table. */
  readonly details?: readonly string[] | undefined;
}

/** Whether an artifact is verified: it was rebuilt, and nothing that was asked for fails. */
export function isVerified(checks: readonly Check[]): boolean {
  return (
    checks.some(({ name, outcome }) => name === "rebuild" && outcome === "holds") &&
    checks.every(({ outcome }) => outcome !== "fails")
  );
}

const MARKS: Readonly<Record<Check["outcome"], string>> = { holds: "ok", fails: "FAILED", unchecked: "-" };

/** The checks as lines of text that cannot control a terminal. */
export function renderChecks(checks: readonly Check[]): string[] {
  return checks.flatMap(({ name, outcome, message, details = [] }) => [
    printable(`${MARKS[outcome].padEnd(7)} ${name.padEnd(13)} ${message}`),
    ...details.map((line) => printable(`        ${line}`)),
  ]);
}
