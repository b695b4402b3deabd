/**
 * A root that is a file system: its image, the hash tree of dm-verity, the partitions they go to, and the initramfs that mounts it.
 */

import type { DebPackage } from "../apt/deb/package.js";
import type { Content } from "../bytes/content.js";
import { guidBytes } from "../bytes/guid.js";
import { uuidText } from "../bytes/uuid.js";
import { canonicalJson } from "../config/canonical-json.js";
import { deriveBytes, deriveUuid } from "../config/ids.js";
import type { LockEntry } from "../config/lock.js";
import { hasSecret, type Recipe } from "../config/recipe.js";
import { rootPackageNames, usesVerity } from "../config/root-packages.js";
import { writeVerity } from "../filesystem/verity/write-verity.js";
import { PartitionAttribute } from "../gpt/partition-types.js";
import type { PartitionSource } from "../gpt/plan-disk.js";
import { withCarriedFile } from "../initramfs/carried-file.js";
import { makeRootInit } from "../initramfs/root-init/make-root-init.js";
import { rootModules } from "../initramfs/root-init/root-modules.js";
import { formatSettings, type RootSettings } from "../initramfs/root-init/settings.js";
import { type Initramfs, writeInitramfs } from "../initramfs/write-initramfs.js";
import { cacheKey } from "../io/cache.js";
import { cachedStep } from "../io/step.js";
import { catalogueOf } from "../rootfs/modules/catalogue.js";
import { importTarEntries } from "../rootfs/tree/import-entries.js";
import { deserializeTree, serializeTree } from "../rootfs/tree/serialize-tree.js";
import { Tree } from "../rootfs/tree/tree.js";
import type { Kernel } from "./add-kernel.js";
import { openPackages } from "./open-packages.js";
import type { Session } from "./session.js";
import { toolVersion } from "./tool-version.js";

/** What a root is made of. */
export interface RootInput {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  readonly kernel: Kernel;
  /** The file system. */
  readonly image: Content;
}

/** A root, ready for UKI and disk. */
export interface PackedRoot {
  readonly initramfs: Initramfs;
  /** By type word, for the disk's plan; empty where the initramfs carries the root. */
  readonly partitions: ReadonlyMap<string, PartitionSource>;
}

/** Where the root is in an initramfs that carries it. */
const CARRIED_NAME = "root.image";
const BLOCK_BYTES = 4096;
/** Raised when the same packages and modules give another tree. */
const STEP_VERSION = 2;

/** Makes initramfs and partitions of a root. @throws AssembleError `initramfs/…`, `kernel/module-unknown`, `verity/…` */
export async function packRoot(session: Session, input: RootInput): Promise<PackedRoot> {
  const { recipe, image } = input;
  const { settings, partitions } = await placeRoot(session, input);
  const tree = await rootInitTree(session, input);
  const told = tree.write("/settings", formatSettings(settings), { mode: 0o644 });
  const initramfs = await session.stage("initramfs", async (count) => {
    await session.workers.rest();
    const written = await writeInitramfs(tree, {
      ...session,
      compression: recipe.initrd.compression,
      // The root hash in the settings is one of all that is in the root, and the only thing that changes with it.
      originOf: (file) => (file === told ? { kind: "recipe" } : { kind: "package", name: "" }),
      secret: hasSecret(recipe),
    });
    await session.workers.rest();
    Object.assign(count, { cached: written.cached, total: written.segments });
    return written;
  });
  if (settings.partition !== undefined) return { initramfs, partitions };
  const carry = (archive: Content): Content =>
    withCarriedFile(archive, { name: CARRIED_NAME, content: image, mtime: recipe.sourceDateEpoch });
  const { compressed, uncompressed } = initramfs;
  return { initramfs: { ...initramfs, compressed: carry(compressed), uncompressed: carry(uncompressed) }, partitions };
}

interface PlacedRoot {
  readonly settings: RootSettings;
  readonly partitions: ReadonlyMap<string, PartitionSource>;
}

