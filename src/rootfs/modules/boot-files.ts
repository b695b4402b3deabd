/**
 * What a tree needs to boot, whatever its modules are: /init, the directories to mount on, and what loads modules.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import type { Tree } from "../tree/tree.js";
import { defaultInit } from "./load-script.js";

/** Makes /init where the tree has none. */
export function addDefaultInit(tree: Tree, options: { readonly isInitramfs: boolean }): void {
  if (tree.lookup("/init", { follow: false }) === undefined) tree.write("/init", defaultInit(options), { mode: 0o755 });
}

/** Makes the directories that file systems are mounted on at boot: a read-only root cannot get them any more. */
export function addMountPoints(tree: Tree): void {
  for (const path of ["/dev", "/proc", "/run", "/sys"]) if (tree.lookup(path) === undefined) tree.mkdirs(path);
  if (tree.lookup("/tmp") === undefined) tree.mkdir("/tmp", { mode: 0o1777 });
}

/** Refuses to load modules at boot with a tree that cannot. @throws AssembleError `kernel/insmod-missing` */
export function requireInsmod(tree: Tree): void {
  const places = ["/sbin/insmod", "/usr/sbin/insmod", "/bin/busybox", "/usr/bin/busybox"];
  if (places.some((path) => tree.lookup(path) !== undefined)) return;
  throw new AssembleError(
    "kernel/insmod-missing",
    "Cannot load modules at boot: the tree has no insmod, kernel.load wants one",
    { hint: "add kmod (or busybox) to packages, or empty kernel.load" },
  );
}

/**
 * Refuses modules that were not built for the kernel image.
 *
 * @throws AssembleError `kernel/version-mismatch`
 */
export function checkKernelVersion(imageVersion: string, modulesVersion: string): void {
  if (imageVersion === modulesVersion) return;
  throw new AssembleError(
    "kernel/version-mismatch",
    `Cannot use the modules of ${modulesVersion}: the kernel image is ${imageVersion}, modules of the same version were wanted`,
  );
}

/** Since when Linux reads EROFS compressed so (64 KiB clusters of lz4: 5.13), major and minor number. */
const EROFS_SINCE = { none: [5, 4], lz4: [5, 13], gzip: [6, 6], zstd: [6, 10] } as const;

/**
 * Refuses an EROFS root that the kernel is too old for: the machine would stop before its first program.
 *
 * @throws AssembleError `kernel/root-unreadable`
 */
export function checkErofsRoot(release: string, compression: keyof typeof EROFS_SINCE): void {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  const [wantedMajor, wantedMinor] = EROFS_SINCE[compression];
  const isOlder = Number(major) < wantedMajor || (Number(major) === wantedMajor && Number(minor) < wantedMinor);
  if (!isOlder) return;
  const how = compression === "none" ? "" : ` compressed with ${compression}`;
  throw new AssembleError(
    "kernel/root-unreadable",
    `Cannot make an EROFS root${how}: the kernel is ${release}, Linux ${wantedMajor}.${wantedMinor} or later was wanted`,
    { hint: "set root.compression.type to lz4, or root.format to squashfs" },
  );
}
