/**
 * Where a configuration file is put: its path, diverted, and where a symbolic link that the administrator made there leads.
 */
import { createHash } from "node:crypto";
import type { DpkgDatabase } from "./dpkg-database.js";

/** Suffix of a configuration file until it is installed. */
export const NEW_SUFFIX = ".dpkg-new";

/** The path that a package's configuration file goes to. */
export function conffileTarget(database: DpkgDatabase, path: string, packageName: string): string {
  const target = database.diversions.trueName(path, packageName);
  const { tree } = database;
  if (tree.lookup(target, { follow: false })?.type !== "symlink") return target;
  return tree.lookup(target)?.type === "file" ? tree.realpath(target) : target;
}

/** The md5 of bytes as hexadecimal digits: dpkg's digest of configuration files. */
export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
