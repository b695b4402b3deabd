/**
 * Predictions held against booted images, in the ways that test/nightly/measure-boot.test.ts leaves out.
 */
import { describe, it } from "vitest";
import { checkStub } from "../fixtures/boot/predicted-boot.js";

describe("every predicted PCR is the live one", () => {
  it.each([
    ["bookworm", "-kernel"],
    ["bookworm", "-append"],
    ["bookworm", "systemd-boot"],
    ["trixie", "-kernel"],
    ["trixie", "disk"],
    ["late", "-kernel"],
    ["late", "-append"],
    ["late", "systemd-boot"],
  ] as const)("stub of %s, %s", { timeout: 1_800_000 }, checkStub);
});
