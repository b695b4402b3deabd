/**
 * The lock: what a recipe was resolved to (contract §2). Types here; reading and writing in lock-file.ts,
 * the digest in lock-digest.ts, account ids in lock-ids.ts.
 *
 * In memory entries hold the package rows themselves; the shared table and the references exist only in the file.
 */

/** Debian's own archive, its security archive, or the URI of another one. */
export type LockedArchiveKind = "debian" | "security" | (string & {});

/** One suite whose signed Release was trusted. */
export interface LockedSuite {
  /** Named by the rows: `archiveId({ archive, suite })`. */
  readonly id: string;
  readonly archive: LockedArchiveKind;
  /** As asked for: `trixie-security`. */
  readonly suite: string;
  /** The Release file's Codename. */
  readonly codename: string;
  readonly components: readonly string[];
  /** The Release file's Date, as ISO 8601 in UTC: `2026-08-15T08:12:13Z`. */
  readonly date: string;
  /** Lower-case hex sha256 of the signed Release that was trusted: of its text, without the signature, be it of Release or of InRelease. */
  readonly sha256: string;
}

/** One package file. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The `id` of a `LockedSuite` of every entry that uses it. */
  readonly archive: string;
  /** The index's Filename: relative to the archive's root. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** The index's Priority: it decides the order of configuring. */
  readonly priority: string;
}

/** A package of the tree, and why it is there. */
export interface LockedUse {
  readonly package: LockedPackage;
  /** 1: came with `base`, resolved and configured first. 2: the rest. */
  readonly stage: 1 | 2;
  /** `base`, `recipe`, or `<package> Depends <relation>`. */
  readonly why: string;
}

/** Whether apt would mark a package as installed for another's sake: nobody asked for it, and it is not of the base. */
export function isAutomatic({ stage, why }: Pick<LockedUse, "stage" | "why">): boolean {
  return stage === 2 && why !== "base" && why !== "recipe";
}

/** A source of the recipe, pinned. */
export interface LockedSource {
  readonly name: string;
  /** `git:<commit>`, `sha256:<hex>`, … */
  readonly pin: string;
}

/** Ids of the recipe's own accounts, also the pinned ones. */
export interface LockedIds {
  readonly users: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
}

/** What one list of profiles was resolved to. */
export interface LockEntry {
  /** In the order given. */
  readonly profiles: readonly string[];
  /** `lockDigest(recipe)`. */
  readonly digest: string;
  readonly suites: readonly LockedSuite[];
  readonly packages: readonly LockedUse[];
  /** Packages of the kernel, unpacked apart. */
  readonly kernel: readonly LockedPackage[];
  /** The package of the UEFI stub, if it is one. */
  readonly stub?: LockedPackage | undefined;
  /** Packages of the initramfs that mounts a file-system root, with all they depend on; absent where there is none. */
  readonly initramfs?: readonly LockedPackage[] | undefined;
  readonly buildPackages: readonly LockedUse[];
  readonly sources: readonly LockedSource[];
  readonly ids: LockedIds;
}

export interface Lock {
  /** One per list of profiles. */
  readonly entries: readonly LockEntry[];
}

/** The id rows use for a suite: `debian trixie`, `security trixie-security`, `https://packages.example.org/debian stable`. */
export function archiveId(suite: { readonly archive: LockedArchiveKind; readonly suite: string }): string {
  return `${suite.archive} ${suite.suite}`;
}
