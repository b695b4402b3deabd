/**
 * `Recipe`: what an image is made of, after includes, profiles and defaults. Plain readonly data (contract §1).
 * What users write is `ImageInput` in schema.ts; `loadRecipe` and `defineImage` turn one into the other.
 */

import { type KeyPath, type Origin, pointerOf } from "./origin.js";
import type { RecipeDisk, RecipeKernel, RecipeRoot, RecipeSource } from "./recipe-parts.js";

/** A file or directory of the host that the recipe names. */
export interface RecipeFile {
  /** Relative to the recipe's directory, with `/`: what messages, digests and manifests show. */
  readonly name: string;
  /** Absolute path on this host: only for opening it. */
  readonly path: string;
}

/** One word of `packages`: `curl`, `curl=8.*`, `foo/trixie-backports`, `foo:i386`, `-bar`. */
export interface PackageRequest {
  /** As it was written. */
  readonly text: string;
  readonly name: string;
  readonly architecture?: string | undefined;
  /** A version, or a glob over versions (`8.*`). */
  readonly version?: string | undefined;
  /** The suite (or codename) it must come from. */
  readonly suite?: string | undefined;
  /** `-bar`: must not be installed. */
  readonly exclude: boolean;
}

/** `archive.extra`: a further suite of Debian (no `uri`) or another archive with its own key. */
export interface RecipeExtraArchive {
  /** Absent: another suite of Debian's own archive. */
  readonly uri?: string | undefined;
  readonly suite: string;
  readonly components: readonly string[];
  /** The armoured or binary OpenPGP key; there for every archive with a `uri`. */
  readonly signedBy?: RecipeFile | undefined;
  /** Globs over package names that may be chosen from it. */
  readonly packages: readonly string[];
}

/** Where packages come from. */
export interface RecipeArchive {
  readonly suite: string;
  readonly components: readonly string[];
  /** The key of the main archive, where that is not Debian's own; `mirror` or `--mirror` says where it is. */
  readonly signedBy?: RecipeFile | undefined;
  /** `20260815T000000Z`. */
  readonly snapshot?: string | undefined;
  /** `auto`, or base URLs without a trailing slash. */
  readonly mirror: "auto" | { readonly debian?: string | undefined; readonly security?: string | undefined };
  readonly security: boolean;
  readonly updates: boolean;
  readonly extra: readonly RecipeExtraArchive[];
}

/** What an override says a maintainer script leaves behind. Text is Unicode; it enters the tree as UTF-8. */
export type RecipeEffect = {
  readonly path: string;
  readonly owner: string | number;
  readonly group: string | number;
} & (
  | { readonly type: "file"; readonly content: string; readonly mode: number }
  | { readonly type: "directory"; readonly mode: number }
  | { readonly type: "symlink"; readonly target: string }
  | { readonly type: "absent" }
);

/** The names of maintainer scripts that can be overridden. */
export type MaintainerScript = "preinst" | "postinst" | "prerm" | "postrm" | "config";

/** A maintainer script that is not interpreted, pinned to its sha256. */
export interface RecipeOverride {
  readonly package: string;
  readonly script: MaintainerScript;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly reason: string;
  /** Empty: skipped. */
  readonly effects: readonly RecipeEffect[];
}

/** A directory or tar laid over the tree. */
export interface RecipeTree {
  readonly source: RecipeFile;
  /** Absolute path in the image. */
  readonly target: string;
  /** Of the files in it; absent: 0755 for executables, else 0644 (a tar: as in the tar). */
  readonly mode?: number | undefined;
  /** Absent: root (a tar: as in the tar). */
  readonly owner?: string | number | undefined;
  readonly group?: string | number | undefined;
}

export interface RecipeGroup {
  readonly name: string;
  readonly system: boolean;
  /** Pinned; else the lock's `ids` has it. */
  readonly gid?: number | undefined;
}

export interface RecipeUser {
  readonly name: string;
  readonly system: boolean;
  /** Pinned; else the lock's `ids` has it. */
  readonly uid?: number | undefined;
  /** The primary group; a group of the user's own name is made if nothing else is stated. */
  readonly group: string;
  /** Supplementary groups. */
  readonly groups: readonly string[];
  readonly home: string;
  readonly shell: string;
  readonly gecos: string;
  /** A crypt(5) hash for /etc/shadow; `!` (no password fits) by default. */
  readonly passwordHash: string;
}

export interface RecipeServices {
  readonly enable: readonly string[];
  readonly disable: readonly string[];
  readonly mask: readonly string[];
}

/** Mode and owner of one path of the finished tree. */
export interface RecipePermission {
  readonly path: string;
  readonly mode?: number | undefined;
  readonly owner?: string | number | undefined;
  readonly group?: string | number | undefined;
}

export interface RecipeScript {
  readonly file: RecipeFile;
  /** `shell`: interpreted over the tree. `sandbox`: run natively in the tree. */
  readonly in: "shell" | "sandbox";
  /** The name ends in `.chroot`: `/` is the tree. */
  readonly chroot: boolean;
}

export type ScriptStage = "prepare" | "build" | "postinst" | "finalize" | "postoutput";

