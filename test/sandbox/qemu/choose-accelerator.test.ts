import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseAccelerator } from "#dist/sandbox/qemu/choose-accelerator.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "accelerator-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A QEMU that tells a version and starts no machine, as where KVM is there but does not work. */
function qemu(version: string): string {
  const path = join(directory, "qemu");
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] || exit 134\necho "${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("chooseAccelerator", () => {
  it.each([
    ["QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)", "max,-cx16"],
    ["QEMU emulator version 8.0.0", "max"],
    ["QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)", "max"],
    ["something else", "max"],
  ])("translates with %s on a CPU %s", async (version, cpu) => {
    expect(await chooseAccelerator(qemu(version))).toEqual({ name: "tcg", cpu });
  });

  it("translates where QEMU cannot even be asked", async () => {
    expect(await chooseAccelerator(join(directory, "none"))).toEqual({ name: "tcg", cpu: "max" });
  });
});
