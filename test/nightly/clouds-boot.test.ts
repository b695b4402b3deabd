/**
 * The profiles of examples/tdx-debian for clouds, booted from what is uploaded: OVMF starts Azure's VHD as it is, and the disk that GNU tar takes out of
 * Google Cloud's archive.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { assemble, type Image, loadRecipe, lock, writeImage } from "#dist/index.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";

const BOOT_MILLISECONDS = 1_000_000;
const directory = mkdtempSync(join(tmpdir(), "clouds-boot-"));
const images: Image[] = [];
afterAll(async () => {
  for (const image of images) await image.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Builds the example with a profile; the file that its recipe asks for, which is all there is beside the manifest and the checksums. */
async function build(profile: string): Promise<string> {
  const recipe = await loadRecipe(resolve("examples/tdx-debian"), { profiles: [profile] });
  const image = await assemble(recipe, { lock: await lock(recipe) });
  images.push(image);
  const [file] = await writeImage(image, directory);
  return file!;
}

async function boots(disk: string): Promise<void> {
  const machine = await bootImage(disk, { onNotice: console.warn });
  try {
    await machine.waitFor(/tdx-debian: runlevel 5 ready.*\n/, BOOT_MILLISECONDS);
    const said = machine.output();
    // Nothing of a path around the disk: the firmware found the UKI in its ESP.
    expect(said).toMatch(/BdsDxe: starting Boot\d{4} /);
    expect(said).toMatch(/networking: eth0 has 10\.0\.2\.15\/24\n/);
    const complaints = said.split("\n").filter((line) => /error|cannot|failed|not found|no such/i.test(line));
    expect(complaints.filter((line) => !/^(\[|BdsDxe)/.test(line))).toEqual([]);
  } finally {
    await machine.kill();
  }
}

describe("examples/tdx-debian", () => {
  it("boots from Azure's VHD", async () => {
    const file = await build("azure");
    expect(file).toMatch(/\.vhd$/);
    await boots(file);
  });

  it("boots from Google Cloud's disk.raw", async () => {
    const file = await build("gcp");
    expect(file).toMatch(/\.tar\.gz$/);
    const extracted = mkdtempSync(join(directory, "gcp-"));
    execFileSync("tar", ["-xzf", file], { cwd: extracted });
    expect(readdirSync(extracted)).toEqual(["disk.raw"]);
    await boots(join(extracted, "disk.raw"));
  });
});
