/**
 * The nested objects of the recipe's schema (contract §1, §1.2).
 */

import { z } from "zod";
import { formats } from "./recipe.js";
import * as word from "./schema-words.js";

/** A list, or `{ replace: [...] }` which does not append to what includes and earlier profiles state. */
export function listOf<Item extends z.ZodType>(item: Item) {
  const list = z.array(item);
  return z.union([list, z.strictObject({ replace: list })], { error: "a list" });
}

export const format = z.enum(formats);

const extraArchive = z
  .strictObject({
    uri: word.url,
    suite: word.suiteName,
    components: listOf(word.componentName),
    signedBy: word.hostPath.describe("The OpenPGP key of the archive"),
    packages: listOf(word.packageGlob).describe("What may be chosen from it"),
  })
  .partial()
  .meta({ id: "extraArchive" });

export const archive = z
  .strictObject({
    suite: word.suiteName,
    components: listOf(word.componentName),
    snapshot: word.snapshotTime.describe("Every index and package from that moment of snapshot.debian.org"),
    mirror: z.union([z.literal("auto"), word.url, z.strictObject({ debian: word.url, security: word.url }).partial()], {
      error: "`auto`, a URL, or { debian: URL, security: URL }",
    }),
    signedBy: word.hostPath.describe(
      "The OpenPGP key of the main archive and its -updates and -security, in place of Debian's",
    ),
    security: z.boolean(),
    updates: z.boolean(),
    extra: listOf(extraArchive),
  })
  .partial()
  .meta({ id: "archive" });

const owners = { owner: word.accountRef.optional(), group: word.accountRef.optional() };
const effectOf = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ path: word.imagePath, type: z.literal(type), ...owners, ...shape });

export const effect = z
  .discriminatedUnion("type", [
    effectOf("file", { content: z.string(), mode: word.fileMode.optional() }),
    effectOf("directory", { mode: word.fileMode.optional() }),
    effectOf("symlink", { target: z.string().min(1) }),
    effectOf("absent", {}),
  ])
  .meta({ id: "effect" });

export const override = z
  .strictObject({
    package: word.packageName,
    script: z.enum(["preinst", "postinst", "prerm", "postrm", "config"]),
    sha256: word.sha256.describe("Of the script as shipped"),
    reason: z.string().min(1, { error: "a reason" }),
    skip: z.literal(true).optional(),
    effects: listOf(effect).optional(),
  })
  .meta({ id: "override" });

export const tree = z
  .union(
    [
      word.hostPath,
      z.strictObject({
        source: word.hostPath,
        target: word.imagePath.optional(),
        mode: word.fileMode.optional(),
        ...owners,
      }),
    ],
    { error: "a path, or { source, target, mode, owner, group }" },
  )
  .meta({ id: "tree" });

export const group = z
  .strictObject({
    name: word.accountName,
    system: z.boolean().optional(),
    gid: word.accountId.optional(),
  })
  .meta({ id: "group" });

export const user = z
  .strictObject({
    name: word.accountName,
    system: z.boolean().optional(),
    uid: word.accountId.optional(),
    group: word.accountName.optional(),
    groups: listOf(word.accountName).optional(),
    home: word.imagePath.optional(),
    shell: word.imagePath.optional(),
    gecos: word.plainText.optional(),
    passwordHash: word.passwordHash.optional(),
  })
  .meta({ id: "user" });

export const services = z
  .strictObject({
    enable: listOf(word.serviceName),
    disable: listOf(word.serviceName),
    mask: listOf(word.serviceName),
  })
  .partial()
  .meta({ id: "services" });

export const permission = z.strictObject({ mode: word.fileMode.optional(), ...owners }).meta({ id: "permission" });

const script = z
  .union([word.hostPath, z.strictObject({ run: word.hostPath, in: z.enum(["shell", "sandbox"]).optional() })], {
    error: "a path, or { run: path, in: sandbox }",
  })
  .meta({ id: "script" });

