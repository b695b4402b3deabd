import { describe, expect, it } from "vitest";
import { checkSupported } from "#dist/config/check-supported.js";
import { defineImage, loadRecipe } from "#dist/config/load-recipe.js";
import type { ImageInput } from "#dist/config/schema.js";
import { errorOf, recipeFiles } from "./recipe-files.js";

const later: readonly [string, ImageInput][] = [
  ["root.location", { root: { location: "initramfs" } }],
  ["root.verity", { root: { verity: false } }],
  ["root.overlay", { root: { overlay: "none" } }],
  ["root.size", { root: { size: "512M" } }],
  ["kernel.build", { kernel: { build: { source: "linux-source-6.12", config: "c" } } }],
  ["sources", { sources: [{ name: "a", path: "b" }] }],
  ["buildPackages", { buildPackages: ["cargo"] }],
  ["scripts.build[0]", { scripts: { build: ["x"] } }],
  ["scripts.finalize[1]", { scripts: { finalize: ["x", { run: "y", in: "sandbox" }] } }],
  ["scripts.postoutput", { scripts: { postoutput: ["x"] } }],
];

describe("checkSupported", () => {
  it.each(later)("refuses %s", async (key, input) => {
    const error = await errorOf(() => checkSupported(defineImage({ image: "x", ...input })));
    expect(error).toMatchObject({ code: "recipe/not-supported-yet", message: expect.stringContaining(` ${key}: `) });
  });

  it("accepts what is built, and defaults that are stated", () => {
    checkSupported(
      defineImage({
        image: "x",
        root: { format: "initramfs", location: "disk", verity: true, overlay: "tmpfs", compression: { type: "zstd" } },
        disk: { size: "1G", espSize: "100M", layout: "standard", partitions: [{ type: "esp" }, { type: "var" }] },
        outputs: ["tar", "cpio", "initrd", "kernel", "uki", "raw", "qcow2", "vhd", "gcp", "ext4", "squashfs", "erofs"],
        scripts: { prepare: ["a"], postinst: ["b"], finalize: [{ run: "c" }], build: [] },
        sources: [],
        measure: true,
        secureBoot: { key: "k", certificate: "c" },
        pcrSigning: { signer: "s" },
        kernel: { image: "bzImage", version: "6.12" },
        initrd: { compression: { type: "gzip" } },
      }),
    );
  });

  it("accepts roots that are file systems", () => {
    for (const root of [
      { format: "squashfs" },
      { format: "squashfs", location: "initramfs", overlay: "none" },
      { format: "ext4", verity: false, overlay: "none", size: "512M" },
      { format: "erofs" },
      { format: "erofs", location: "initramfs" },
    ] as const)
      checkSupported(defineImage({ image: "x", root }));
  });

  it("takes a size of the root for an ext4 output, and for nothing else", async () => {
    checkSupported(defineImage({ image: "x", root: { size: "512M" }, outputs: ["ext4"] }));
    const recipe = defineImage({ image: "x", root: { size: "512M" }, outputs: ["ext4"] });
    expect((await errorOf(() => checkSupported(recipe, ["uki"]))).message).toContain("root.size: ");
  });

  it("names the place, and judges --format instead of outputs", async () => {
    const recipe = await loadRecipe(recipeFiles({ "image.yaml": "image: x\noutputs: [uki]\nroot:\n  size: 512M\n" }));
    expect((await errorOf(() => checkSupported(recipe))).message).toMatch(
      /image\.yaml:4:9: root\.size: a root of the format initramfs/,
    );
    checkSupported(recipe, ["ext4"]);
  });
});
