/**
 * A recipe becomes an image: the pipeline, one line a stage. Read this first.
 *
 *     recipe ─► lock ─► packages ─► tree ─► root file system ─► UKI ─► disk
 */
import { join, sep } from "node:path";
import { addKernel } from "./assemble/add-kernel.js";
import { applyRecipe } from "./assemble/apply-recipe.js";
import { configuredTree } from "./assemble/configured-tree.js";
import type { KeptSignatures } from "./assemble/kept-signatures.js";
import { packOutputs } from "./assemble/pack-outputs.js";
import { readTemplateData, readTrees } from "./assemble/read-trees.js";
import { runStage } from "./assemble/run-stage.js";
import { type Options, openSession, type Session } from "./assemble/session.js";
import { toolVersion } from "./assemble/tool-version.js";
import type { Content } from "./bytes/content.js";
import { hashContent } from "./bytes/hash-content.js";
import { checkEnvironment } from "./config/check-environment.js";
import { checkSupported } from "./config/check-supported.js";
import type { Lock, LockEntry } from "./config/lock.js";
import { currentEntry } from "./config/lock-entry.js";
import { diskFormats, type Format, hasSecret, type Recipe } from "./config/recipe.js";
import { usesVerity } from "./config/root-packages.js";
import type { FileOrigin } from "./initramfs/plan-segments.js";
import { type Manifest, type ManifestOutput, makeManifest } from "./report/manifest.js";
import { normalise } from "./rootfs/overlay/normalise.js";
import type { FileNode } from "./rootfs/tree/node.js";
import type { Tree } from "./rootfs/tree/tree.js";
import { joinCommandLine } from "./uki/command-line.js";

/** A finished image. Its contents read from the cache: call `close` when they are no longer needed. */
export interface Image {
  readonly name: string;
  readonly outputs: ReadonlyMap<Format, Content>;
  /** Files beside the outputs, by the ending of their name: detached signatures, measurements. */
  readonly sidecars: ReadonlyMap<string, Content>;
  readonly tree: Tree;
  readonly manifest: Manifest;
  close(): Promise<void>;
}

/** How to assemble. */
export interface AssembleOptions extends Options {
  readonly lock: Lock;
  /** Instead of the recipe's `outputs`. */
  readonly formats?: readonly Format[] | undefined;
  /** Signatures that were made before, which take the place of new ones: to rebuild without the keys. */
  readonly kept?: KeptSignatures | undefined;
}

/**
 * Assembles an image from a recipe and its lock.
 *
 * @throws AssembleError: `recipe/not-supported-yet`, `lock/missing`, `lock/stale`, and those of the stages
 * @example
 * ```ts
 * const recipe = await loadRecipe("image.yaml");
 * const image = await assemble(recipe, { lock: await lock(recipe) });
 * await writeImage(image, "build");
 * await image.close();
 * ```
 */
export async function assemble(recipe: Recipe, options: AssembleOptions): Promise<Image> {
  const formats = [...new Set(options.formats ?? recipe.outputs)];
  checkSupported(recipe, formats);
  checkEnvironment(recipe);
  if (formats.some((format) => diskFormats.includes(format)))
    (await import("./assemble/pack-disks.js")).checkDisk(recipe);
  const entry = currentEntry(options.lock, recipe);
  const session = openSession(options);
  try {
    return await run(session, { recipe, entry, formats, kept: options.kept });
  } catch (error) {
    await session.close();
    throw error;
  }
}

interface Inputs {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  readonly formats: readonly Format[];
  readonly kept: KeptSignatures | undefined;
}

