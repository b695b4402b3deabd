/**
 * What `inspect` says of an artifact: plain data, printed as it is with `--json`.
 */

import type { Segment } from "./walk-initramfs.js";

/** What is said of any artifact. */
export interface InspectionBase {
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** One section of a PE file. */
export interface SectionSummary {
  readonly name: string;
  /** Address when loaded, relative to the image's base. */
  readonly virtualAddress: number;
  /** Bytes, without padding. */
  readonly size: number;
  readonly fileOffset: number;
  readonly sha256: string;
}

/** How many files of which kind, and their bytes. */
export interface TreeSummary {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly hardLinks: number;
  /** Devices, fifos, sockets. */
  readonly special: number;
  /** Bytes of all files. */
  readonly bytes: number;
}

/** An initramfs. */
export interface InitramfsSummary {
  readonly segments: readonly Segment[];
  readonly tree: TreeSummary;
}

/** A PE file: a UKI where it has a `.linux` section, else a stub, a kernel or another program. */
export interface PeInspection extends InspectionBase {
  readonly kind: "uki" | "pe";
  readonly machine: string;
  /** Digests that Secure Boot and measured boot use. */
  readonly authenticode: { readonly sha256: string; readonly sha384: string };
  /** Whether it carries signatures. */
  readonly signed: boolean;
  readonly nxCompat: boolean;
  readonly sections: readonly SectionSummary[];
  /** What `.sdmagic` says: `systemd-stub 257.13-1~deb13u1`. */
  readonly stub?: string;
  /** Of the kernel in `.linux`, or of the file itself. */
  readonly kernel?: { readonly release: string; readonly version: string };
  readonly uname?: string;
  readonly commandLine?: string;
  readonly osRelease?: Readonly<Record<string, string>>;
  readonly sbat?: readonly string[];
  readonly initrd?: InitramfsSummary;
}

/** A cpio archive, or several, plain or compressed. */
export interface CpioInspection extends InspectionBase, InitramfsSummary {
  readonly kind: "cpio";
}

/** A Debian package. */
export interface DebInspection extends InspectionBase {
  readonly kind: "deb";
  readonly members: readonly { readonly name: string; readonly size: number }[];
  /** The fields of its control file, in order. */
  readonly control: Readonly<Record<string, string>>;
  /** Maintainer scripts and other control files. */
  readonly controlFiles: readonly string[];
  readonly tree: TreeSummary;
}

/** What `inspect` says of an artifact. */
export type Inspection = PeInspection | CpioInspection | DebInspection;
