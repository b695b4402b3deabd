/**
 * The kernel: out of Debian's packages, unpacked apart, or an image that the recipe names. Its modules go into the tree.
 */
import type { FileContent } from "../bytes/content.js";
import type { LockEntry } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { readHostDirectory, readHostEntry } from "../io/host-directory.js";
import { addDefaultInit, checkKernelVersion, installModules } from "../rootfs/modules/install-modules.js";
import { catalogueOf, type KernelFiles, kernelFromPackages, shippedFiles } from "../rootfs/modules/kernel-files.js";
import type { Tree } from "../rootfs/tree/tree.js";
import { readBzImage } from "../uki/bzimage.js";
import { openPackages } from "./open-packages.js";
import type { Session } from "./session.js";

/** A kernel for the UKI. */
export interface Kernel {
  readonly image: FileContent;
  /** `uname -r`, as the image says. */
  readonly release: string;
}

/** Reads the kernel and puts its chosen modules into the tree. @throws AssembleError `kernel/…`, `uki/kernel-invalid` */
export async function addKernel(
  session: Session,
  tree: Tree,
  input: { readonly recipe: Recipe; readonly entry: LockEntry },
): Promise<Kernel> {
  const { recipe } = input;
  const files = await readKernel(session, input);
  const { release } = await readBzImage(files.image);
  const stated = recipe.kernel.source.kind === "image" ? recipe.kernel.source.version : undefined;
  if (stated !== undefined) checkKernelVersion(release, stated);
  if (files.modulesVersion !== undefined) checkKernelVersion(release, files.modulesVersion);
  installModules(tree, {
    catalogue: catalogueOf(files),
    modules: recipe.kernel.modules,
    load: recipe.kernel.load,
    decompress: recipe.initrd.compression.type !== "none",
    shipped: shippedFiles(files),
    contentOf: (path) => files.modules.get(path)!,
  });
  addDefaultInit(tree);
  return { image: files.image, release };
}

async function readKernel(
  session: Session,
  { recipe, entry }: { readonly recipe: Recipe; readonly entry: LockEntry },
): Promise<KernelFiles> {
  const { source } = recipe.kernel;
  if (source.kind === "image") {
    const image = await readImage(source.image);
    if (source.modulesFrom === undefined) return { image, modulesVersion: undefined, modules: new Map() };
    return { image, ...(await readModulesDirectory(source.modulesFrom)) };
  }
  const debs = await openPackages(session, { recipe, entry, rows: entry.kernel });
  const name = source.kind === "package" ? source.package.name : source.source.name;
  return kernelFromPackages(
    entry.kernel.map((row) => debs.get(row.sha256)!),
    name,
  );
}

async function readImage(file: { readonly name: string; readonly path: string }): Promise<FileContent> {
  const entry = await readHostEntry(file.path, file.name).catch((cause: unknown) => {
    throw new AssembleError("kernel/image-missing", `Cannot use the kernel ${file.name}: ${(cause as Error).message}`, {
      cause,
    });
  });
  if (entry.content !== undefined) return entry.content;
  throw new AssembleError(
    "kernel/image-missing",
    `Cannot use the kernel ${file.name}: it is a ${entry.type}, a file was wanted`,
  );
}

async function readModulesDirectory(directory: {
  readonly name: string;
  readonly path: string;
}): Promise<Pick<KernelFiles, "modulesVersion" | "modules">> {
  const entries = await readHostDirectory(directory.path);
  const modules = new Map<string, FileContent>();
  let modulesVersion: string | undefined;
  for (const { path, content } of entries) {
    if (content === undefined) continue;
    const nested = /(?:^|\/)lib\/modules\/([^/]+)\/(.+)$/.exec(path);
    if (nested !== null) {
      modulesVersion = nested[1]!;
      modules.set(nested[2]!, content);
    } else if (entries.some((entry) => entry.path === "modules.order")) modules.set(path, content);
  }
  modulesVersion ??= directory.path.replace(/\/+$/, "").split("/").at(-1);
  if (modules.size === 0)
    throw new AssembleError(
      "kernel/modules-missing",
      `Cannot take modules from ${directory.name}: it holds no lib/modules/<version> and no modules.order`,
    );
  return { modulesVersion, modules };
}
