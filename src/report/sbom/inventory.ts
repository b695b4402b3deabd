/**
 * The inventory: what an image is made of, in the words of no particular standard. Both kinds of SBOM are written from it.
 */
import type { ManifestOutput } from "../manifest.js";
import type { ReadLicences } from "./read-copyright.js";

/** What an image takes of a package. */
export type PackageRole = "root" | "kernel" | "stub" | "initramfs";

/** A source package of Debian. */
export interface SourcePackage {
  readonly name: string;
  readonly version: string;
  readonly packageUrl: string;
}

/** One .deb. */
export interface InventoryPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Of the .deb, lower-case hex. */
  readonly sha256: string;
  /** Name of the .deb. */
  readonly fileName: string;
  /** Where it can be fetched; absent where that is not certain. */
  readonly url?: string | undefined;
  readonly packageUrl: string;
  readonly roles: readonly PackageRole[];
  /** It took part in configuring the others and left the tree (`removePackages`). */
  readonly removed: boolean;
  /** Whether it is of Debian's own archive. */
  readonly isDebian: boolean;
  readonly maintainer?: string | undefined;
  readonly homepage?: string | undefined;
  /** First line of its description. */
  readonly summary?: string | undefined;
  readonly source: SourcePackage;
  /** Sources whose parts are in it, other than its own. */
  readonly builtUsing: readonly SourcePackage[];
  readonly staticBuiltUsing: readonly SourcePackage[];
  /** Absent: its copyright file is not machine-readable. */
  readonly licences?: ReadLicences | undefined;
  /** sha256 of the packages that satisfy its Pre-Depends and Depends. */
  readonly dependsOn: readonly string[];
}

/** How the image uses a file of the recipe: it holds it, or is made with it. */
export type FileUse = "contained" | "input";

/** A file that the recipe names. */
export interface InventoryFile {
  /** Relative to the recipe's directory, with `/`. */
  readonly name: string;
  readonly use: FileUse;
  readonly bytes: number;
  readonly sha256: string;
}

/** Everything that an SBOM tells. */
export interface Inventory {
  readonly tool: { readonly name: string; readonly version: string };
  /** Stem of the outputs. */
  readonly name: string;
  readonly version?: string | undefined;
  readonly architecture: string;
  /** Seconds since 1970: the time that the documents bear. */
  readonly sourceDateEpoch: number;
  readonly lockDigest: string;
  /** What was built; empty where only a recipe is described. */
  readonly outputs: readonly ManifestOutput[];
  readonly packages: readonly InventoryPackage[];
  readonly files: readonly InventoryFile[];
}

/** Every source of an inventory once, by package URL, in the order of the packages. */
export function sourcesOf({ packages }: Inventory): readonly SourcePackage[] {
  const all = packages.flatMap(({ source, builtUsing, staticBuiltUsing }) => [
    source,
    ...builtUsing,
    ...staticBuiltUsing,
  ]);
  return [...new Map(all.map((source) => [source.packageUrl, source])).values()];
}

/** A moment as the documents write it: `1970-01-01T00:00:00Z`. */
export function timestampOf({ sourceDateEpoch }: Pick<Inventory, "sourceDateEpoch">): string {
  return new Date(sourceDateEpoch * 1000).toISOString().replace(".000Z", "Z");
}

/** Letters, digits and dashes: what identifiers of the documents are made of. */
export function plainId(text: string): string {
  return text.replace(/[^A-Za-z0-9.]+/g, "-").replace(/^-+|-+$/g, "");
}