/** A variable that scripts and templates see. */
export interface RecipeVariable {
  /** Absent where it was to come from the host, is not set there and has no default: `checkEnvironment` refuses it. */
  readonly value?: string | undefined;
  readonly fromHost: boolean;
  /** Never in a manifest, log, lock or cache, not even as a hash. */
  readonly secret: boolean;
}

/** Every output `outputs` and `--format` know. */
export const formats = [
  "uki",
  "kernel",
  "initrd",
  "tar",
  "cpio",
  "squashfs",
  "ext4",
  "erofs",
  "raw",
  "qcow2",
  "vhd",
  "gcp",
] as const;
export type Format = (typeof formats)[number];

/** The formats that are a whole disk. */
export const diskFormats: readonly Format[] = ["raw", "qcow2", "vhd", "gcp"];

export type CompressionType = "zstd" | "gzip" | "lz4" | "none";
export interface RecipeCompression {
  readonly type: CompressionType;
  /** 0 for `none`. */
  readonly level: number;
}

/** A private key of the host with its certificate, or a command that is handed the digest. */
export interface RecipeSigner {
  readonly key?: RecipeFile | undefined;
  readonly certificate?: RecipeFile | undefined;
  readonly signer?: string | undefined;
}

/** What recipes are made from: for `locate`, `show` and the lock's place; no part of the image. */
export interface RecipeProvenance {
  /** The main file, as given; absent for `defineImage`. */
  readonly file?: string | undefined;
  /** Absolute directory that relative names start from. */
  readonly directory: string;
  /** File name of the recipe without its ending (`image`): the lock is `<stem>.lock`. */
  readonly stem: string;
  /** Merged plain data before defaults, paths as in `RecipeFile.name`. */
  readonly merged: unknown;
  /** JSON pointer into `merged` → where it was stated. */
  readonly origins: Readonly<Record<string, Origin>>;
}

/** A whole recipe. */
export interface Recipe {
  readonly image: string;
  readonly version?: string | undefined;
  /** The profiles that were asked for, in order. */
  readonly profiles: readonly string[];
  /** `image[_version][+profile…]`: the stem of every output. */
  readonly outputName: string;
  readonly architecture: "amd64";
  readonly hostname?: string | undefined;
  readonly timezone?: string | undefined;
  readonly locale?: string | undefined;
  /** crypt(5) hash; absent: root is locked. */
  readonly rootPasswordHash?: string | undefined;
  readonly archive: RecipeArchive;
  readonly base: "essential" | "minbase" | "none";
  readonly packages: readonly PackageRequest[];
  readonly installRecommends: boolean;
  readonly buildPackages: readonly PackageRequest[];
  /** debconf-set-selections lines. */
  readonly debconf: readonly string[];
  readonly overrides: readonly RecipeOverride[];
  readonly skeletonTrees: readonly RecipeTree[];
  readonly extraTrees: readonly RecipeTree[];
  /** JSON (or YAML) file with the data of *.mustache files; absent: nothing is rendered. */
  readonly templates?: { readonly data: RecipeFile } | undefined;
  readonly groups: readonly RecipeGroup[];
  readonly users: readonly RecipeUser[];
  readonly services: RecipeServices;
  readonly permissions: readonly RecipePermission[];
  readonly scripts: Readonly<Record<ScriptStage, readonly RecipeScript[]>>;
  readonly sources: readonly RecipeSource[];
  readonly kernel: RecipeKernel;
  readonly stub: { readonly package: PackageRequest } | { readonly file: RecipeFile };
  readonly root: RecipeRoot;
  readonly initrd: { readonly compression: RecipeCompression };
  readonly disk: RecipeDisk;
  /** Names of packages. */
  readonly removePackages: readonly string[];
  readonly cleanPackageMetadata: boolean;
  /** Globs, absolute. */
  readonly removeFiles: readonly string[];
  /** Seconds. */
  readonly sourceDateEpoch: number;
  /** UUID, lower case: see ids.ts. */
  readonly seed: string;
  /** By name, in byte order of the names. */
  readonly environment: Readonly<Record<string, RecipeVariable>>;
  readonly outputs: readonly Format[];
  /** Absent: no measurements file. */
  readonly measure?: { readonly allow: readonly string[] } | undefined;
  readonly secureBoot?: RecipeSigner | undefined;
  readonly pcrSigning?: (RecipeSigner & { readonly phases: readonly string[] }) | undefined;
  readonly provenance: RecipeProvenance;
}

/** Where a value was stated: the place of the value itself, else of what contains it, else undefined (a default). */
export function locate(recipe: Recipe, path: KeyPath): Origin | undefined {
  const { origins } = recipe.provenance;
  for (let length = path.length; length > 0; length--) {
    const origin = origins[pointerOf(path.slice(0, length))];
    if (origin !== undefined) return origin;
  }
  return undefined;
}

/** Whether the environment has a value that is to stay out of manifest, log, lock and cache. */
export function hasSecret(recipe: Recipe): boolean {
  return Object.values(recipe.environment).some(({ secret }) => secret);
}