/** Where the root is. With verity the ids of its partitions are the two ends of its root hash (Discoverable Partitions Specification). */
async function placeRoot(session: Session, { recipe, image }: RootInput): Promise<PlacedRoot> {
  const { seed, root } = recipe;
  const format = root.format as RootSettings["format"];
  const isWritable = isWritableRoot(recipe);
  const common = { format, overlay: root.overlay, isWritable };
  const partitions = new Map<string, PartitionSource>();
  if (root.location === "initramfs")
    return { settings: { ...common, partition: undefined, verity: undefined }, partitions };
  const add = (type: string, content: Content, { uuid, readOnly }: { uuid: string; readOnly: boolean }): Uint8Array => {
    const attributes = readOnly ? PartitionAttribute.readOnly : 0n;
    partitions.set(type, { bytes: content.size, uuid, attributes, fill: () => content });
    return guidBytes(uuid);
  };
  if (!usesVerity(root)) {
    const readOnly = !isWritable;
    const partition = add("root", image, { uuid: deriveUuid(seed, "partition:root"), readOnly });
    return { settings: { ...common, partition, verity: undefined }, partitions };
  }
  const salt = deriveBytes(seed, "verity:salt");
  const { hashTree, rootHash } = await session.stage("verity", async () => {
    // The memory of those that compressed the image.
    await session.workers.rest();
    return writeVerity(image, { salt, uuid: deriveUuid(seed, "verity:uuid"), workers: session.workers });
  });
  const digest = Buffer.from(rootHash, "hex");
  const partition = add("root", image, { uuid: uuidText(digest.subarray(0, 16)), readOnly: true });
  const verity = {
    rootHash,
    salt: Buffer.from(salt).toString("hex"),
    dataBlocks: image.size / BLOCK_BYTES,
    partition: add("root-verity", hashTree, { uuid: uuidText(digest.subarray(-16)), readOnly: true }),
  };
  return { settings: { ...common, partition, verity }, partitions };
}

/** Whether the machine writes to its root itself. */
export function isWritableRoot({ root }: Recipe): boolean {
  return root.format === "ext4" && root.overlay === "none" && !usesVerity(root);
}

/** The initramfs's tree, but for its settings: the same for every image of the same kernel and packages. */
async function rootInitTree(session: Session, { recipe, entry, kernel }: RootInput): Promise<Tree> {
  const { root, sourceDateEpoch: epoch } = recipe;
  const verity = usesVerity(root);
  const rows = entry.initramfs ?? [];
  const needs = {
    format: root.format as RootSettings["format"],
    onDisk: root.location === "disk",
    verity,
    overlay: root.overlay === "tmpfs",
  };
  const make = async (): Promise<Tree> => {
    const debs = await openPackages(session, { recipe, entry, rows });
    const packages = layPackages(rows.map((row) => debs.get(row.sha256)!));
    return makeRootInit({ packages, modules: rootModules(catalogueOf(kernel.files), needs), verity, epoch });
  };
  const stored = async (): Promise<Uint8Array> => serializeTree(await make());
  if (kernel.key === undefined) return deserializeTree(await stored());
  const sums = rows.map((row) => row.sha256).sort();
  const key = cacheKey([
    toolVersion,
    kernel.key,
    canonicalJson({ sums, needs, names: rootPackageNames(recipe), epoch }),
  ]);
  return deserializeTree(
    (await cachedStep(session.cache, { name: "root-init", version: STEP_VERSION, key }, stored)).read(),
  );
}

/** The files of packages, laid over each other; nothing is configured. */
function layPackages(debs: readonly DebPackage[]): Tree {
  const tree = new Tree();
  for (const name of ["bin", "lib", "lib64", "sbin"]) {
    tree.mkdirs(`/usr/${name}`);
    tree.symlink(`usr/${name}`, `/${name}`);
  }
  for (const { entries } of debs) importTarEntries(tree, entries, { source: "a package", target: "/" });
  return tree;
}
