/**
 * Under which names a package can satisfy a relation: its own, those of its Provides, and `name:any`.
 *
 * Specification: Debian Policy §7.5, and the Multiarch specification for `:any`: only packages with `Multi-Arch: allowed`
 * satisfy it, through their own name or a provided one.
 */
import type { PackageRecord } from "./package.js";
import { type Alternative, versionFits } from "./relation.js";

/** What is needed of a record here. */
export type Provider = Pick<PackageRecord, "name" | "version" | "multiArch" | "provides">;

/** One name that a package can be found by. */
export interface ProvidedKey {
  /** See `targetKey` of relation.ts. */
  readonly key: string;
  /** Undefined: satisfies only relations without a version. */
  readonly version: string | undefined;
}

/** The names of a package beside its own, in the order of the field. */
export function providedKeys(record: Provider): readonly ProvidedKey[] {
  const isAllowed = record.multiArch === "allowed";
  const keys: ProvidedKey[] = isAllowed ? [{ key: `${record.name}:any`, version: record.version }] : [];
  for (const provide of record.provides) {
    if (isAllowed) keys.push({ key: `${provide.name}:any`, version: provide.version });
    keys.push({ key: provide.name, version: provide.version });
  }
  return keys;
}

/** Whether a name with this version fits an alternative's `(operator version)`. */
export function keyFits(key: ProvidedKey, alternative: Alternative): boolean {
  return alternative.operator === undefined || (key.version !== undefined && versionFits(key.version, alternative));
}
