/**
 * The kernel modules that mounting a file-system root takes, and the order to load them in.
 */

import { moduleNameOf } from "../../rootfs/helpers/depmod/module-info.js";
import {
  loadOrder,
  type ModuleCatalogue,
  type SelectedModule,
  selectModules,
} from "../../rootfs/modules/select-modules.js";

/** What decides which modules are needed. */
export interface RootNeeds {
  readonly format: "squashfs" | "ext4" | "erofs";
  readonly onDisk: boolean;
  readonly verity: boolean;
  readonly overlay: boolean;
}

/** A module to load. */
export interface RootModule {
  /** In the order of loading: what it depends on, and itself. */
  readonly modules: readonly SelectedModule[];
  /** Without it there is no root; else it drives hardware that the machine may not have. */
  readonly isRequired: boolean;
}

/**
 * Disks of virtual machines: QEMU's, Google's (nvme, virtio_scsi), Azure's (hv_storvsc, and nvme behind pci_hyperv). Some kernels (bookworm's) have the bus
 * of virtio as a module, which no driver of a disk depends on.
 */
const DISK_DRIVERS = ["virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "nvme", "hv_storvsc", "pci_hyperv"];

/**
 * The modules in the order of loading; none that is built into the kernel.
 *
 * @throws AssembleError `kernel/module-unknown` for one that is needed and that the kernel does not have
 */
export function rootModules(catalogue: ModuleCatalogue, needs: RootNeeds): readonly RootModule[] {
  // A kernel image without modules has what it needs built in, or the boot fails.
  if (catalogue.files.length === 0) return [];
  const { format, onDisk, verity, overlay } = needs;
  const required = [
    format,
    ...(overlay ? ["overlay"] : []),
    ...(onDisk ? [] : ["loop"]),
    ...(verity ? ["dm_mod", "dm_verity"] : []),
  ];
  const there = new Set(catalogue.files.map(moduleNameOf));
  // sha256_ssse3: five times as fast as the kernel's own, where the CPU can. crc32c: ext4 asks for it by no module's name.
  const hashes = [
    ...(verity ? ["sha256_ssse3"] : []),
    ...(format === "ext4" ? ["crc32c_generic", "crc32c_intel"] : []),
  ];
  const optional = [...(onDisk ? DISK_DRIVERS : []), ...hashes].filter((name) => there.has(name));
  const selected = selectModules(catalogue, [...required, ...optional]);
  const byPath = new Map([...selected.values()].map((module) => [module.path, module]));
  const chain = (isRequired: boolean) => (name: string) => {
    const modules = loadOrder(selected, [name]).map((path) => byPath.get(path)!);
    return modules.length === 0 ? [] : [{ modules, isRequired }];
  };
  // Hashes have to be there before they are asked for: nothing loads modules on request here.
  return [...optional.flatMap(chain(false)), ...required.flatMap(chain(true))];
}
