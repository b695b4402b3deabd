/**
 * What `inspect` says of an artifact: plain data, printed as it is with `--json`.
 */

import type { DiskContainer } from "../../gpt/open-disk.js";
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

/** A file system, or what is wrong with it. */
export type FileSystemSummary =
  | {
      /** `fat16`, `fat32` */
      readonly format: string;
      readonly id: string;
      readonly label?: string;
      readonly tree: TreeSummary;
    }
  | { readonly format: "damaged"; readonly problem: string };

/** One partition. */
export interface PartitionSummary {
  readonly number: number;
  /** The recipe's word (`esp`), or a UUID. */
  readonly type: string;
  readonly uuid: string;
  readonly label: string;
  readonly startLba: number;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly attributes: string;
  /** Absent where none is known. */
  readonly fileSystem?: FileSystemSummary;
}

/** A disk, or a file system alone. */
export interface DiskInspection extends InspectionBase {
  readonly kind: "disk";
  readonly container: DiskContainer;
  /** What a guest sees. */
  readonly diskBytes: number;
  /** Absent where there is none, and for an archive, which cannot be read at any place. */
  readonly gpt?: {
    readonly uuid: string;
    readonly firstUsableLba: number;
    readonly lastUsableLba: number;
    readonly partitions: readonly PartitionSummary[];
    /** What is wrong with it; empty for a sound one. */
    readonly problems: readonly string[];
  };
  /** Of a disk without partitions. */
  readonly fileSystem?: FileSystemSummary;
}

/** An ext4 file system. */
export interface Ext4Inspection extends InspectionBase {
  readonly kind: "ext4";
  readonly uuid: string;
  readonly label: string;
  readonly blockSize: number;
  readonly blocksCount: number;
  /** In the words of dumpe2fs. */
  readonly features: readonly string[];
  readonly tree: TreeSummary;
}

/** A squashfs image. */
export interface SquashfsInspection extends InspectionBase {
  readonly kind: "squashfs";
  /** Of data blocks: zstd, gzip, xz, lz4, or none. */
  readonly compression: string;
  readonly blockSize: number;
  readonly inodes: number;
  readonly fragments: number;
  readonly mtimeSeconds: number;
  readonly tree: TreeSummary;
}

/** A tar archive. */
export interface TarInspection extends InspectionBase {
  readonly kind: "tar";
  readonly tree: TreeSummary;
}

/** An EROFS image. */
export interface ErofsInspection extends InspectionBase {
  readonly kind: "erofs";
  readonly uuid: string;
  readonly label: string;
  /** Blocks of 4 KiB. */
  readonly blocksCount: number;
  /** What files may be compressed with. */
  readonly compression: string;
  readonly inodes: number;
  readonly timeSeconds: number;
  readonly tree: TreeSummary;
}

/** What `inspect` says of an artifact. */
export type Inspection =
  | PeInspection
  | CpioInspection
  | DebInspection
  | DiskInspection
  | Ext4Inspection
  | SquashfsInspection
  | TarInspection
  | ErofsInspection;
