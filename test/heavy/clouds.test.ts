/** The profiles of examples/tdx-debian for clouds: they build, and what is uploaded is the raw disk, bit for bit. */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { assemble, type Format, type Image, loadRecipe, lock, writeImage } from "#dist/index.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

const scratch = oracleScratch();
const images: Image[] = [];
afterAll(async () => {
  for (const image of images) await image.close();
  scratch.remove();
});
const run = (...command: string[]): string => runInOracle(scratch.inside, command);

/** Builds the example with a profile: in its own formats, or in these. */
async function build(profile: string, formats?: readonly Format[]): Promise<void> {
  const recipe = await loadRecipe(resolve("examples/tdx-debian"), { profiles: [profile] });
  const image = await assemble(recipe, { lock: await lock(recipe), ...(formats === undefined ? {} : { formats }) });
  images.push(image);
  await writeImage(image, scratch.outside);
}

describe("examples/tdx-debian", () => {
  it("for Azure: a VHD of whole MiB, and qcow2 and VHD convert back to the raw disk", async () => {
    const recipe = await loadRecipe(resolve("examples/tdx-debian"), { profiles: ["azure"] });
    expect(recipe.outputs).toEqual(["vhd"]);
    await build("azure", ["raw", "qcow2", "vhd"]);
    const name = "tdx-debian+azure";
    expect(statSync(join(scratch.outside, `${name}.vhd`)).size % (1 << 20)).toBe(512);
    for (const [format, ending] of [
      ["qcow2", "qcow2"],
      ["vpc", "vhd"],
    ] as const) {
      run("qemu-img", "convert", "-f", format, "-O", "raw", `${name}.${ending}`, "back.raw");
      run("cmp", "back.raw", `${name}.raw`);
    }
    expect(run("sgdisk", "-v", `${name}.raw`)).toContain("No problems found");
  });

  it("for Google Cloud: disk.raw of whole GiB with the measured partition table", async () => {
    await build("gcp");
    run("tar", "-xzf", "tdx-debian+gcp.tar.gz");
    expect(statSync(join(scratch.outside, "disk.raw")).size % 2 ** 30).toBe(0);
    expect(run("sgdisk", "-v", "disk.raw")).toContain("No problems found");
    expect(run("sfdisk", "-d", "disk.raw")).toContain("label-id: 12345678-1234-5678-1234-567812345678\n");
  });
});
