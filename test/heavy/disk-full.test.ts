/**
 * A full disk under every output, and under the cache while the archive for Google Cloud is compressed into it: the error says so, and nothing is left.
 * Needs root for the small disks.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { assemble, defineImage, type Format, lock, readContent, writeImage } from "#dist/index.js";
import { writeFileAtomically } from "#dist/io/atomic-file.js";
import {
  errorOf,
  inputOf,
  leftovers,
  openScene,
  type Scene,
  scratchDirectory,
  sha256,
} from "../assemble/image-fixture.js";

const FORMATS: readonly Format[] = [
  ...(["uki", "kernel", "initrd", "tar", "cpio", "squashfs"] as const),
  ...(["ext4", "erofs", "raw", "qcow2", "vhd", "gcp"] as const),
];

async function onSmallDisk<T>(size: string, body: (disk: string) => Promise<T>): Promise<T> {
  const disk = join(scratchDirectory(), "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk]);
  try {
    return await body(disk);
  } finally {
    execFileSync("umount", [disk]);
  }
}

/** Leaves no free block, or so many bytes. */
function fill(disk: string, spare = 0): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "ballast"), new Uint8Array(bavail * bsize - spare));
  expect(statfsSync(disk).bavail).toBe(Math.floor(spare / bsize));
}

const recipeOf = (scene: Scene) => defineImage(inputOf({}), { directory: scene.directory });

it("leaves nothing of any output", async () => {
  const scene = await openScene();
  const recipe = recipeOf(scene);
  const image = await assemble(recipe, { ...scene.options, lock: await lock(recipe, scene.options), formats: FORMATS });
  try {
    expect([...image.outputs.keys()].sort()).toEqual([...FORMATS].sort());
    await onSmallDisk("1m", async (disk) => {
      fill(disk);
      for (const [format, content] of image.outputs) {
        const alone = { ...image, outputs: new Map([[format, content]]), sidecars: new Map() };
        const { code, exit } = await errorOf(writeImage(alone, disk));
        expect([format, code, exit, readdirSync(disk)]).toEqual([format, "io/disk-full", 1, ["ballast"]]);
      }
      // Of several, those that had room are gone too.
      rmSync(join(disk, "ballast"));
      const two = new Map((["kernel", "tar"] as const).map((format) => [format, image.outputs.get(format)!]));
      fill(disk, two.get("kernel")!.size + 8192);
      const kernel = join(disk, "test.vmlinuz");
      await writeFileAtomically(kernel, two.get("kernel")!);
      rmSync(kernel);
      expect((await errorOf(writeImage({ ...image, outputs: two }, disk))).code).toBe("io/disk-full");
      expect(readdirSync(disk)).toEqual(["ballast"]);
    });
  } finally {
    await image.close();
  }
}, 600_000);

it("leaves nothing in the cache of an archive for Google Cloud that had no room, and makes it when there is", async () => {
  const scene = await openScene();
  const recipe = recipeOf(scene);
  await onSmallDisk("64m", async (disk) => {
    const cacheDir = join(disk, "cache");
    const options = { ...scene.options, cacheDir };
    const locked = await lock(recipe, options);
    const build = async (format: Format) => {
      const image = await assemble(recipe, { ...options, lock: locked, formats: [format] });
      const sum = sha256(await readContent(image.outputs.get(format)!));
      await image.close();
      return sum;
    };
    await build("uki");
    const files = () =>
      readdirSync(cacheDir, { recursive: true })
        .map(String)
        .filter((path) => /gzip-stream/.test(path));
    fill(disk);
    expect(await errorOf(build("gcp"))).toMatchObject({ code: "io/disk-full", exit: 1 });
    expect([leftovers(cacheDir), files()]).toEqual([[], []]);
    rmSync(join(disk, "ballast"));
    const sum = await build("gcp");
    expect(files().length).toBeGreaterThan(0);
    expect((await scene.build({ lock: locked, formats: ["gcp"] })).sums["gcp"]).toBe(sum);
  });
}, 600_000);
