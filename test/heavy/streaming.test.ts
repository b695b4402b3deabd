/**
 * Large disks: written with little memory (`node bench/stream.mjs FILE 4096` is the form of 4 GiB), and gone when the place is full.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { contentOfBytes } from "#dist/bytes/content.js";
import { writeQcow2 } from "#dist/gpt/containers/qcow2.js";
import { writeDynamicVhd, writeFixedVhd } from "#dist/gpt/containers/vhd.js";
import { planDisk, writeDisk } from "#dist/gpt/write-disk.js";
import { writeFileAtomically } from "#dist/io/atomic-file.js";
import { seededBytes } from "../fixtures/seeded-bytes.js";

const MIB = 1 << 20;
const directory = mkdtempSync(join(tmpdir(), "streaming-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a disk with a root of 768 MiB under verity", () => {
  it("is written with less memory than 300 MiB", () => {
    const file = join(directory, "large.qcow2");
    const said = execFileSync(process.execPath, ["bench/stream.mjs", file, "768"], { encoding: "utf8" });
    const { bytes, peakMiB } = JSON.parse(said) as { bytes: number; peakMiB: number };
    expect(statSync(file).size).toBe(bytes);
    expect(bytes).toBeGreaterThan(768 * MIB);
    expect(peakMiB).toBeLessThan(300);
    // Nothing is kept beside it.
    expect(readdirSync(directory)).toEqual(["large.qcow2"]);
    rmSync(file);
  });
});

describe("a full place", () => {
  const root = contentOfBytes(seededBytes(6 * MIB, 1));
  const seed = "630b5f72-a36a-4e83-b23d-6ef47c82fd9c";
  const disk = writeDisk(
    planDisk(
      { sizeBytes: "auto", espSizeBytes: "auto", layout: "standard", partitions: [] },
      { seed, contents: new Map([["root", { bytes: root.size, fill: () => root }]]) },
    ),
  );
  const vhd = { uniqueId: new Uint8Array(16), timeSeconds: 0 };

  it.each([
    ["read at once", root],
    ["raw", disk],
    ["qcow2", writeQcow2(disk)],
    ["fixed VHD", writeFixedVhd(disk, vhd)],
    ["dynamic VHD", writeDynamicVhd(disk, vhd)],
  ])("has nothing left of what is %s", async (_, content) => {
    const place = join(directory, "place");
    mkdirSync(place, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", place]);
    try {
      const written = writeFileAtomically(join(place, "disk"), content);
      await expect(written).rejects.toMatchObject({ code: "io/disk-full" });
      expect(readdirSync(place)).toEqual([]);
    } finally {
      execFileSync("umount", [place]);
    }
  });
});
