/**
 * Secure Boot in longer ways than test/heavy/secure-boot.test.ts has: keys that the firmware enrols itself out of the `.auth` files of `keys generate`,
 * and images as -kernel that are not signed.
 *
 * What was shown, with edk2 2025.02: a UKI that is altered or unsigned does not start as -kernel; a plain kernel does, signed by nobody, since
 * this firmware then falls back to a loader that neither verifies nor measures it. edk2 2026.08 refuses that too.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { measure } from "#dist/index.js";
import { extend } from "#dist/measure/event.js";
import { eventsOf } from "#dist/measure/measure.js";
import { pcr7Events } from "#dist/measure/pcr-7.js";
import { measuredBoot, parseMeasurements } from "../fixtures/boot/measured-boot.js";
import { bootPlainKernel, unsignedKernel } from "../fixtures/boot/plain-kernel.js";
import { diskOf, efiFile, withArtifact } from "../fixtures/boot/predicted-boot.js";
import { altered, expectRefusal, secureMachineWithUki } from "../fixtures/boot/secure-boot.js";
import { debianFile } from "../fixtures/oracle/oracle-tree.js";

vi.setConfig({ testTimeout: 1_800_000 });

const { directory, machine, unsigned, signed } = await secureMachineWithUki();

describe("as -kernel", () => {
  it.each([
    ["altered", () => altered(signed)],
    ["unsigned", () => unsigned],
  ])("an %s UKI is refused", async (_, uki) => {
    // What it cannot verify it gives to its loader of plain kernels, which a UKI is not.
    await expectRefusal(
      machine,
      contentOfBytes(uki()),
      /image verification failed[\s\S]*failed to load Boot0001 .*: Not Found/,
    );
  });
});

describe("a plain kernel without a signature, as -kernel", () => {
  it("is started by edk2 2025.02 all the same, and is in no register: PCR 4 could still become what a disk leaves in it", async () => {
    const said = await bootPlainKernel(await unsignedKernel(), machine.firmware, /MEASURED/);
    expect(said).toMatch(/image verification failed[\s\S]*Using legacy linux kernel loader/);
    const { pcrs } = parseMeasurements(said);
    const disk = diskOf([{ path: "EFI/BOOT/BOOTX64.EFI", content: contentOfBytes(signed) }]);
    const predicted = await measure(disk, { platform: "qemu-tpm", secureBoot: true });
    const begun = eventsOf(predicted, "pcr4").slice(0, 2);
    for (const bank of ["sha256", "sha384"] as const) {
      const digests = begun.map((event) => event.digests![bank]);
      expect(pcrs[bank][4]).toBe(extend(bank, digests));
      expect([pcrs[bank][11], pcrs[bank][12]]).toEqual([extend(bank, []), extend(bank, [])]);
    }
  });

  it("is refused by the firmware of Debian sid", async () => {
    const inSid = (name: string) => {
      const path = join(directory, `sid-${name}`);
      writeFileSync(path, debianFile("sid", "ovmf-generic", `usr/share/OVMF/${name}`));
      return path;
    };
    const firmware = {
      code: inSid("OVMF_CODE_4M.secboot.fd"),
      variables: inSid("OVMF_VARS_4M.ms.fd"),
      ...({ format: "raw", smm: true } as const),
    };
    const said = await bootPlainKernel(
      await unsignedKernel(),
      firmware,
      /legacy linux kernel loader is disabled|MEASURED/,
    );
    expect(said).not.toContain("MEASURED");
  });
});

describe("a machine in setup mode", () => {
  it("takes the keys that systemd-boot finds on the ESP, and then starts only what they sign", async () => {
    const manager = machine.signBytes("manager.efi", await readContent(efiFile("trixie", "systemd-bootx64.efi")));
    const uki = contentOfBytes(signed);
    const disk = diskOf([
      { path: "EFI/BOOT/BOOTX64.EFI", content: contentOfBytes(manager) },
      { path: "EFI/Linux/test.efi", content: uki },
      { path: "loader/loader.conf", content: contentOfText("timeout 0\nsecure-boot-enroll force\n") },
      ...["PK", "KEK", "db"].map((name) => ({
        path: `loader/keys/auto/${name}.auth`,
        content: contentOfBytes(new Uint8Array(readFileSync(join(machine.keys, `${name}.auth`)))),
      })),
    ]);
    const boot = { firmware: machine.inSetupMode, exitOnReboot: false };
    const { pcrs } = await withArtifact(disk, (path) => measuredBoot(path, boot));
    const events = await pcr7Events([contentOfBytes(manager), uki], machine.enrolled);
    for (const bank of ["sha256", "sha384"] as const) {
      const digests = events.map((event) => event.digests![bank]);
      expect(extend(bank, digests)).toBe(pcrs[bank][7]);
    }
  });
});
