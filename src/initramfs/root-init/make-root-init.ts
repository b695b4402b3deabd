/**
 * The tree of the initramfs that mounts a file-system root: busybox with links for what /init calls, /init, /settings, the kernel's modules,
 * and for verity dmsetup with its libraries. Nothing else.
 */

import { moduleNameOf } from "../../rootfs/helpers/depmod/module-info.js";
import { Tree } from "../../rootfs/tree/tree.js";
import { elfClosure } from "./elf-closure.js";
import { INIT_APPLETS, INIT_SCRIPT } from "./init-script.js";
import type { RootModule } from "./root-modules.js";

/** What it is made of. */
export interface RootInitParts {
  /** The packages of the lock's `initramfs`, laid over each other. */
  readonly packages: Tree;
  readonly modules: readonly RootModule[];
  readonly verity: boolean;
  /** Seconds. */
  readonly epoch: number;
}

const DIRECTORIES = ["/bin", "/dev", "/lower", "/modules.d", "/proc", "/root", "/sys", "/upper"];

/** Makes the tree; /settings is still to come. @throws AssembleError `initramfs/program-missing` */
export function makeRootInit({ packages, modules, verity, epoch }: RootInitParts): Tree {
  const tree = new Tree({ epoch });
  for (const path of DIRECTORIES) tree.mkdirs(path, { mode: 0o755 });
  const programs = ["/usr/bin/busybox", ...(verity ? ["/usr/sbin/dmsetup"] : [])];
  for (const path of elfClosure(packages, programs)) {
    const { content } = packages.file(path);
    tree.mkdirs(path.slice(0, path.lastIndexOf("/")), { mode: 0o755 });
    tree.write(path, content, { mode: 0o755 });
  }
  for (const name of INIT_APPLETS) tree.symlink("/usr/bin/busybox", `/bin/${name}`);
  tree.add("/dev/console", { type: "char", major: 5, minor: 1, links: 0, mode: 0o600, uid: 0, gid: 0, mtime: epoch });
  const lines = modules.map(({ modules: chain, isRequired }) => {
    const paths = chain.map(({ path, bytes }) => {
      // Named as in /sys/module.
      const target = `/modules.d/${moduleNameOf(path)}.ko`;
      tree.write(target, bytes, { mode: 0o644 });
      return target;
    });
    return `${isRequired ? "required" : "optional"} ${paths.join(" ")}\n`;
  });
  tree.write("/modules", lines.join(""), { mode: 0o644 });
  tree.write("/init", INIT_SCRIPT, { mode: 0o755 });
  return tree;
}
