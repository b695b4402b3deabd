import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { writeQcow2 } from "#dist/gpt/containers/qcow2.js";
import { writeDynamicVhd, writeFixedVhd } from "#dist/gpt/containers/vhd.js";
import { planDisk } from "#dist/gpt/plan-disk.js";
import { writeDisk } from "#dist/gpt/write-disk.js";
import { checkArtifact } from "#dist/sandbox/qemu/check-artifact.js";
import { qemuArguments } from "#dist/sandbox/qemu/qemu-arguments.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { makeKernel, makeStub } from "../../fixtures/pe/make-pe.js";
import { SEED } from "../../gpt/disk-fixture.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "check-artifact-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const disk = writeDisk(
  planDisk(
    { sizeBytes: "auto", espSizeBytes: "auto", layout: "standard", partitions: [{ type: "var", sizeBytes: 1 }] },
    { seed: SEED, contents: new Map() },
  ),
);
const vhd = { uniqueId: new Uint8Array(16), timeSeconds: 0 };

describe("checkArtifact", () => {
  it("tells a UKI from the disks of each format", async () => {
    const uki = await writeUki({ stub: contentOfBytes(makeStub()), kernel: contentOfBytes(makeKernel()) });
    const contents = {
      uki,
      raw: disk,
      qcow2: writeQcow2(disk),
      fixed: writeFixedVhd(disk, vhd),
      dynamic: writeDynamicVhd(disk, vhd),
    };
    const kinds: Record<string, string> = {};
    for (const [name, content] of Object.entries(contents)) {
      const path = join(directory, name);
      writeFileSync(path, await readContent(content));
      kinds[name] = await checkArtifact(path);
    }
    expect(kinds).toEqual({ uki: "uki", raw: "raw", qcow2: "qcow2", fixed: "vpc", dynamic: "vpc" });
  });

  it("refuses what is neither", async () => {
    const path = join(directory, "x");
    writeFileSync(path, "text");
    await expect(checkArtifact(path)).rejects.toMatchObject({ code: "run/artifact-invalid" });
  });
});

describe("qemuArguments", () => {
  it("boots a disk as a snapshot and first, a UKI as the kernel", () => {
    const machine = {
      artifact: "/a,b.raw",
      firmware: { code: "/code", variables: "/vars", format: "raw" },
      accelerator: { name: "tcg", cpu: "max" },
      memoryMiB: 512,
      cpus: 1,
      disks: [],
      network: false,
      forwards: [],
      exitOnReboot: false,
      keepsWrites: false,
    } as const;
    const disk = qemuArguments({ ...machine, kind: "vpc" }).join(" ");
    expect(disk).toContain("-drive if=none,id=boot,format=vpc,snapshot=on,file=/a,,b.raw");
    expect(disk).toContain("virtio-blk-pci,drive=boot,bootindex=0");
    expect(disk).not.toContain("-kernel");
    const kept = qemuArguments({ ...machine, kind: "vpc", keepsWrites: true }).join(" ");
    expect(kept).toContain("-drive if=none,id=boot,format=vpc,snapshot=off,file=/a,,b.raw");
    expect(qemuArguments({ ...machine, kind: "uki" }).slice(-2)).toEqual(["-kernel", "/a,b.raw"]);
  });
});