export const scripts = z
  .strictObject({
    prepare: listOf(script),
    build: listOf(script),
    postinst: listOf(script),
    finalize: listOf(script),
    postoutput: listOf(script),
  })
  .partial()
  .meta({ id: "scripts" });

export const source = z
  .strictObject({
    name: word.profileName,
    git: z
      .strictObject({ url: word.gitUrl, tag: z.string().min(1), branch: z.string().min(1), commit: word.commitId })
      .partial()
      .optional(),
    tarball: z.strictObject({ url: word.url, sha256: word.sha256 }).partial().optional(),
    path: word.hostPath.optional(),
    vendor: z.enum(["cargo", "go", "none"]).optional(),
    build: word.commandText.optional(),
    environment: z.record(word.variableName, word.variableValue).optional(),
    install: z.record(word.sourcePath, word.imagePath).optional(),
    binary: z.strictObject({ fromHost: word.variableName, default: word.variableValue.optional() }).optional(),
  })
  .meta({ id: "source" });

export const kernel = z
  .strictObject({
    package: word.packageRequest.describe("Followed to the real image and unpacked apart"),
    image: word.hostPath.describe("Any bzImage"),
    version: word.kernelVersion,
    modulesFrom: word.hostPath,
    build: z
      .strictObject({
        source: word.packageRequest,
        config: word.hostPath,
        fragments: listOf(word.hostPath),
        patches: listOf(word.hostPath),
      })
      .partial(),
    modules: z
      .union([z.literal("all"), listOf(word.moduleName)], { error: "`all` or a list of modules" })
      .describe("Kept, with their dependencies"),
    load: listOf(word.moduleName).describe("Loaded by /init, in this order"),
    commandLine: listOf(z.string()).describe("One word an item"),
  })
  .partial()
  .meta({ id: "kernel" });

export function compression(types: readonly ["zstd", ...("gzip" | "lz4" | "none")[]]) {
  return z.strictObject({ type: z.enum(types), level: z.int().min(1).max(22) }).partial();
}

export const root = z
  .strictObject({
    format: z.enum(["initramfs", "squashfs", "ext4", "erofs"]),
    location: z.enum(["disk", "initramfs"]),
    verity: z.boolean(),
    overlay: z.enum(["tmpfs", "none"]),
    size: word.size,
    compression: compression(["zstd", "gzip", "lz4", "none"]),
  })
  .partial()
  .meta({ id: "root" });

const partition = z
  .strictObject({
    type: z.union(
      [
        z.enum([
          "esp",
          "xbootldr",
          "root",
          "root-verity",
          "root-verity-sig",
          "usr",
          "usr-verity",
          "usr-verity-sig",
          "swap",
          "home",
          "srv",
          "var",
          "tmp",
          "linux-generic",
        ]),
        word.uuid,
      ],
      { error: "a partition type such as `esp`, `root`, `linux-generic`, or its UUID" },
    ),
    label: word.partitionLabel.optional(),
    size: word.size.optional(),
    format: z.enum(["ext4", "vfat", "none"]).optional(),
  })
  .meta({ id: "partition" });

export const disk = z
  .strictObject({
    size: word.sizeOrAuto,
    espSize: word.sizeOrAuto,
    layout: z.enum(["standard", "gcp-flashbots"]),
    partitions: listOf(partition),
  })
  .partial()
  .meta({ id: "disk" });

export const variable = z
  .union(
    [
      word.variableValue,
      z
        .strictObject({
          fromHost: z.boolean(),
          default: word.variableValue,
          secret: z.boolean(),
        })
        .partial(),
    ],
    { error: "a text, or { fromHost, default, secret }" },
  )
  .meta({ id: "variable" });

export const signer = {
  key: word.hostPath.optional(),
  certificate: word.hostPath.optional(),
  signer: word.commandText.optional().describe("A command that is handed the digest"),
};
