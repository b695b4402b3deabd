/** Images whose root is a file system: what the UKI says about the root is what the disk holds. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { contentOfBytes, toByteString } from "#dist/bytes/content.js";
import { guidBytes } from "#dist/bytes/guid.js";
import { sliceContent } from "#dist/bytes/slice-content.js";
import { readExt4 } from "#dist/filesystem/ext4/read-ext4.js";
import { verifyVerity } from "#dist/filesystem/verity/verify-verity.js";
import { readGpt } from "#dist/gpt/read-gpt.js";
import { walkInitramfs } from "#dist/report/inspect/walk-initramfs.js";
import { makeElf } from "../fixtures/elf/make-elf.js";
import { pattern } from "../fixtures/pe/make-pe.js";
import { type Built, errorOf, type ImageInput, openScene, scratchDirectory, sha256 } from "./image-fixture.js";

// Whole builds: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

const LIBRARIES = "usr/lib/x86_64-linux-gnu";
const interpreter = "/lib64/ld-linux-x86-64.so.2";
const elf = (...needed: string[]) => ({ content: makeElf({ interpreter, needed }), mode: 0o755 });
const common = { architecture: "amd64" } as const;
const PACKAGES = [
  { ...common, name: "busybox-static", files: { "usr/bin/busybox": { content: makeElf(), mode: 0o755 } } },
  { ...common, name: "busybox", depends: "libc6", files: { "usr/bin/busybox": elf("libc.so.6") } },
  { ...common, name: "dmsetup", depends: "libc6, libdm", files: { "usr/sbin/dmsetup": elf("libdm.so.1") } },
  { ...common, name: "libdm", depends: "libc6", files: { [`${LIBRARIES}/libdm.so.1`]: elf("libc.so.6") } },
  {
    ...common,
    name: "libc6",
    files: {
      [`${LIBRARIES}/libc.so.6`]: { content: makeElf() },
      [`${LIBRARIES}/ld-linux-x86-64.so.2`]: { content: makeElf() },
      "usr/lib64/ld-linux-x86-64.so.2": { type: "symlink", target: `/${LIBRARIES}/ld-linux-x86-64.so.2` },
    },
  },
] as const;

async function build(root: ImageInput["root"], outputs: ImageInput["outputs"], more: Partial<ImageInput> = {}) {
  const scene = await openScene(PACKAGES);
  const output = scratchDirectory();
  const input = { root, outputs, ...more } as Partial<ImageInput>;
  const built = await scene.build({ input, output });
  const read = (ending: string) => contentOfBytes(new Uint8Array(readFileSync(join(output, `test${ending}`))));
  const again = async () => (await scene.build({ input, lock: built.lock, output: scratchDirectory() })).sums;
  return { scene, built, read, again };
}

/** The files of an initramfs by path: their text, or where a link leads. */
async function initramfsOf(cpio: ReturnType<typeof contentOfBytes>): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of walkInitramfs(cpio)) {
    let text = entry.target ?? "";
    if (entry.type === "file") for await (const chunk of entry.chunks()) text += toByteString(chunk);
    files.set(entry.path, text);
  }
  return files;
}

