/**
 * What a kernel is made of: its image and its module files, out of Debian's packages or a directory of the host.
 */
import type { FileContent } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** A kernel. */
export interface KernelFiles {
  readonly image: FileContent;
  /** `uname -r`: the directory below lib/modules. Undefined where there are no modules. */
  readonly modulesVersion: string | undefined;
  /** Files below `lib/modules/<version>/`, by path. */
  readonly modules: ReadonlyMap<string, FileContent>;
}

/** An entry of a package, as far as it is needed here. */
interface PackageEntry {
  readonly path: string;
  readonly content?: FileContent | undefined;
}

/** Files that the kernel's own build makes beside the modules. */
const SHIPPED = ["modules.order", "modules.builtin", "modules.builtin.modinfo"];

/**
 * Finds image and modules in the entries of the kernel's packages.
 *
 * @throws AssembleError `kernel/image-missing`
 */
export function kernelFromPackages(
  packages: readonly { readonly entries: readonly PackageEntry[] }[],
  name: string,
): KernelFiles {
  let image: FileContent | undefined;
  let modulesVersion: string | undefined;
  const modules = new Map<string, FileContent>();
  for (const entry of packages.flatMap((one) => one.entries)) {
    if (entry.content === undefined) continue;
    const path = entry.path.replace(/^\.?\//, "");
    if (/^boot\/vmlinu[xz]-[^/]+$/.test(path)) image = entry.content;
    const module = /^(?:usr\/)?lib\/modules\/([^/]+)\/(.+)$/.exec(path);
    if (module === null) continue;
    modulesVersion = module[1]!;
    modules.set(module[2]!, entry.content);
  }
  if (image === undefined)
    throw new AssembleError(
      "kernel/image-missing",
      `Cannot use the kernel of ${name}: it ships no /boot/vmlinuz-*, a kernel image was wanted`,
    );
  return { image, modulesVersion, modules };
}

/** modules.order and its like, as shipped. */
export function shippedFiles(kernel: KernelFiles): ReadonlyMap<string, FileContent> {
  return new Map(SHIPPED.flatMap((name) => (kernel.modules.has(name) ? [[name, kernel.modules.get(name)!]] : [])));
}
