/**
 * Disks against the tools of their formats (dosfstools, mtools, gdisk, util-linux, qemu-img, GNU tar), and a boot from each kind
 * of disk: OVMF finds our ESP through our partition table and starts the UKI in it.
 */

import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Content, contentOfBytes, contentOfText } from "#dist/bytes/content.js";
import { compressGzipStream } from "#dist/codec/compress-gzip.js";
import type { RecipeDisk } from "#dist/config/recipe-parts.js";
import { BiosParameterBlock, Fat32BootSector } from "#dist/filesystem/fat/boot-sector.js";
import { planGeometry } from "#dist/filesystem/fat/geometry.js";
import { type FatEntry, writeFat } from "#dist/filesystem/fat/write-fat.js";
import { writeGcpTar } from "#dist/gpt/containers/gcp.js";
import { emptyQcow2, writeQcow2 } from "#dist/gpt/containers/qcow2.js";
import { writeDynamicVhd, writeFixedVhd } from "#dist/gpt/containers/vhd.js";
import { espSource } from "#dist/gpt/esp.js";
import { planDisk } from "#dist/gpt/plan-disk.js";
import { writeDisk } from "#dist/gpt/write-disk.js";
import { writeFileAtomically } from "#dist/io/atomic-file.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { makeNewc } from "../fixtures/cpio/make-newc.js";
import { debianDependency, debianFile, oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { seededNumbers } from "../fixtures/seeded-numbers.js";

const SEED = "630b5f72-a36a-4e83-b23d-6ef47c82fd9c";
const MEBIBYTE = 1 << 20;
const GIBIBYTE = 2 ** 30;
const BOOT_MILLISECONDS = 400_000;

let scratch: ReturnType<typeof oracleScratch>;
beforeAll(() => {
  scratch = oracleScratch();
});
afterAll(() => scratch.remove());

const outside = (name: string): string => join(scratch.outside, name);
const run = (...command: string[]): string => runInOracle(scratch.inside, command);
const write = async (name: string, content: Content): Promise<void> => {
  // Hashing the holes of a disk of terabytes takes hours.
  await writeFileAtomically(outside(name), content, { hash: false });
};

/** Files of a random tree: names of many kinds, sizes around clusters. */
function randomEntries(seed: number): FatEntry[] {
  const next = seededNumbers(seed);
  const names = [
    "A",
    "readme.txt",
    "BOOTX64.EFI",
    "a long name with blanks",
    "Grüße.text",
    "x.y.z",
    ".hidden",
    "übermäßig",
  ];
  const entries = new Map<string, FatEntry>();
  for (let i = 0; i < 60; i++) {
    const depth = next() % 4;
    const folders = Array.from({ length: depth }, () => `dir ${next() % 3}`);
    const path = [...folders, `${next() % 20} ${names[next() % names.length]!}`].join("/");
    const size = next() % 3 === 0 ? next() % 10 : next() % 100_000;
    const bytes = new Uint8Array(size).fill(i + 1);
    entries.set(path.toUpperCase(), {
      path,
      content: contentOfBytes(bytes),
      mtimeSeconds: 315_532_800 + (next() % 4_000_000_000),
    });
  }
  return [...entries.values()];
}

describe("FAT", () => {
  it("of 40 random trees: fsck.vfat has no remark, mtools gives every file back", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const type = seed % 2 === 0 ? 32 : 16;
      const entries = randomEntries(seed);
      const sizeBytes = (type === 32 ? 40 : 16) * MEBIBYTE;
      await write("fat.img", writeFat(entries, { type, sizeBytes, volumeId: seed, label: "TEST" }));
      const said = run("fsck.vfat", "-n", "fat.img");
      expect(said.split("\n").slice(1).join("\n")).toMatch(/^fat\.img: \d+ files, \d+\/\d+ clusters\n$/);
      if (seed > 10) continue;
      run("rm", "-rf", "out");
      run("mkdir", "out");
      run("mcopy", "-s", "-Q", "-i", "fat.img", "::/*", "out/");
      for (const { path, content } of entries) expect(statSync(outside(`out/${path}`)).size, path).toBe(content!.size);
      for (const { path, content } of entries.slice(0, 5)) {
        const found = execFileSync("sha256sum", [outside(`out/${path}`)], { encoding: "utf8" });
        const want = execFileSync("sha256sum", { input: await wholeOf(content!), encoding: "utf8" });
        expect(found.slice(0, 64), path).toBe(want.slice(0, 64));
      }
    }
  });

  it("has mkfs.vfat's geometry", async () => {
    let compared = 0;
    for (const [mebibytes, type] of [
      [16, 16],
      [20, 16],
      [64, 16],
      [200, 16],
      [34, 32],
      [64, 32],
      [200, 32],
      [256, 32],
    ] as const) {
      run("rm", "-f", "theirs.img");
      run("truncate", "-s", `${mebibytes}M`, "theirs.img");
      run("mkfs.vfat", "--invariant", "-F", String(type), "theirs.img");
      await write("ours.img", writeFat([], { type, sizeBytes: mebibytes * MEBIBYTE, volumeId: 1 }));
      const head = (name: string) => execFileSync("head", ["-c", "512", outside(name)]);
      const relevant = (bytes: Uint8Array) => {
        const { jump: _, oemName: __, ...block } = BiosParameterBlock.decode(bytes);
        const { sectorsPerFat32, rootCluster, infoSector, backupBootSector } = Fat32BootSector.decode(bytes);
        return type === 16 ? block : { ...block, sectorsPerFat32, rootCluster, infoSector, backupBootSector };
      };
      expect(relevant(head("ours.img")), `${mebibytes} MiB`).toEqual(relevant(head("theirs.img")));
      compared++;
    }
    // From 256 MiB on mkfs.vfat drops sectors that fill no track; the rest is the same.
    for (const [mebibytes, sectorsPerCluster] of [
      [300, 8],
      [9000, 16],
      [20_000, 32],
    ] as const)
      expect(planGeometry(mebibytes * MEBIBYTE, 32).sectorsPerCluster).toBe(sectorsPerCluster);
    expect(compared).toBe(8);
  });

  it("is known by its label, its id and its times", async () => {
    const entries = [{ path: "EFI/BOOT/BOOTX64.EFI", content: contentOfText("x"), mtimeSeconds: 1_700_000_000 }];
    await write("fat.img", writeFat(entries, { sizeBytes: 600 * MEBIBYTE, volumeId: 0x1234abcd, label: "ESP" }));
    const listing = run("mdir", "-i", "fat.img", "::/EFI/BOOT");
    expect(listing).toMatch(/Volume in drive : is ESP\s/);
    expect(listing).toContain("Volume Serial Number is 1234-ABCD");
    expect(listing).toMatch(/BOOTX64 +EFI +1 2023-11-14 +22:13/);
    expect(run("mtype", "-i", "fat.img", "::/EFI/BOOT/BOOTX64.EFI")).toBe("x");
    expect(run("blkid", "-p", "-o", "export", "fat.img")).toContain("VERSION=FAT32");
  });
});