const settingsOf = (files: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    files
      .get("settings")!
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

const initramfsRows = ({ lock }: Built): string[] => (lock.entries[0]!.initramfs ?? []).map(({ name }) => name).sort();

describe("a squashfs root on disk with verity", () => {
  it("is in the partitions that the UKI asks for, under the hash that it has", async () => {
    const { built, read, again } = await build({ format: "squashfs" }, ["raw", "squashfs", "cpio"]);
    expect(initramfsRows(built)).toEqual(["busybox", "dmsetup", "libc6", "libdm"]);
    const disk = read(".raw");
    const { partitions, problems } = readGpt(disk);
    expect(problems).toEqual([]);
    const files = await initramfsOf(read(".cpio"));
    const settings = settingsOf(files);
    expect([...files.keys()].filter((path) => path.includes("lib"))).toEqual([
      "lib",
      "lib/x86_64-linux-gnu",
      "lib64",
      "lib/x86_64-linux-gnu/libc.so.6",
      "lib/x86_64-linux-gnu/libdm.so.1",
      "lib64/ld-linux-x86-64.so.2",
    ]);
    expect(settings).toMatchObject({ format: "squashfs", location: "disk", overlay: "tmpfs", access: "ro" });

    const [, root, hashes] = partitions;
    const place = ({ startLba, sectors }: { startLba: number; sectors: number }) =>
      sliceContent(disk, startLba * 512, sectors * 512);
    const rootHash = settings["root_hash"]!;
    expect(root!.uuid.replaceAll("-", "")).toBe(rootHash.slice(0, 32));
    expect(hashes!.uuid.replaceAll("-", "")).toBe(rootHash.slice(32));
    expect(settings["root_partition"]).toBe(Buffer.from(guidBytes(root!.uuid)).toString("hex"));
    expect(settings["hash_partition"]).toBe(Buffer.from(guidBytes(hashes!.uuid)).toString("hex"));
    const { geometry, salt } = await verifyVerity(place(root!), place(hashes!), { rootHash });
    expect(settings["data_blocks"]).toBe(String(geometry.dataBlocks));
    expect(settings["salt"]).toBe(Buffer.from(salt).toString("hex"));
    const squashfs = read(".squashfs");
    expect(geometry.dataBlocks * 4096).toBe(squashfs.size);
    expect(sha256(disk.read(root!.startLba * 512, squashfs.size))).toBe(sha256(squashfs.read()));
    expect(await again()).toEqual(built.sums);
  });
});

describe("a root that the initramfs carries", () => {
  it("is a stored file in front of it, without verity", async () => {
    const root = { format: "squashfs", location: "initramfs", overlay: "none" } as const;
    const { built, read, again } = await build(root, ["raw", "squashfs", "initrd", "cpio"]);
    expect(initramfsRows(built)).toEqual(["busybox-static"]);
    expect(readGpt(read(".raw")).partitions).toHaveLength(1);
    const squashfs = toByteString(read(".squashfs").read());
    for (const ending of [".initrd", ".cpio"]) {
      const files = await initramfsOf(read(ending));
      expect(files.get("root.image") === squashfs).toBe(true);
      expect(settingsOf(files)).toMatchObject({ location: "initramfs", overlay: "none", root_hash: "" });
      expect(files.get("bin/sh")).toBe("/usr/bin/busybox");
    }
    // As it is, behind its header of 110 bytes and its name.
    expect(toByteString(read(".initrd").read(124, squashfs.length)) === squashfs).toBe(true);
    expect(await again()).toEqual(built.sums);
  });
});

describe("an ext4 root", () => {
  it("that is written to has a journal, its size, and a warning", async () => {
    const root = { format: "ext4", verity: false, overlay: "none", size: "32M" } as const;
    const { built, read } = await build(root, ["raw", "cpio"]);
    expect(built.events).toContainEqual(expect.objectContaining({ type: "warning", code: "recipe/root-unverified" }));
    const disk = read(".raw");
    const [, partition] = readGpt(disk).partitions;
    const image = disk.read(partition!.startLba * 512, 32 << 20);
    const { features, tree } = readExt4(contentOfBytes(image));
    expect(features).toContain("has_journal");
    for (const path of ["/dev", "/proc", "/run", "/sys", "/tmp"]) expect(tree.lookup(path)?.type).toBe("directory");
    // On a file system, there is nothing to move off.
    expect(tree.readText("/init")).not.toContain("--move");
    const settings = settingsOf(await initramfsOf(read(".cpio")));
    expect(settings).toMatchObject({ access: "rw", overlay: "none", root_hash: "" });
    expect(settings["root_partition"]).toBe(Buffer.from(guidBytes(partition!.uuid)).toString("hex"));
  });

  it("under verity has none", async () => {
    const { read } = await build({ format: "ext4" }, ["ext4", "cpio"]);
    expect(readExt4(read(".ext4")).features).not.toContain("has_journal");
    expect(settingsOf(await initramfsOf(read(".cpio")))["root_hash"]).toMatch(/^[0-9a-f]{64}$/);
  });
});

it("a plan without the root's partition is refused before anything is built", async () => {
  const disk = { partitions: [{ type: "esp" as const }] };
  const failed = build({ format: "squashfs" }, ["raw"], { disk });
  expect(await errorOf(failed)).toMatchObject({ code: "disk/content-without-partition" });
});

it.each([
  [
    "a partition that is smaller than it",
    { partitions: [{ type: "esp" }, { type: "root", size: "1M" }] },
    "disk/partition-size",
  ],
  ["a disk that is smaller than all", { size: "32M" }, "disk/too-small"],
] as const)("a root in %s is an error, and nothing is written", async (_, disk, code) => {
  const content = pattern(3_000_000, 5);
  const scene = await openScene([...PACKAGES, { name: "large", files: { "usr/share/large": { content } } }]);
  const output = scratchDirectory();
  const root = { format: "squashfs", verity: false, compression: { type: "none" } } as const;
  const input = { root, packages: ["large"], outputs: ["raw"], disk } as unknown as Partial<ImageInput>;
  expect(await errorOf(scene.build({ input, output }))).toMatchObject({ code });
  expect(readdirSync(output)).toEqual([]);
});
