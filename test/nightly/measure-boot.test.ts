/**
 * Predictions held against booted images: QEMU, OVMF and a software TPM, stubs of three Debian suites (252, 257, 258 or later). Every
 * predicted PCR is the live one in both banks, the event log replays to what the machine holds, and the digests that TDX registers
 * share are equal. Late stubs put a secret into the initrd of a disk: its PCR 9 has no predicted value, and a test holds that it is said to have
 * none. The other ways of booting are in test/nightly/measure.test.ts.
 */
import { describe, it } from "vitest";
import { checkStub } from "../fixtures/boot/predicted-boot.js";

describe("every predicted PCR is the live one", () => {
  it.each([
    ["bookworm", "disk"],
    ["trixie", "-append"],
    ["trixie", "systemd-boot"],
    ["late", "disk"],
  ] as const)("stub of %s, %s", { timeout: 1_800_000 }, checkStub);
});
