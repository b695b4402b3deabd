import { describe, expect, it } from "vitest";
import { rootModules } from "#dist/initramfs/root-init/root-modules.js";
import type { ModuleCatalogue } from "#dist/rootfs/modules/select-modules.js";

/** Modules by name, with what each depends on. */
function catalogue(depends: Readonly<Record<string, string>>, builtin = ""): ModuleCatalogue {
  return {
    version: "6.12",
    files: Object.keys(depends).map((name) => `kernel/${name}.ko.xz`),
    builtin,
    read: (path) => {
      const name = path.slice(7, -6);
      const info = { name, modinfo: new Map([["depends", [depends[name]!]]]), exports: [], needs: [] };
      return { info, bytes: new TextEncoder().encode(name) };
    },
  };
}

const MODULES = {
  ...{ squashfs: "zstd", zstd: "", overlay: "", "dm-mod": "", "dm-verity": "dm-mod,dm-bufio", "dm-bufio": "dm-mod" },
  ...{ virtio_blk: "", hv_storvsc: "hv_vmbus", hv_vmbus: "", loop: "", fuse: "" },
};
const told = (modules: ReturnType<typeof rootModules>) =>
  modules.map(({ modules: chain, isRequired }) => [isRequired, ...chain.map(({ info }) => info.name)]);

describe("rootModules", () => {
  it("loads drivers where there are some, then what the root needs, each behind what it depends on", () => {
    const needs = { format: "squashfs", onDisk: true, verity: true, overlay: true } as const;
    expect(told(rootModules(catalogue(MODULES), needs))).toEqual([
      [false, "virtio_blk"],
      [false, "hv_vmbus", "hv_storvsc"],
      [true, "zstd", "squashfs"],
      [true, "overlay"],
      [true, "dm-mod"],
      [true, "dm-mod", "dm-bufio", "dm-verity"],
    ]);
  });

  it("loads the bus of virtio first where it is a module", () => {
    const needs = { format: "squashfs", onDisk: true, verity: false, overlay: false } as const;
    const modules = { ...MODULES, virtio_pci: "virtio", virtio: "" };
    expect(told(rootModules(catalogue(modules), needs)).slice(0, 2)).toEqual([
      [false, "virtio", "virtio_pci"],
      [false, "virtio_blk"],
    ]);
  });

  it("takes no driver and no verity for a root that is carried, and nothing that is built in", () => {
    const needs = { format: "ext4", onDisk: false, verity: false, overlay: false } as const;
    const builtin = "kernel/fs/ext4/ext4.ko\n";
    expect(told(rootModules(catalogue(MODULES, builtin), needs))).toEqual([[true, "loop"]]);
    expect(() => rootModules(catalogue(MODULES), needs)).toThrow(
      expect.objectContaining({ code: "kernel/module-unknown" }),
    );
  });

  it("asks a kernel without any modules for none", () => {
    const needs = { format: "squashfs", onDisk: true, verity: true, overlay: true } as const;
    expect(rootModules(catalogue({}), needs)).toEqual([]);
  });
});
