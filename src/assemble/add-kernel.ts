/**
 * The kernel: out of Debian's packages, unpacked apart, or an image that the recipe names. Its modules go into the tree.
 */
import type { FileContent } from "../bytes/content.js";
import { canonicalJson } from "../config/canonical-json.js";
import type { LockEntry } from "../config/lock.js";
import type { Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import { cacheKey } from "../io/cache.js";
import { readHostDirectory, readHostEntry } from "../io/host-directory.js";
import { cachedStep } from "../io/step.js";
import {
  addDefaultInit,
  addMountPoints,
  checkErofsRoot,
  checkKernelVersion,
  requireInsmod,
} from "../rootfs/modules/boot-files.js";
import { type KernelFiles, kernelFromPackages, shippedFiles } from "../rootfs/modules/kernel-files.js";
import { deserializeTree, serializeTree } from "../rootfs/tree/serialize-tree.js";
import { Tree } from "../rootfs/tree/tree.js";
import { readBzImage } from "../uki/bzimage.js";
import { openPackages } from "./open-packages.js";
import type { Session } from "./session.js";
import { toolVersion } from "./tool-version.js";

/** A kernel for the UKI. */
export interface Kernel {
  readonly image: FileContent;
  /** `uname -r`, as the image says. */
  readonly release: string;
  readonly files: KernelFiles;
  /** What the files are made of, for keys of the cache; undefined where too little is known. */
  readonly key: string | undefined;
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
  if (recipe.root.format === "erofs") checkErofsRoot(release, recipe.root.compression.type);
  const key = kernelKey(input, files);
  await addModules(session, tree, { recipe, files, key });
  const isInitramfs = recipe.root.format === "initramfs";
  if (!isInitramfs) addMountPoints(tree);
  addDefaultInit(tree, { isInitramfs });
  return { image: files.image, release, files, key };
}

/** Raised when installing the same modules gives other files. */
const STEP_VERSION = 1;

/** Installs the modules through the cache: decoding them and their indexes is the same work in every build. */
async function addModules(
  session: Session,
  tree: Tree,
  { recipe, files, key }: { readonly recipe: Recipe; readonly files: KernelFiles; readonly key: string | undefined },
): Promise<void> {
  const { modules, load } = recipe.kernel;
  const decompress = recipe.initrd.compression.type !== "none";
  const base = tree.lookup("/lib")?.type === "directory" ? tree.realpath("/lib") : "/usr/lib";
  if (load.length > 0) requireInsmod(tree);
  const install = async (): Promise<Tree> => {
    const { installModules } = await import("../rootfs/modules/install-modules.js");
    const { catalogueOf } = await import("../rootfs/modules/catalogue.js");
    const scratch = new Tree({ epoch: tree.epoch });
    const contentOf = (path: string): FileContent => files.modules.get(path)!;
    installModules(scratch, {
      catalogue: catalogueOf(files),
      modules,
      load,
      decompress,
      base,
      shipped: shippedFiles(files),
      contentOf,
    });
    return scratch;
  };
  if (key === undefined) return graft(await install(), tree);
  const step = {
    name: "modules",
    version: STEP_VERSION,
    key: cacheKey([toolVersion, key, canonicalJson({ modules, load, decompress, base }), String(tree.epoch)]),
  };
  const content = await cachedStep(session.cache, step, async () => serializeTree(await install()));
  graft(deserializeTree(content.read()), tree);
}

/** What the kernel's modules are made of; undefined where there are none, or too little is known to find them again. */
function kernelKey(
  { recipe, entry }: { readonly recipe: Recipe; readonly entry: LockEntry },
  files: KernelFiles,
): string | undefined {
  if (recipe.kernel.source.kind === "package") return entry.kernel.map((row) => row.sha256).join(" ");
  const digests = [...files.modules].map(([path, content]) => [path, content.digest]);
  return digests.length === 0 || digests.some(([, digest]) => digest === undefined)
    ? undefined
    : canonicalJson(digests);
}

/** Moves everything of one tree into another; directories that are there stay as they are. */
function graft(from: Tree, to: Tree): void {
  for (const { path, node } of from.walk()) {
    if (node.type === "directory") to.mkdirs(path, { mode: node.mode });
    else {
      to.removeAll(path);
      if (node.type === "file") node.links = 0;
      to.add(path, node);
    }
  }
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
