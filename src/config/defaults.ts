/**
 * Defaults of a recipe: laid under the merged data, so that `show` can print them. Those that depend on other values
 * (levels, accounts' homes, the seed) are filled where the values are resolved.
 */

import type { ImageInput } from "./schema.js";

/** What a recipe is where it says nothing. */
export const defaults = {
  architecture: "amd64",
  archive: { suite: "trixie", components: ["main"], mirror: "auto", security: true, updates: true, extra: [] },
  base: "essential",
  packages: [],
  installRecommends: false,
  buildPackages: [],
  debconf: [],
  overrides: [],
  skeletonTrees: [],
  extraTrees: [],
  groups: [],
  users: [],
  services: { enable: [], disable: [], mask: [] },
  permissions: {},
  scripts: { prepare: [], build: [], postinst: [], finalize: [], postoutput: [] },
  sources: [],
  kernel: { modules: [], load: [], commandLine: [] },
  stub: "systemd-boot-efi",
  root: { format: "initramfs", location: "disk", verity: true, overlay: "tmpfs", compression: { type: "zstd" } },
  initrd: { compression: { type: "zstd" } },
  disk: { size: "auto", espSize: "auto", layout: "standard", partitions: [] },
  removePackages: [],
  cleanPackageMetadata: true,
  removeFiles: [],
  sourceDateEpoch: 0,
  environment: {},
  outputs: ["uki"],
  measure: false,
} satisfies ImageInput;

/** The kernel of a recipe that states none. */
export const defaultKernelPackage = "linux-image-cloud-amd64";
