/** `measure` of the machine around a TD, as a process: what a guest's /sys shows, copied as it is or file by file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import type { Measurements } from "#dist/index.js";
import { digestsOf } from "#dist/measure/event.js";
import { acpiScript, smbiosTable } from "../measure/machine-files.js";
import { makeDisk, makeUki } from "../measure/small-images.js";
import { makeTdFirmware } from "../measure/td-firmware.js";
import { run } from "./run-cli.js";

vi.setConfig({ testTimeout: 300_000 });

const directory = mkdtempSync(join(tmpdir(), "cli-environment-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const put = (name: string, bytes: Uint8Array | string) => {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), bytes);
};
const loader = acpiScript([1, "etc/acpi/rsdp"], [1, "etc/acpi/tables"]);

beforeAll(async () => {
  const uki = contentOfBytes(await readContent(await makeUki()));
  put("image.efi", await readContent(uki));
  put("image.raw", await readContent(makeDisk([{ path: "EFI/BOOT/BOOTX64.EFI", content: uki }])));
  put("OVMF.fd", makeTdFirmware());
  put("later.fd", makeTdFirmware({ drivers: { version: "2026.08+ds-2", smbios: true, secureBoot: true } }));
  put("unnamed.fd", makeTdFirmware({ drivers: {} }));
  // As `cp -rL /sys/firmware/qemu_fw_cfg/by_name` leaves them, by their last names, and as digests.
  for (const [name, bytes] of [
    ["etc/table-loader", loader],
    ["etc/acpi/rsdp", "RSD PTR "],
    ["etc/acpi/tables", "DSDT"],
    ["bootorder", "/pci\0"],
  ] as const) {
    put(`by_name/${name}/raw`, bytes);
    put(`flat/${name.replace(/.*\//, "")}`, bytes);
    put(`digests/${name.replace(/.*\//, "")}.sha384`, `${digestsOf(Buffer.from(bytes)).sha384}  ${name}\n`);
  }
  put("broken/table-loader.sha384", "abc\n");
  const suffix = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  put(`efivars/BootOrder${suffix}`, Uint8Array.of(7, 0, 0, 0, 2, 0, 0, 0));
  put(`efivars/Boot0000${suffix}`, Uint8Array.of(7, 0, 0, 0, 65));
  put(`efivars/Boot0002${suffix}`, Uint8Array.of(7, 0, 0, 0, 66, 67));
  put(`efivars/BootCurrent${suffix}`, Uint8Array.of(6, 0, 0, 0, 2, 0));
  put("values/BootOrder", Uint8Array.of(2, 0, 0, 0));
  put("values/Boot0000", Uint8Array.of(65));
  put("values/Boot0002", Uint8Array.of(66, 67));
  put("DMI", smbiosTable);
});

const measured = (...words: string[]) => run(["measure", "--firmware", "OVMF.fd", "-C", directory, ...words]);
async function rtmr0(artifact: string, ...options: string[]) {
  const { status, out, error } = await measured(artifact, "--json", ...options);
  expect([status, error]).toEqual([0, ""]);
  return (JSON.parse(out) as Measurements).registers.find(({ name }) => name === "rtmr0")!;
}

describe("measure --memory --acpi", () => {
  it("predicts RTMR0, however the ACPI files are given", async () => {
    const common = ["--memory", "4GiB"];
    const found = await Promise.all(
      ["by_name", "flat", "digests"].map((acpi) => rtmr0("image.efi", ...common, "--acpi", acpi)),
    );
    expect(found[0]!.values.sha384).toMatch(/^[0-9a-f]{96}$/);
    expect(found[0]).toEqual(found[1]);
    expect(found[2]!.values).toEqual(found[0]!.values);
    const stated = await rtmr0("image.efi", "--memory", "4096M", "--edk2", "2025.02", "--acpi", "flat");
    expect(stated.values).toEqual(found[0]!.values);
    const table = await measured("image.efi", ...common, "--acpi", "flat");
    expect(table.out).toMatch(/^RTMR0 {2}sha384 {2}[0-9a-f]{96}\n {2}holds for a TD of 4 GiB of memory/m);
    expect(table.out).toMatch(/^ {2}02a008e63d55a778 {2}EV_EFI_HANDOFF_TABLES2: the TD HOB/m);
  });

  it("takes the boot options of a disk, as efivarfs has them or their values, and what a later edk2 measures", async () => {
    const later = ["--memory", "2G", "--acpi", "by_name", "--smbios", "DMI", "--firmware", "later.fd"];
    const found = await Promise.all(
      ["efivars", "values"].map((path) => rtmr0("image.raw", ...later, "--boot-variables", path)),
    );
    expect(found[0]).toEqual(found[1]);
    const events = found[0]!.events.map(({ what }) => what);
    expect(events.slice(-3)).toEqual([
      "the value of BootOrder, 4 bytes",
      "the value of Boot0002, 2 bytes",
      "the value of Boot0000, 1 bytes",
    ]);
    expect(events).toContain("the variable SecureBoot, 1 bytes");
    expect(events).toContain("fw_cfg's bootorder");
  });

  it.each([
    ["image.efi --memory 2G", 2, "measure/environment-incomplete", /--acpi is not there/],
    ["image.efi --edk2 2025.02 --acpi flat", 2, "measure/environment-incomplete", /--memory is not there/],
    ["image.efi --memory 2G --acpi flat --firmware unnamed.fd", 2, "measure/environment-incomplete", /--edk2/],
    ["image.raw --memory 2G --acpi flat --edk2 2025.02", 2, "measure/environment-incomplete", /--boot-variables/],
    ["image.efi --memory 2G --acpi efivars --edk2 2025.02", 2, "measure/environment-incomplete", /table-loader/],
    ["image.efi --memory 2G --acpi flat --edk2 2024.02", 1, "measure/profile-unknown", /--event-log/],
    ["image.efi --memory 2M --acpi flat --edk2 2025.02", 1, "measure/environment-invalid", /2097152 bytes/],
    ["image.efi --memory 2G --acpi broken --edk2 2025.02", 1, "measure/environment-invalid", /96 hex digits/],
    ["image.efi --memory 2G --acpi nowhere --edk2 2025.02", 2, "measure/file-missing", /no directory/],
    ["image.efi --memory 2G --acpi flat --boot-variables DMI", 2, "measure/file-missing", /no directory/],
    ["image.efi --memory 2G --acpi flat --platform azure", 1, "measure/environment-invalid", /azure/],
    ["image.efi --memory 2G --acpi flat --event-log DMI", 1, "measure/environment-invalid", /event log/],
    ["image.raw --memory 16G --acpi flat --platform gcp", 1, "measure/profile-unknown", /Google Cloud/],
  ] as const)("refuses %s", async (line, status, code, says) => {
    const ended = await measured(...line.split(" "));
    expect([ended.status, ended.out]).toEqual([status, ""]);
    expect(ended.error).toContain(`error[${code}]: Cannot `);
    expect(ended.error).toMatch(says);
  });

  it.each([
    ["--memory", "lots"],
    ["--further-disks", "-1"],
  ])("takes no %s %s", async (option, value) => {
    expect((await measured("image.efi", option, value)).status).toBe(2);
  });
});
