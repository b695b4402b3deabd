/**
 * RTMR0 held against booted machines: PCR 1 and 7 of a machine with a TPM have the events that firmware of TDs puts into RTMR0, but for the first
 * two (memory, and the volume of variables) and what edk2 2026.08 reads of fw_cfg in a TD. What it follows from is read in the guest.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { contentOfBytes } from "#dist/bytes/content.js";
import { measure } from "#dist/index.js";
import { readEventLog } from "#dist/measure/event-log.js";
import { eventsOf } from "#dist/measure/measure.js";
import type { Firmware } from "#dist/sandbox/qemu/find-qemu.js";
import { environmentBoot, environmentUki } from "../fixtures/boot/environment-boot.js";
import { diskOfUki, plainFirmware, withArtifact } from "../fixtures/boot/predicted-boot.js";
import { secureMachineWithUki } from "../fixtures/boot/secure-boot.js";
import { debianFile, testCacheDirectory } from "../fixtures/oracle/oracle-tree.js";

vi.setConfig({ testTimeout: 1_800_000 });

type Way = "-kernel" | "disk";

const { machine } = await secureMachineWithUki();
const unsigned = await environmentUki();
const signed = machine.signBytes("environment.efi", unsigned);

/** Debian sid's; another release of edk2 is to be looked at before it is believed. */
function sidFirmware(): Firmware {
  debianFile("sid", "ovmf-generic", "usr/share/OVMF/OVMF_CODE_4M.fd");
  const ovmf = join(testCacheDirectory(), "packages/sid/ovmf-generic/usr/share/OVMF");
  return { code: `${ovmf}/OVMF_CODE_4M.fd`, variables: `${ovmf}/OVMF_VARS_4M.fd`, format: "raw" };
}

/** The file that a TD would be started with: variables, then code. */
const whole = ({ code, variables }: Firmware) =>
  contentOfBytes(new Uint8Array(Buffer.concat([readFileSync(variables), readFileSync(code)])));

async function checkEnvironment(
  firmware: Firmware,
  way: Way,
  { uki, edk2, secureBoot }: { readonly uki: Uint8Array; readonly edk2: string; readonly secureBoot?: boolean },
): Promise<void> {
  const artifact = way === "disk" ? diskOfUki(contentOfBytes(uki)) : contentOfBytes(uki);
  const live = await withArtifact(artifact, (path) => environmentBoot(path, { firmware }));
  const predicted = await measure(artifact, {
    ...{ platform: "qemu-tdx", firmware: whole(firmware), secureBoot },
    environment: {
      ...{ memoryBytes: 2 ** 31, firmwareConfiguration: live.firmwareConfiguration, smbios: live.smbios },
      ...(way === "disk" ? { bootVariables: live.bootVariables } : {}),
    },
  });
  // The release is read in the firmware.
  expect(predicted.registers.find(({ name }) => name === "rtmr0")!.boundTo).toContain(`edk2 ${edk2}`);
  const onlyInTdx = edk2 === "2025.02" ? 2 : 4;
  const { events } = readEventLog(live.eventLog);
  // One separator stands for those of both PCRs, and it is that of PCR 7.
  const held = events.filter(
    ({ register, type }) => register === "pcr7" || (register === "pcr1" && type !== "EV_SEPARATOR"),
  );
  for (const bank of ["sha256", "sha384"] as const)
    expect(
      eventsOf(predicted, "rtmr0")
        .slice(onlyInTdx)
        .map(({ type, digests }) => [type, digests![bank]]),
    ).toEqual(held.map(({ type, digests }) => [type, digests[bank]]));
  expect(held.length).toBeGreaterThan(10);
}

const ways: readonly Way[] = ["-kernel", "disk"];

describe("every event of RTMR0 that a TPM sees too is the live one, in order", () => {
  it.each(ways)("edk2 2025.02, %s", (way) =>
    checkEnvironment(plainFirmware(), way, { uki: unsigned, edk2: "2025.02" }),
  );

  it.each(ways)("edk2 2026.08, %s", (way) => checkEnvironment(sidFirmware(), way, { uki: unsigned, edk2: "2026.08" }));

  it.each(ways)("edk2 2025.02 with Secure Boot on, %s", (way) =>
    checkEnvironment(machine.firmware, way, { uki: signed, edk2: "2025.02", secureBoot: true }),
  );

  it("edk2 2025.02 in setup mode", () =>
    checkEnvironment(machine.inSetupMode, "-kernel", { uki: unsigned, edk2: "2025.02" }));
});
