/**
 * Secure Boot on, with keys of `keys generate`: OVMF boots what they sign, and what is predicted is what the machine holds, PCR 7 included;
 * it refuses an altered and an unsigned image. Refusals of -kernel and enrolment by the firmware itself: test/nightly/secure-boot.test.ts.
 */
import { describe, expect, it, vi } from "vitest";
import { type Content, contentOfBytes } from "#dist/bytes/content.js";
import { measure } from "#dist/index.js";
import { checkPrediction, diskOfUki } from "../fixtures/boot/predicted-boot.js";
import { altered, expectRefusal, secureMachineWithUki } from "../fixtures/boot/secure-boot.js";

// Under load a boot takes minutes.
vi.setConfig({ testTimeout: 1_800_000 });

const { machine, unsigned, signed } = await secureMachineWithUki();

const check = (name: string, artifact: Content, append?: string) =>
  checkPrediction({
    ...{ name, artifact },
    measured: { secureBoot: true, enrolled: machine.enrolled, loadOptions: append },
    boot: { firmware: machine.firmware, ...(append === undefined ? {} : { append }) },
  });

describe("with Secure Boot on", () => {
  it("a signed UKI boots from a disk, and every register is as predicted", async () => {
    const { predicted, log } = await check("signed disk", diskOfUki(contentOfBytes(signed)));
    const authority = log.events.filter(({ type }) => type === "EV_EFI_VARIABLE_AUTHORITY");
    expect(authority).toHaveLength(1);
    expect(predicted.registers.find(({ name }) => name === "pcr7")!.events).toHaveLength(7);
  });

  it("a signed UKI boots as -kernel, and what -append says is ignored", async () => {
    const artifact = contentOfBytes(signed);
    const append = "console=ttyS0 init=/bin/sh";
    const { live, against } = await check("signed -kernel", artifact, append);
    expect(live.commandLine).not.toContain("init=");
    const plain = await measure(artifact, { platform: "qemu-tpm", secureBoot: true, enrolled: machine.enrolled });
    expect(against(plain).matches).toBe(true);
  });

  it.each([
    ["altered", () => altered(signed)],
    ["unsigned", () => unsigned],
  ])("an %s UKI on a disk is refused", async (_, uki) => {
    await expectRefusal(machine, diskOfUki(contentOfBytes(uki())), /Access Denied|Security Violation/);
  });
});
