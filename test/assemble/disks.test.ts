/** Disks of whole images: what they hold, that all formats hold the same, that they come out the same again. */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { sliceFile } from "#dist/bytes/slice-file.js";
import { readExt4 } from "#dist/filesystem/ext4/read-ext4.js";
import { readGcpArchive } from "#dist/gpt/containers/read-gcp.js";
import { readQcow2 } from "#dist/gpt/containers/read-qcow2.js";
import { readVhd } from "#dist/gpt/containers/read-vhd.js";
import { readGpt } from "#dist/gpt/read-gpt.js";
import { catEntry } from "#dist/report/inspect/cat-entry.js";
import { inspectArtifact } from "#dist/report/inspect/inspect-artifact.js";
import { artifactEntries } from "#dist/report/inspect/open-artifact.js";
import { renderInspection } from "#dist/report/inspect/render-inspection.js";
import { errorOf, openScene, scratchDirectory, sha256 } from "./image-fixture.js";

// Whole builds: on a busy machine they take their time.
vi.setConfig({ testTimeout: 300_000 });

const outputs = ["uki", "raw", "qcow2", "vhd", "gcp"] as const;
const disk = {
  partitions: [
    { type: "esp" as const, size: "40M" },
    { type: "linux-generic" as const, label: "persistent", size: "8M" },
    { type: "xbootldr" as const, label: "BOOT", size: "12M", format: "vfat" as const },
  ],
};

describe("the disks of an image", () => {
  it("hold its UKI where firmware looks, and are all the same disk", async () => {
    const scene = await openScene();
    const output = scratchDirectory();
    const { manifest, files } = await scene.build({ input: { outputs: [...outputs], disk }, output });
    const read = (ending: string) => contentOfBytes(new Uint8Array(readFileSync(join(output, `test${ending}`))));
    expect(JSON.parse(manifest).outputs.map(({ name }: { name: string }) => name)).toEqual(
      ["efi", "raw", "qcow2", "vhd", "tar.gz"].map((ending) => `test.${ending}`),
    );
    expect(files).toContain(join(output, "test.qcow2"));
    const raw = read(".raw");
    expect(raw.size).toBe(62 << 20);
    expect(sha256(await readContent(readQcow2(read(".qcow2")).disk))).toBe(sha256(raw.read()));
    expect(sha256(await readContent(readVhd(read(".vhd")).disk))).toBe(sha256(raw.read()));
    expect((await readGcpArchive(read(".tar.gz"))).disk.size).toBe(2 ** 30);
    expect(statSync(join(output, "test.raw")).blocks * 512).toBeLessThan(4 << 20);

    const inspection = await inspectArtifact(read(".qcow2"));
    expect(inspection).toMatchObject({
      kind: "disk",
      container: "qcow2",
      diskBytes: 62 << 20,
      gpt: {
        problems: [],
        partitions: [
          { type: "esp", fileSystem: { format: "fat32", label: "ESP", tree: { files: 1, directories: 2 } } },
          { type: "linux-generic", label: "persistent", bytes: 8 << 20 },
          { type: "xbootldr", fileSystem: { format: "fat16", label: "BOOT" } },
        ],
      },
    });
    expect(renderInspection(inspection)).toMatch(/partition 1: esp\n.*\n.*\n {2}file system {3}fat32, id/);
    expect(await inspectArtifact(read(".tar.gz"))).toMatchObject({
      kind: "disk",
      container: "gcp",
      diskBytes: 2 ** 30,
    });
    const names: string[] = [];
    for await (const { path } of artifactEntries(read(".vhd"))) names.push(path);
    expect(names).toEqual([
      "partitions/1",
      "partitions/2",
      "partitions/3",
      "1/EFI",
      "1/EFI/BOOT",
      "1/EFI/BOOT/BOOTX64.EFI",
    ]);
    const pieces: Uint8Array[] = [];
    for await (const piece of catEntry(raw, "1/EFI/BOOT/BOOTX64.EFI")) pieces.push(piece.slice());
    expect(sha256(Buffer.concat(pieces))).toBe(sha256(readFileSync(join(output, "test.efi"))));
  });

  it("have an empty ext4 file system where a partition asks for one, over what is left", async () => {
    const scene = await openScene();
    const output = scratchDirectory();
    const partitions = [
      { type: "esp" as const, size: "40M" },
      { type: "linux-generic" as const, label: "data", format: "ext4" as const },
      { type: "var" as const, size: "20M", format: "ext4" as const },
    ];
    const input = { outputs: ["raw" as const], disk: { size: "300M", partitions } };
    const { sums, lock } = await scene.build({ input, output });
    expect(statSync(join(output, "test.raw")).blocks * 512).toBeLessThan(24 << 20);
    const raw = contentOfBytes(new Uint8Array(readFileSync(join(output, "test.raw"))));
    const [, data, small] = readGpt(raw).partitions;
    expect(data!.sectors * 512).toBe((300 - 62) << 20);
    const read = ({ startLba, sectors }: typeof data & object) =>
      readExt4(sliceFile(raw, startLba * 512, sectors * 512));
    for (const [partition, label] of [
      [data!, "data"],
      [small!, "var"],
    ] as const) {
      const found = read(partition);
      expect(found.label).toBe(label);
      expect(found.features).toContain("has_journal");
      expect([...found.tree.walk()].map(({ path }) => path)).toEqual(["/lost+found"]);
    }
    expect(read(data!).uuid).not.toBe(read(small!).uuid);
    expect((await scene.build({ input, lock })).sums).toEqual(sums);
    const tiny = [{ type: "esp" as const }, { type: "var" as const, size: "15M", format: "ext4" as const }];
    const error = await errorOf(scene.build({ input: { outputs: ["raw"], disk: { partitions: tiny } }, lock }));
    expect(error).toMatchObject({ code: "disk/partition-size" });
  });

  it("are the same bytes from another cache, alone or beside each other", async () => {
    const scene = await openScene();
    const input = { outputs: [...outputs], disk };
    const { sums, lock } = await scene.build({ input });
    for (const format of ["vhd", "gcp"] as const) {
      const alone = await scene.build({
        input,
        lock,
        formats: [format],
        options: { cacheDir: join(scratchDirectory(), "cache"), jobs: 1 },
      });
      expect(alone.sums).toEqual({ [format]: sums[format] });
    }
  });

  it("that cannot be made are refused before anything is built", async () => {
    const scene = await openScene();
    const partitions = [{ type: "esp" as const }, { type: "root" as const }];
    const error = await errorOf(scene.build({ input: { outputs: ["raw"], disk: { partitions } } }));
    expect(error).toMatchObject({ code: "disk/content-missing" });
  });
});
