import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findFirmware, findQemu } from "#dist/sandbox/qemu/find-qemu.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "find-qemu-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("findQemu", () => {
  it("takes the first of PATH that may be run", async () => {
    for (const [name, mode] of [
      ["a", 0o644],
      ["b", 0o755],
      ["c", 0o755],
    ] as const) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, "qemu-system-x86_64"), "");
      chmodSync(join(directory, name, "qemu-system-x86_64"), mode);
    }
    const path = ["a", "b", "c"].map((name) => join(directory, name)).join(":");
    expect(await findQemu(path)).toBe(join(directory, "b", "qemu-system-x86_64"));
  });

  it("names the package to install", async () => {
    const found = findQemu(undefined, []);
    await expect(found).rejects.toMatchObject({
      code: "run/qemu-missing",
      hint: expect.stringContaining("apt install"),
    });
  });
});

describe("findFirmware", () => {
  it("takes the firmware that comes with QEMU, beside the real program, where there is no other", async () => {
    mkdirSync(join(directory, "store/bin"), { recursive: true });
    mkdirSync(join(directory, "store/share/qemu"), { recursive: true });
    mkdirSync(join(directory, "profile"));
    writeFileSync(join(directory, "store/bin/qemu"), "");
    symlinkSync(join(directory, "store/bin/qemu"), join(directory, "profile/qemu"));
    for (const file of ["edk2-x86_64-code.fd", "edk2-i386-vars.fd"])
      writeFileSync(join(directory, "store/share/qemu", file), "");
    expect(await findFirmware(join(directory, "profile/qemu"), [])).toEqual({
      code: join(directory, "store/share/qemu/edk2-x86_64-code.fd"),
      variables: join(directory, "store/share/qemu/edk2-i386-vars.fd"),
      format: "raw",
    });
  });

  it("needs both files", async () => {
    const code = join(directory, "code.fd");
    const variables = join(directory, "vars.fd");
    const known = [{ code, variables, format: "raw" } as const];
    writeFileSync(code, "");
    await expect(findFirmware("/nonexistent/qemu", known)).rejects.toMatchObject({
      code: "run/firmware-missing",
      hint: expect.stringContaining("ovmf"),
    });
    writeFileSync(variables, "");
    expect(await findFirmware("/nonexistent/qemu", known)).toEqual(known[0]);
  });
});
