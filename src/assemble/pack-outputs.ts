/**
 * Packs the finished tree into the formats that were asked for. A writer is loaded where its format is wanted: what a
 * rebuild does not use, it does not read.
 */
import type { DebPackage } from "../apt/deb/package.js";
import { type Content, contentOfText } from "../bytes/content.js";
import type { WritableTarEntry } from "../codec/tar/write-tar.js";
import { deriveUuid } from "../config/ids.js";
import type { LockEntry } from "../config/lock.js";
import { diskFormats, type Format, hasSecret, type Recipe } from "../config/recipe.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { DataPlace } from "../filesystem/squashfs/plan-data.js";
import type { PartitionSource } from "../gpt/plan-disk.js";
import type { FileOrigin } from "../initramfs/plan-segments.js";
import { type Initramfs, writeInitramfs } from "../initramfs/write-initramfs.js";
import { readHostEntry } from "../io/host-directory.js";
import type { FileNode } from "../rootfs/tree/node.js";
import type { Tree } from "../rootfs/tree/tree.js";
import { joinCommandLine } from "../uki/command-line.js";
import { type UkiParts, writeUki } from "../uki/write-uki.js";
import type { Kernel } from "./add-kernel.js";
import type { KeptSignatures } from "./kept-signatures.js";
import { openPackages } from "./open-packages.js";
import type { Session } from "./session.js";
import type { SignedUki } from "./sign-uki.js";

/** What is packed. */
export interface PackInput {
  readonly recipe: Recipe;
  readonly entry: LockEntry;
  readonly kernel: Kernel;
  readonly originOf: (file: FileNode) => FileOrigin;
  readonly formats: readonly Format[];
  /** Signatures that were made before. */
  readonly kept?: KeptSignatures | undefined;
}

/** What came out. */
export interface PackedOutputs {
  /** In the order asked for. */
  readonly outputs: ReadonlyMap<Format, Content>;
  /** Of the UKI, also where it is only inside of a disk; 0 without one. */
  readonly ukiBytes: number;
  /** Of the initramfs, not compressed; 0 without one. */
  readonly initramfsBytes: number;
  /** Files beside the outputs, by their ending: detached signatures, measurements. */
  readonly sidecars: ReadonlyMap<string, Content>;
}

const FILE_SYSTEM_FORMATS = ["ext4", "squashfs", "erofs"] as const;
type FileSystemFormat = (typeof FILE_SYSTEM_FORMATS)[number];
/** What holds the initramfs. */
const BOOTED_FORMATS: readonly Format[] = ["initrd", "cpio", "uki", ...diskFormats];

/** Packs the tree into the formats. */
export async function packOutputs(session: Session, tree: Tree, input: PackInput): Promise<PackedOutputs> {
  let ukiBytes = 0;
  let initramfsBytes = 0;
  const sidecars = new Map<string, Content>();
  const { format: rootFormat } = input.recipe.root;
  const outputs = new Map<Format, Content>();
  const wants = (...formats: Format[]): boolean => input.formats.some((format) => formats.includes(format));
  if (wants("kernel")) outputs.set("kernel", input.kernel.image);
  if (wants("tar")) outputs.set("tar", (await import("../codec/tar/write-tar.js")).writeTar(tarEntries(tree)));
  for (const format of FILE_SYSTEM_FORMATS)
    if (wants(format) || (format === rootFormat && wants(...BOOTED_FORMATS)))
      outputs.set(format, await packFileSystem(session, tree, { ...input, format }));
  if (wants(...BOOTED_FORMATS)) {
    const { initramfs, partitions } =
      rootFormat === "initramfs"
        ? { initramfs: await packTree(session, tree, input), partitions: new Map<string, PartitionSource>() }
        : await (await import("./pack-root.js")).packRoot(session, { ...input, image: outputs.get(rootFormat)! });
    initramfsBytes = initramfs.uncompressed.size;
    if (wants("initrd")) outputs.set("initrd", initramfs.compressed);
    if (wants("cpio")) outputs.set("cpio", initramfs.uncompressed);
    if (wants("uki", ...diskFormats)) {
      const { content: uki, apart } = await session.stage("uki", () =>
        stitch(session, tree, { ...input, initrd: initramfs.compressed }),
      );
      for (const [ending, content] of apart) sidecars.set(ending, content);
      ukiBytes = uki.size;
      outputs.set("uki", uki);
      const disks = input.formats.filter((format) => diskFormats.includes(format));
      if (disks.length > 0) {
        const { packDisks } = await import("./pack-disks.js");
        for (const [format, disk] of await session.stage("disk", () =>
          packDisks(session, input.recipe, { uki, partitions, formats: disks }),
        ))
          outputs.set(format, disk);
      }
      if (input.recipe.measure !== undefined) {
        const { predictMeasurements } = await import("./predict-measurements.js");
        const measured = { recipe: input.recipe, uki, partitions, formats: disks };
        sidecars.set(".measurements.json", await predictMeasurements(measured));
      }
    }
  }
  return {
    outputs: new Map(input.formats.map((format) => [format, outputs.get(format)!])),
    ukiBytes,
    initramfsBytes,
    sidecars,
  };
}

