/**
 * The packages whose programs mount a root that is a file system: taken apart, as the kernel is, and named by the lock.
 */

import type { Recipe } from "./recipe.js";

/**
 * Names of the packages that the initramfs of a file-system root is made of; none where the root is the initramfs itself.
 *
 * With verity libc is there for dmsetup, which busybox can then share: that is smaller than a static one.
 */
export function rootPackageNames({ root }: Pick<Recipe, "root">): readonly string[] {
  if (root.format === "initramfs") return [];
  return usesVerity(root) ? ["busybox", "dmsetup"] : ["busybox-static"];
}

/** Whether dm-verity guards the root: what the UKI carries needs none, since the UKI is measured as a whole. */
export function usesVerity(root: Recipe["root"]): boolean {
  return root.format !== "initramfs" && root.location === "disk" && root.verity;
}
