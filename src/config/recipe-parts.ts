/**
 * The larger parts of a `Recipe`: kernel, root, disk and sources (contract §1 and §1.2).
 */

import type { PackageRequest, RecipeCompression, RecipeFile, RecipeVariable } from "./recipe.js";

/** Where the kernel comes from. */
export type RecipeKernelSource =
  | { readonly kind: "package"; readonly package: PackageRequest }
  | {
      readonly kind: "image";
      readonly image: RecipeFile;
      /** `uname -r`; absent: read from the bzImage. */
      readonly version?: string | undefined;
      /** A directory with `lib/modules/<version>` or the version directory itself. */
      readonly modulesFrom?: RecipeFile | undefined;
    }
  | {
      readonly kind: "build";
      /** A package of Debian with the source. */
      readonly source: PackageRequest;
      readonly config: RecipeFile;
      readonly fragments: readonly RecipeFile[];
      readonly patches: readonly RecipeFile[];
    };

export interface RecipeKernel {
  readonly source: RecipeKernelSource;
  /** Names of modules to keep, with their dependencies. */
  readonly modules: "all" | readonly string[];
  /** Modules that /init loads, in this order. */
  readonly load: readonly string[];
  /** Words; each without control characters, together at most 2047 bytes with single spaces between them. */
  readonly commandLine: readonly string[];
}

export interface RecipeRoot {
  readonly format: "initramfs" | "squashfs" | "ext4" | "erofs";
  readonly location: "disk" | "initramfs";
  readonly verity: boolean;
  readonly overlay: "tmpfs" | "none";
  /** Absent: the smallest that fits. */
  readonly sizeBytes?: number | undefined;
  readonly compression: RecipeCompression;
}

export interface RecipePartition {
  /** A word of the Discoverable Partitions Specification as in the contract, or a type UUID. */
  readonly type: string;
  readonly label?: string | undefined;
  readonly sizeBytes?: number | undefined;
  readonly format?: "ext4" | "vfat" | "none" | undefined;
}

export interface RecipeDisk {
  readonly sizeBytes: number | "auto";
  readonly espSizeBytes: number | "auto";
  /** `gcp-flashbots`: exactly the disk whose partition table Flashbots' Google Cloud images have measured. */
  readonly layout: "standard" | "gcp-flashbots";
  /** Empty: what the layout says. */
  readonly partitions: readonly RecipePartition[];
}

/** Where the text of a source comes from. */
export type RecipeSourceOrigin =
  | {
      readonly kind: "git";
      readonly url: string;
      readonly tag?: string | undefined;
      readonly branch?: string | undefined;
      /** 40 (or 64) hex digits; absent: the lock pins it. */
      readonly commit?: string | undefined;
    }
  | { readonly kind: "tarball"; readonly url: string; readonly sha256: string }
  | { readonly kind: "path"; readonly path: RecipeFile };

/** Software built from source, contract §1.2. */
export interface RecipeSource {
  readonly name: string;
  /** Absent where only a ready `binary` is named. */
  readonly origin?: RecipeSourceOrigin | undefined;
  readonly vendor: "cargo" | "go" | "none";
  readonly build?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Path in the source tree → path in the image. */
  readonly install: Readonly<Record<string, string>>;
  /** The variable of the host that names a ready binary, with what it was. */
  readonly binary?: { readonly name: string; readonly variable: RecipeVariable } | undefined;
}