async function run(session: Session, { recipe, entry, formats, kept }: Inputs): Promise<Image> {
  warnOfSecrets(session, recipe);
  warnOfRoot(session, recipe);
  const data = await readTemplateData(recipe);
  const skeleton = await readTrees(recipe.skeletonTrees, data);
  const extra = await readTrees(recipe.extraTrees, data);

  const tree = await configuredTree(session, { recipe, entry, skeleton });
  const originOf = originsOf(session, tree, entry);
  await session.stage("recipe", () => applyRecipe(session, tree, { recipe, entry, extra }));
  const kernel = await session.stage("kernel", () => addKernel(session, tree, { recipe, entry }));
  await runStage(session, recipe, { stage: "finalize", tree });
  await session.stage("normalise", () => normalise(tree));
  const { outputs, ukiBytes, initramfsBytes, sidecars } = await packOutputs(session, tree, {
    recipe,
    entry,
    kernel,
    originOf,
    formats,
    kept,
  });

  const described = await describe(recipe.outputName, { outputs, sidecars });
  const manifest = makeManifest({
    recipe,
    entry,
    toolVersion,
    kernelRelease: kernel.release,
    commandLine: joinCommandLine(recipe.kernel.commandLine),
    ...measureTree(tree),
    ukiBytes,
    initramfsBytes,
    outputs: described,
  });
  return { name: recipe.outputName, outputs, sidecars, tree, manifest, close: () => session.close() };
}

function warnOfSecrets(session: Session, recipe: Recipe): void {
  if (!hasSecret(recipe)) return;
  const names = Object.keys(recipe.environment).filter((name) => recipe.environment[name]!.secret);
  session.onEvent?.({
    type: "warning",
    code: "recipe/secret-in-image",
    message: `${names.join(", ")} can end in the image: its host can read it, and who lacks the value cannot verify the image`,
    hint: "render it at boot instead",
  });
}

function warnOfRoot(session: Session, { root }: Recipe): void {
  if (root.format === "initramfs" || root.location === "initramfs" || usesVerity(root)) return;
  session.onEvent?.({
    type: "warning",
    code: "recipe/root-unverified",
    message: "root.verity is false: whoever holds the disk can change the root, and no measurement tells",
  });
}

/** What put a file into the tree: asked after the recipe has changed it, answered from what was there before. */
function originsOf(session: Session, tree: Tree, entry: LockEntry): (file: FileNode) => FileOrigin {
  const names = new Map(entry.packages.map(({ package: row }) => [row.sha256, row.name]));
  const base = join(session.cache.root, "deb") + sep;
  const origins = new Map<unknown, FileOrigin>();
  for (const { node } of tree.walk()) {
    if (node.type !== "file") continue;
    const path = node.content.location?.path;
    const name = path?.startsWith(base) ? names.get(path.slice(base.length, base.length + 64)) : undefined;
    origins.set(node.content, name === undefined ? { kind: "configure" } : { kind: "package", name });
  }
  return (file) => origins.get(file.content) ?? { kind: "recipe" };
}

function measureTree(tree: Tree): { readonly rootBytes: number; readonly rootEntries: number } {
  const seen = new Set<FileNode>();
  let rootEntries = 1;
  let rootBytes = 0;
  for (const { node } of tree.walk()) {
    rootEntries++;
    if (node.type !== "file" || seen.has(node)) continue;
    seen.add(node);
    // A tmpfs stores whole pages.
    rootBytes += Math.ceil(node.content.size / 4096) * 4096;
  }
  return { rootBytes, rootEntries };
}

/** File name endings of the formats (contract §4). */
export const formatEndings: Readonly<Record<Format, string>> = {
  uki: ".efi",
  kernel: ".vmlinuz",
  initrd: ".initrd",
  cpio: ".cpio",
  tar: ".tar",
  squashfs: ".squashfs",
  ext4: ".ext4",
  erofs: ".erofs",
  raw: ".raw",
  qcow2: ".qcow2",
  vhd: ".vhd",
  gcp: ".tar.gz",
};

/** What the files beside the outputs are, by the ending of their name. */
const sidecarFormats: Readonly<Record<string, string>> = {
  ".efi.p7s": "signature",
  ".pcrsig": "pcr-signature",
  ".measurements.json": "measurements",
};

async function describe(
  name: string,
  { outputs, sidecars }: Pick<Image, "outputs" | "sidecars">,
): Promise<ManifestOutput[]> {
  const described: ManifestOutput[] = [];
  const files: (readonly [string, string, Content])[] = [
    ...[...outputs].map(([format, content]) => [formatEndings[format], format, content] as const),
    ...[...sidecars].map(([ending, content]) => [ending, sidecarFormats[ending]!, content] as const),
  ];
  for (const [ending, format, content] of files) {
    const sha256 = await hashContent(content);
    described.push({ name: `${name}${ending}`, format, bytes: content.size, sha256 });
  }
  return described;
}