/** The whole tree as the initramfs. */
function packTree(session: Session, tree: Tree, input: PackInput): Promise<Initramfs> {
  return session.stage("initramfs", async (count) => {
    // The decoders' memory, before that of the compressors is taken: at level 19 each of these needs 120 MiB.
    await session.workers.rest();
    const written = await writeInitramfs(tree, {
      ...session,
      compression: input.recipe.initrd.compression,
      originOf: input.originOf,
      secret: hasSecret(input.recipe),
    });
    await session.workers.rest();
    Object.assign(count, { cached: written.cached, total: written.segments });
    return written;
  });
}

function packFileSystem(
  session: Session,
  tree: Tree,
  input: PackInput & { readonly format: FileSystemFormat },
): Promise<Content> {
  if (input.format === "squashfs") return packSquashfs(session, tree, input);
  if (input.format === "erofs") return session.stage("erofs", () => packErofs(session, tree, input));
  return session.stage("ext4", () => packExt4(tree, input.recipe));
}

/** `gzip` stands for its algorithm, deflate: EROFS has no container. */
async function packErofs(session: Session, tree: Tree, { recipe, originOf }: PackInput): Promise<Content> {
  const { writeErofs } = await import("../filesystem/erofs/write-erofs.js");
  const { type, level } = recipe.root.compression;
  const secret = hasSecret(recipe);
  const cacheable = (file: FileNode): boolean => !(secret && originOf(file).kind === "recipe");
  const packing =
    type === "none"
      ? undefined
      : { ...session, compression: { type: type === "gzip" ? ("deflate" as const) : type, level }, cacheable };
  return writeErofs(tree, {
    uuid: deriveUuid(recipe.seed, "erofs:uuid"),
    time: recipe.sourceDateEpoch,
    packing,
  });
}

async function packSquashfs(session: Session, tree: Tree, input: PackInput): Promise<Content> {
  return session.stage("squashfs", async (count) => {
    const secret = hasSecret(input.recipe);
    const placeOf = (file: FileNode): DataPlace => {
      const origin = input.originOf(file);
      return {
        section: origin.kind === "package" ? "1" : origin.kind === "configure" ? "2" : "3",
        group: origin.kind === "package" ? origin.name : "",
        cacheable: !(secret && origin.kind === "recipe"),
      };
    };
    const { compression } = input.recipe.root;
    const { writeSquashfs } = await import("../filesystem/squashfs/write-squashfs.js");
    const written = await writeSquashfs(tree, { ...session, compression, placeOf });
    Object.assign(count, { cached: written.cached, total: written.batches });
    return written.content;
  });
}

/** With a journal where the machine writes to it as its root; else nothing of this image does. */
async function packExt4(tree: Tree, recipe: Recipe): Promise<Content> {
  const { writeExt4 } = await import("../filesystem/ext4/write-ext4.js");
  const { isWritableRoot } = await import("./pack-root.js");
  return writeExt4(tree, {
    uuid: deriveUuid(recipe.seed, "ext4:uuid"),
    hashSeed: deriveUuid(recipe.seed, "ext4:hash-seed"),
    time: recipe.sourceDateEpoch,
    size: recipe.root.sizeBytes,
    journal: isWritableRoot(recipe),
  });
}