async function wholeOf(content: Content): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of content.chunks()) pieces.push(chunk);
  return Buffer.concat(pieces);
}

/** A disk around a UKI. */
function diskOf(uki: Content, disk: Partial<RecipeDisk>, roundTo?: number): Content {
  const whole: RecipeDisk = { sizeBytes: "auto", espSizeBytes: "auto", layout: "standard", partitions: [], ...disk };
  const esp = espSource(uki, { seed: SEED, mtimeSeconds: 0, layout: whole.layout, auto: true });
  return writeDisk(planDisk(whole, { seed: SEED, contents: new Map([["esp", esp]]), roundTo }));
}

const vhd = { uniqueId: new Uint8Array(16).fill(5), timeSeconds: 0 };
const partitions = [{ type: "esp" }, { type: "linux-generic", label: "persistent", sizeBytes: 100 * MEBIBYTE }];
const someUki = contentOfBytes(Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

describe("GPT", () => {
  it.each<[string, Partial<RecipeDisk>, string]>([
    ["standard", { partitions }, "34"],
    ["standard of 3 TiB", { partitions, sizeBytes: 3 * 2 ** 40 }, "34"],
    ["gcp-flashbots", { layout: "gcp-flashbots" }, "2048"],
  ])("%s: sgdisk and sfdisk find nothing wrong", async (name, disk, firstUsable) => {
    await write("gpt.raw", diskOf(someUki, disk));
    const verified = run("sgdisk", "-v", "gpt.raw");
    expect(verified).toContain("No problems found");
    // Only the measured layout leaves 1 MiB before its first usable sector, which sgdisk mentions.
    expect(verified.includes("Warning")).toBe(name === "gcp-flashbots");
    expect(run("sfdisk", "--verify", "gpt.raw")).toContain("No errors detected");
    const dump = run("sfdisk", "-d", "gpt.raw");
    expect(dump).toContain(`first-lba: ${firstUsable}\n`);
    expect(dump).toContain("type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
    if (name === "gcp-flashbots") {
      expect(dump).toContain("label-id: 12345678-1234-5678-1234-567812345678\n");
      expect(dump).toMatch(/start= +2048, size= +532480, .*uuid=87654321-4321-8765-4321-876543218765, name="esp"/);
      expect(dump).toContain("last-lba: 2097118\n");
    }
    expect(statSync(outside("gpt.raw")).blocks * 512).toBeLessThan(8 * MEBIBYTE);
  });
});

describe("containers", () => {
  it("qcow2 and VHD are the raw disk for qemu-img, and convert back to it", async () => {
    const raw = diskOf(someUki, { partitions });
    await write("d.raw", raw);
    await write("d.qcow2", writeQcow2(raw));
    await write("fixed.vhd", writeFixedVhd(raw, vhd));
    await write("dynamic.vhd", writeDynamicVhd(raw, vhd));
    expect(run("qemu-img", "check", "d.qcow2")).toContain("No errors were found");
    for (const [format, name] of [
      ["qcow2", "d.qcow2"],
      ["vpc", "fixed.vhd"],
      ["vpc", "dynamic.vhd"],
    ] as const) {
      expect(run("qemu-img", "compare", "-f", "raw", "-F", format, "d.raw", name)).toContain("Images are identical");
      const info = JSON.parse(run("qemu-img", "info", "--output=json", "-f", format, name));
      expect(info["virtual-size"]).toBe(raw.size);
      run("qemu-img", "convert", "-f", format, "-O", "raw", name, "back.raw");
      run("cmp", "back.raw", "d.raw");
    }
    expect(statSync(outside("fixed.vhd")).size % MEBIBYTE).toBe(512);
  });

  it("a VHD that qemu-img made with the same id has the same blocks", async () => {
    const raw = diskOf(someUki, { partitions });
    await write("d.raw", raw);
    run(
      "qemu-img",
      "convert",
      "-f",
      "raw",
      "-O",
      "vpc",
      "-o",
      "subformat=dynamic,force_size=on",
      "d.raw",
      "theirs.vhd",
    );
    await write("dynamic.vhd", writeDynamicVhd(raw, vhd));
    expect(run("qemu-img", "compare", "-f", "vpc", "-F", "vpc", "theirs.vhd", "dynamic.vhd")).toContain("identical");
  });

  it("empty disks of terabytes are whole", async () => {
    await write("empty.qcow2", emptyQcow2(2048 * GIBIBYTE));
    expect(run("qemu-img", "check", "empty.qcow2")).toContain("No errors were found");
    const empty = { size: 2000 * GIBIBYTE, extents: () => [], chunks: async function* () {} };
    await write("empty.vhd", writeDynamicVhd(empty, vhd));
    const info = JSON.parse(run("qemu-img", "info", "--output=json", "-f", "vpc", "empty.vhd"));
    expect(info["virtual-size"]).toBe(2000 * GIBIBYTE);
  });

  it("Google Cloud's archive is extracted by GNU tar to the disk, sparse", async () => {
    const raw = diskOf(someUki, { partitions }, GIBIBYTE);
    await write("d.raw", raw);
    const tar = writeGcpTar(raw, { mtimeSeconds: 0 });
    await write("d.tar", tar);
    const compressed = outside("d.tar.gz");
    await writeFileAtomically(compressed, compressGzipStream(tar.chunks(), 1));
    expect(run("tar", "-tvzf", "d.tar.gz")).toMatch(/^-rw-r--r-- root\/root 1073741824 1970-01-01 00:00 disk\.raw\n$/);
    run("tar", "-xzf", "d.tar.gz");
    run("cmp", "disk.raw", "d.raw");
    expect(statSync(outside("disk.raw")).blocks * 512).toBeLessThan(8 * MEBIBYTE);
    // GNU tar's own archive of the same file, segment for segment.
    run(
      "sh",
      "-c",
      "tar --format=oldgnu -S --mtime=@0 --owner=root:0 --group=root:0 --mode=0644 -cf theirs.tar disk.raw",
    );
    expect(statSync(outside("theirs.tar")).size).toBeLessThanOrEqual(statSync(outside("d.tar")).size + 20_480);
    run("sh", "-c", "mkdir -p theirs && tar -C theirs -xf theirs.tar && cmp theirs/disk.raw d.raw");
  });
});

describe("OVMF", () => {
  it("boots from our ESP: raw disk and fixed VHD", async () => {
    const kernelPackage = debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-");
    const module = (name: string) =>
      execFileSync("xz", ["-dc"], {
        input: debianFile("trixie", kernelPackage, `usr/lib/modules/*/${name}.ko`),
        maxBuffer: 1 << 28,
      });
    const init = [
      "#!/bin/busybox sh",
      "busybox mount -t proc proc /proc; busybox mount -t sysfs sysfs /sys; busybox mount -t devtmpfs dev /dev",
      "busybox insmod /virtio_blk.ko",
      'for name in vda vda1 vda2; do echo "DISK $name $(busybox cat /sys/class/block/$name/size)"; done',
      'echo "LABEL $(busybox grep PARTNAME /sys/class/block/vda2/uevent)"',
      'echo "READY"',
      "busybox poweroff -f",
    ].join("\n");
    const uki = await writeUki({
      stub: contentOfBytes(debianFile("trixie", "systemd-boot-efi", "usr/lib/systemd/boot/efi/linuxx64.efi.stub")),
      kernel: contentOfBytes(debianFile("trixie", kernelPackage, "boot/vmlinuz-")),
      initrd: contentOfBytes(
        makeNewc([
          ...["bin", "dev", "proc", "sys"].map((path) => ({ path, mode: 0o40755 })),
          { path: "bin/busybox", data: debianFile("trixie", "busybox-static", "usr/bin/busybox"), mode: 0o100755 },
          { path: "init", data: init, mode: 0o100755 },
          { path: "dev/console", mode: 0o20600, rdev: [5, 1] },
          { path: "virtio_blk.ko", data: module("virtio_blk") },
        ]),
      ),
      osRelease: contentOfText("ID=test\n"),
      commandLine: "console=ttyS0,115200n8",
    });
    const raw = diskOf(uki, { partitions });
    await write("boot.raw", raw);
    await write("boot.vhd", writeFixedVhd(raw, vhd));
    for (const name of ["boot.raw", "boot.vhd"]) {
      const machine = await bootImage(outside(name), { network: false, onNotice: console.warn });
      try {
        await machine.waitFor(/READY/, BOOT_MILLISECONDS);
        expect(machine.output()).toContain(`DISK vda ${raw.size / 512}`);
        expect(machine.output()).toContain(`DISK vda2 ${(100 * MEBIBYTE) / 512}`);
        expect(machine.output()).toContain("LABEL PARTNAME=persistent");
      } finally {
        await machine.kill();
      }
    }
  });
});
