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