async function stitch(
  session: Session,
  tree: Tree,
  input: PackInput & { readonly initrd: Content },
): Promise<SignedUki> {
  const { recipe, kernel } = input;
  const parts: UkiParts = {
    stub: await readStubFile(session, input),
    kernel: kernel.image,
    initrd: input.initrd,
    osRelease: osReleaseOf(tree, recipe),
    commandLine: joinCommandLine(recipe.kernel.commandLine),
    uname: kernel.release,
  };
  if (recipe.secureBoot === undefined && recipe.pcrSigning === undefined)
    return { content: await writeUki(parts), apart: new Map() };
  const { writeSignedUki } = await import("./sign-uki.js");
  return writeSignedUki(session, { recipe, parts, kept: input.kept });
}

/** The image's own os-release; one that only names the image where the tree has none. */
function osReleaseOf(tree: Tree, recipe: Recipe): Content {
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    const node = tree.lookup(path);
    if (node?.type === "file") return node.content;
  }
  const version = recipe.version === undefined ? "" : `IMAGE_VERSION=${recipe.version}\n`;
  return contentOfText(`ID=${recipe.image}\nNAME=${recipe.image}\nIMAGE_ID=${recipe.image}\n${version}`);
}

const STUB_PATH = /^\.?\/?usr\/lib\/systemd\/boot\/efi\/linuxx64\.efi\.stub$/;

async function readStubFile(session: Session, input: PackInput): Promise<Content> {
  const { stub } = input.recipe;
  if ("file" in stub) {
    const entry = await readHostEntry(stub.file.path, stub.file.name).catch((cause: unknown) => {
      throw new AssembleError(
        "uki/stub-missing",
        `Cannot read the stub ${stub.file.name}: ${(cause as Error).message}`,
        { cause, hint: "a path is relative to the recipe that states it" },
      );
    });
    if (entry.content !== undefined) return entry.content;
  } else {
    const row = input.entry.stub!;
    const debs = await openPackages(session, { ...input, rows: [row] });
    const content = stubOf(debs.get(row.sha256)!);
    if (content !== undefined) return content;
  }
  const name = "file" in stub ? stub.file.name : stub.package.name;
  throw new AssembleError("uki/stub-missing", `Cannot use the stub of ${name}: it has no linuxx64.efi.stub`, {
    hint: "stub: systemd-boot-efi names the package that has one",
  });
}

function stubOf(deb: DebPackage): Content | undefined {
  return deb.entries.find((entry) => STUB_PATH.test(entry.path))?.content;
}

/** The tree as tar entries: the root first, then every path in byte order, later names of a file as hard links. */
export function tarEntries(tree: Tree): WritableTarEntry[] {
  const first = new Map<FileNode, string>();
  const { mode, uid, gid, mtime } = tree.root;
  const entries: WritableTarEntry[] = [{ path: "./", type: "directory", mode, uid, gid, mtime }];
  for (const { path, node } of tree.walk()) {
    if (node.type === "socket") continue;
    const common = {
      path: `.${path}`,
      mode: node.mode,
      uid: node.uid,
      gid: node.gid,
      mtime: node.mtime,
      xattrs: node.xattrs,
    };
    if (node.type === "file") {
      const known = first.get(node);
      if (known !== undefined) entries.push({ ...common, type: "hardlink", linkTarget: known });
      else {
        first.set(node, common.path);
        entries.push({ ...common, type: "file", content: node.content });
      }
    } else if (node.type === "symlink") entries.push({ ...common, type: "symlink", linkTarget: node.target });
    else if (node.type === "char" || node.type === "block")
      entries.push({ ...common, type: node.type, major: node.major, minor: node.minor });
    else entries.push({ ...common, type: node.type });
  }
  return entries;
}
