/**
 * What differs between two entries of a lock, package by package: what `lock --update` prints.
 */

import { compareText } from "../bytes/order.js";
import type { LockEntry, LockedPackage } from "../config/lock.js";

/** One package that came, went or changed. */
export interface LockChange {
  readonly name: string;
  /** The part of the image it is in. */
  readonly part: "packages" | "kernel" | "stub" | "buildPackages";
  /** Absent: it is new. */
  readonly from?: string | undefined;
  /** Absent: it is gone. */
  readonly to?: string | undefined;
}

const parts = ["packages", "kernel", "stub", "buildPackages"] as const;

/** The changes from one entry to another, by part, then by name. A package rebuilt under the same version counts too. */
export function lockChanges(before: LockEntry | undefined, after: LockEntry): readonly LockChange[] {
  return parts.flatMap((part) => {
    const old = byName(before, part);
    const now = byName(after, part);
    const names = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
    return names.flatMap((name): LockChange[] => {
      const [from, to] = [old.get(name), now.get(name)];
      if (from?.sha256 === to?.sha256) return [];
      return [{ name, part, from: from?.version, to: to?.version }];
    });
  });
}

function byName(entry: LockEntry | undefined, part: (typeof parts)[number]): ReadonlyMap<string, LockedPackage> {
  const rows =
    entry === undefined
      ? []
      : part === "kernel"
        ? entry.kernel
        : part === "stub"
          ? [entry.stub].filter((row) => row !== undefined)
          : entry[part].map((use) => use.package);
  return new Map(rows.map((row) => [row.name, row]));
}
