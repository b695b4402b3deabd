/**
 * examples/verity-disk, booted by OVMF with a software TPM: the root is verified, and data stays on a partition of the boot disk although
 * the disk grows, without PCR 5 changing. Every byte of its initramfs is in the example's account.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Image } from "#dist/index.js";
import { measuredBoot, PRINT_MEASUREMENTS } from "../fixtures/boot/measured-boot.js";
import { buildVerityDisk } from "../fixtures/boot/verity-disk.js";

const MIB = 1 << 20;
const directory = mkdtempSync(join(tmpdir(), "verity-disk-"));
const images: Image[] = [];
afterAll(async () => {
  for (const image of images) await image.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("data on a partition of the disk that is booted from", () => {
  it("stays, although the disk grows, and PCR 5 with it", async () => {
    const { disk, uki, image } = await buildVerityDisk({
      directory,
      probe: `mount | grep -E ' (/|/data) '\n${PRINT_MEASUREMENTS}`,
    });
    images.push(image);
    const account = ["scripts/initramfs-account.mjs", uki, "--check", "examples/verity-disk/README.md"];
    const { status, stdout, stderr } = spawnSync(process.execPath, account, { encoding: "utf8" });
    expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^\d+ bytes without modules; \d+ files$/m), ""]);
    const options = { network: false, keepsWrites: true } as const;
    const first = await measuredBoot(disk, options);
    expect(first.output).toContain("init: the root is squashfs, verified, overlay tmpfs");
    expect(first.output).toMatch(/data: warning: \/dev\/vda4 is plain ext4/);
    expect(first.output).toMatch(/\/dev\/vda4 on \/data type ext4 \(rw,nosuid,nodev,noatime/);
    expect(first.output).toContain("verity-disk: ready, boot 1\n");
    expect(first.output).not.toMatch(/start: not every module|not found|No such file/);
    const size = statSync(disk).size;
    truncateSync(disk, size + 1024 * MIB);
    const second = await measuredBoot(disk, options);
    expect(second.output).toContain("verity-disk: ready, boot 2\n");
    for (const bank of ["sha256", "sha384"] as const) {
      expect(second.pcrs[bank][5]).toMatch(/[1-9a-f]/);
      expect(second.pcrs[bank][5]).toBe(first.pcrs[bank][5]);
      expect(second.pcrs[bank][4]).toBe(first.pcrs[bank][4]);
    }
  }, 3_600_000);
});
