/**
 * Roots that are file systems, booted by OVMF from GPT disks, out of the real archive's packages: on disk under dm-verity, carried in the initramfs, ext4
 * that is written to. A block that was changed ends in a panic before anything is made of it.
 */
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readGpt } from "#dist/gpt/read-gpt.js";
import type { Image, ImageInput } from "#dist/index.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { buildBusyboxRoot } from "../fixtures/boot/busybox-root.js";

const BOOT_MILLISECONDS = 600_000;
const INIT = `#!/usr/bin/busybox sh
export PATH=/usr/bin
busybox mount -t devtmpfs -o nosuid,noexec dev /dev
busybox mount -t proc -o nosuid,nodev,noexec proc /proc
echo "test: arguments '$*'"
echo "test: $(busybox grep ' / ' /proc/mounts)"
if busybox touch /written; then echo "test: can write"; else echo "test: cannot write"; fi
busybox find / -xdev -type f -exec busybox cat {} + >/dev/null && echo "test: all was read"
echo "test: sum $(busybox sha256sum /usr/bin/busybox)"
busybox mount -o remount,ro /
echo "test: ready"
busybox poweroff -f
`;

const directory = mkdtempSync(join(tmpdir(), "root-boot-"));
const images: Image[] = [];
afterAll(async () => {
  for (const image of images) await image.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Builds an image of a static busybox and the script above; the path of its only output. */
async function build(name: string, root: ImageInput["root"], output: "raw" | "qcow2" | "vhd"): Promise<string> {
  // A word of root= is nobody's business.
  const options = { directory, name, init: INIT, root, output, commandLine: ["root=/dev/vdz"] };
  const { disk, image } = await buildBusyboxRoot(options);
  images.push(image);
  return disk;
}

/** What an image says until it is ready, or until it says what is waited for. */
async function said(artifact: string, until: RegExp = /test: ready/): Promise<string> {
  const machine = await bootImage(artifact, { network: false, onNotice: console.warn });
  try {
    await machine.waitFor(until, BOOT_MILLISECONDS);
    return machine.output();
  } finally {
    await machine.kill();
  }
}

describe("a squashfs root on disk under verity", () => {
  it("boots with an overlay, and a flipped bit is reported", async () => {
    const disk = await build("verity", { format: "squashfs" }, "raw");
    const output = await said(disk);
    expect(output).toContain("init: the root is squashfs, verified, overlay tmpfs");
    expect(output).toContain("test: arguments ''");
    expect(output).toMatch(/test: root \/ overlay rw,.*lowerdir=\/lower/);
    expect(output).toContain("test: can write");
    expect(output).toContain("test: all was read");

    const flipped = join(directory, "flipped.raw");
    copyFileSync(disk, flipped);
    const file = openSync(flipped, "r+");
    const read = (offset: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
    };
    const size = Number(images.at(-1)!.outputs.get("raw")!.size);
    const root = readGpt({ size, read }).partitions[1]!;
    const at = root.startLba * 512 + 500_000;
    writeSync(file, Uint8Array.of(read(at, 1)[0]! ^ 4), 0, 1, at);
    const broken = await said(flipped, /Kernel panic - not syncing: dm-verity device corrupted/);
    expect(broken).toMatch(/verity: .*data block 122 is corrupted/);
    expect(broken).not.toContain("test: all was read");
  });
});

describe("an EROFS root on disk under verity", () => {
  it("boots, read-only, and is read as it was written", async () => {
    const output = await said(await build("erofs", { format: "erofs", overlay: "none" }, "raw"));
    expect(output).toContain("init: the root is erofs, verified, overlay none");
    expect(output).toMatch(/test: \/dev\/mapper\/root \/ erofs ro,/);
    expect(output).toContain("test: cannot write");
    expect(output).toContain("test: all was read");
    const { content } = images.at(-1)!.tree.file("/usr/bin/busybox");
    const sum = createHash("sha256").update(content.read()).digest("hex");
    expect(output).toContain(`test: sum ${sum}  /usr/bin/busybox`);
  });
});

describe("a root in the initramfs", () => {
  it("boots from an ESP alone, read-only", async () => {
    const root = { format: "squashfs", location: "initramfs", overlay: "none" } as const;
    const output = await said(await build("carried", root, "vhd"));
    expect(output).toContain("init: the root is squashfs, overlay none");
    expect(output).toMatch(/test: \/dev\/loop0 \/ squashfs ro,/);
    expect(output).toContain("test: cannot write");
    expect(output).toContain("test: all was read");
  });
});

describe("an ext4 root", () => {
  it("is written to in place", async () => {
    const root = { format: "ext4", verity: false, overlay: "none", size: "64M" } as const;
    const output = await said(await build("writable", root, "qcow2"));
    expect(output).toMatch(/test: \/dev\/vda2 \/ ext4 rw,/);
    expect(output).toContain("test: can write");
    expect(output).toContain("test: all was read");
    expect(output).not.toMatch(/EXT4-fs (error|warning)/);
  });
});
