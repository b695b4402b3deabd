/**
 * Predictions held against booted images: QEMU, OVMF and a software TPM, stubs of three Debian suites (252, 257, 258 or later).
 * Every predicted PCR equals the live one in both banks, and the event log replays to what the machine holds.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { writeFat } from "#dist/filesystem/fat/write-fat.js";
import { planDisk, writeDisk } from "#dist/gpt/write-disk.js";
import { type Content, type MeasureOptions, measure } from "#dist/index.js";
import { extend } from "#dist/measure/event.js";
import { readEventLog } from "#dist/measure/event-log.js";
import { readExpected } from "#dist/measure/expected.js";
import { replay } from "#dist/measure/replay.js";
import type { BootOptions } from "#dist/sandbox/qemu/boot-image.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { measuredBoot, measuringInitrd } from "../fixtures/boot/measured-boot.js";
import { debianDependency, debianFile, oracleTree } from "../fixtures/oracle/oracle-tree.js";

const directory = mkdtempSync(join(tmpdir(), "measure-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const kernelPackage = debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-");
const ovmf = join(oracleTree(), "usr/share/OVMF");
const firmware = { code: `${ovmf}/OVMF_CODE_4M.fd`, variables: `${ovmf}/OVMF_VARS_4M.fd`, format: "raw" } as const;
const efiFile = (suite: string, name: string) =>
  contentOfBytes(debianFile(suite, "systemd-boot-efi", `usr/lib/systemd/boot/efi/${name}`));

async function makeUki(suite: string): Promise<Content> {
  const uki = await writeUki({
    stub: efiFile(suite, "linuxx64.efi.stub"),
    kernel: contentOfBytes(debianFile("trixie", kernelPackage, "boot/vmlinuz-")),
    initrd: contentOfBytes(measuringInitrd()),
    osRelease: contentOfText("ID=test\n"),
    commandLine: "console=ttyS0,115200n8 quiet",
  });
  return contentOfBytes(await readContent(uki));
}

function makeDisk(files: readonly { readonly path: string; readonly content: Content }[]): Content {
  const fill = ({ sizeBytes, startLba }: { readonly sizeBytes: number; readonly startLba: number }) =>
    writeFat(files, { volumeId: 1, label: "ESP", type: 32, mtimeSeconds: 0, sizeBytes, hiddenSectors: startLba });
  const esp = { bytes: 96 << 20, fill };
  return writeDisk(
    planDisk(
      { sizeBytes: "auto", espSizeBytes: "auto", layout: "standard", partitions: [] },
      { seed: "630b5f72-a36a-4e83-b23d-6ef47c82fd9c", contents: new Map([["esp", esp]]) },
    ),
  );
}

interface Case {
  readonly name: string;
  readonly artifact: Content;
  readonly measured?: MeasureOptions;
  readonly boot?: BootOptions;
  /** Registers without a predictable value. */
  readonly unknown?: readonly string[];
}

async function check({ name, artifact, measured, boot, unknown = [] }: Case): Promise<void> {
  const path = join(directory, name);
  writeFileSync(path, await readContent(artifact));
  const live = await measuredBoot(path, { firmware, ...boot });
  const predicted = await measure(contentOfBytes(await readContent(artifact)), { platform: "qemu-tpm", ...measured });
  expect(live.commandLine, name).toBe(predicted.commandLine);
  expect(predicted.registers.map((register) => register.name)).toEqual([
    "pcr4",
    "pcr5",
    "pcr9",
    "pcr11",
    "pcr12",
    "pcr13",
  ]);
  const log = readEventLog(live.eventLog);
  for (const bank of ["sha256", "sha384"] as const) {
    for (const { name: register, values } of predicted.registers) {
      const held = live.pcrs[bank][Number(register.slice(3))];
      expect(values[bank], `${name} ${register} ${bank}`).toBe(unknown.includes(register) ? undefined : held);
    }
    for (const [i, held] of live.pcrs[bank].slice(0, 10).entries()) {
      const digests = log.events.filter(({ register }) => register === `pcr${i}`).map((event) => event.digests[bank]!);
      expect(extend(bank, digests), `${name} PCR ${i} replayed`).toBe(held);
    }
  }
  const outcome = replay(log, readExpected(JSON.stringify(predicted)));
  expect(outcome.divergence, name).toBeUndefined();
}

describe("predicted PCRs are the live ones", () => {
  for (const suite of ["bookworm", "trixie", "sid"])
    it(`with the stub of ${suite}`, async () => {
      const uki = await makeUki(suite);
      const secret = suite === "sid" ? ["pcr9"] : [];
      const loadOptions = "console=ttyS0 extra=1";
      const bootManager = efiFile(suite, "systemd-bootx64.efi");
      await check({ name: `${suite}.efi`, artifact: uki });
      await check({
        ...{ name: `${suite}-append.efi`, artifact: uki },
        ...{ measured: { loadOptions }, boot: { append: loadOptions } },
      });
      const disk = makeDisk([{ path: "EFI/BOOT/BOOTX64.EFI", content: uki }]);
      await check({ name: `${suite}.raw`, artifact: disk, unknown: secret });
      const managed = makeDisk([
        { path: "EFI/BOOT/BOOTX64.EFI", content: bootManager },
        { path: "EFI/Linux/test.efi", content: uki },
        { path: "loader/loader.conf", content: contentOfText("timeout 0\n") },
      ]);
      await check({ name: `${suite}-boot.raw`, artifact: managed, unknown: secret });
    }, 2_400_000);
});
