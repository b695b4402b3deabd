/**
 * Whether others could rebuild the packages that an image is made of: the answer of a rebuilderd instance (its API v0, `pkgs/list`),
 * package by package. Versions and architectures have to be the same; the answer knows no hashes.
 */

import { z } from "zod";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Manifest } from "../manifest.js";
import type { Check } from "./check.js";

/** rebuilderd's words: rebuilt to the same bytes, to other bytes, or not (yet) rebuilt. */
export type PackageStatus = "GOOD" | "BAD" | "UNKWN";

/** One package of an answer. */
export interface RebuiltPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly status: PackageStatus;
}

const schema = z.array(
  z.looseObject({
    name: z.string(),
    version: z.string(),
    architecture: z.string(),
    status: z.enum(["GOOD", "BAD", "UNKWN"]),
  }),
);

/** Where an instance lists its packages; a URL that names a list is taken as it is. */
export function listUrl(instance: string): string {
  return /\/pkgs\/list(\?|$)/.test(instance) ? instance : `${instance.replace(/\/+$/, "")}/api/v0/pkgs/list`;
}

/** The packages of an answer. @throws AssembleError `verify/packages-invalid` */
export function readPackageList(text: string, name: string): readonly RebuiltPackage[] {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch (cause) {
    throw invalid(name, "it is no JSON", cause);
  }
  const result = schema.safeParse(plain);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw invalid(name, `${issue.path.join(".")}: ${issue.message}`, result.error);
}

/** Checks every package of an image; holds only if each was rebuilt to the same bytes. */
export function checkPackages(packages: Manifest["packages"], known: readonly RebuiltPackage[]): Check {
  const statuses = new Map<string, PackageStatus>();
  for (const one of known) {
    const key = keyOf(one);
    // Of several answers the worst counts, but none is better than nothing.
    const before = statuses.get(key);
    if (before === undefined || before === "UNKWN" || one.status === "BAD") statuses.set(key, one.status);
  }
  const rows = packages.map((one) => ({ ...one, status: statuses.get(keyOf(one)) ?? ("UNKWN" as const) }));
  const count = (status: PackageStatus): number => rows.filter((row) => row.status === status).length;
  const widths = [
    5,
    ...(["name", "version"] as const).map((key) => Math.max(0, ...rows.map((row) => row[key].length))),
  ];
  return {
    name: "packages",
    outcome: count("GOOD") === rows.length ? "holds" : "fails",
    message: `${count("GOOD")} of ${rows.length} packages were rebuilt to the same bytes by others, ${count("BAD")} to other bytes, ${count("UNKWN")} are not known`,
    details: rows
      .map(({ status, name, version, architecture, role }) => ({ status, name, version, architecture, role }))
      .sort((a, b) => order(a.status) - order(b.status) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
      .map(({ status, name, version, architecture, role }) =>
        `${[status, name, version].map((text, i) => text.padEnd(widths[i]!)).join("  ")}  ${architecture}${role === "root" ? "" : `  (${role})`}`.trimEnd(),
      ),
  };
}

function order(status: PackageStatus): number {
  return ["BAD", "UNKWN", "GOOD"].indexOf(status);
}

function keyOf({ name, version, architecture }: Omit<RebuiltPackage, "status">): string {
  return `${name} ${version} ${architecture}`;
}

function invalid(name: string, is: string, cause: unknown): AssembleError {
  return new AssembleError(
    "verify/packages-invalid",
    `Cannot read the packages' status in ${name}: ${is}, rebuilderd's list of packages was wanted`,
    { cause },
  );
}
