/** RTMR0 of a machine, held against event logs of TDs that others have published, and of booted machines with a TPM. */
import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { type MachineEnvironment, type Measurements, measure } from "#dist/index.js";
import { bootOptionEvents } from "#dist/measure/boot-options.js";
import { digestsOf } from "#dist/measure/event.js";
import { readEventLog } from "#dist/measure/event-log.js";
import { readExpected } from "#dist/measure/expected.js";
import type { BootPath, Profile } from "#dist/measure/profile.js";
import { replay } from "#dist/measure/replay.js";
import { rtmr0Of } from "#dist/measure/rtmr-0.js";
import { withVariables } from "../fixtures/boot/write-variables.js";
import { acpiScript, smbiosTable } from "./machine-files.js";
import { logOf, makeUki } from "./small-images.js";
import { emptyVariables, gcpSections, makeTdFirmware, ovmfSections, type TdFirmwareParts } from "./td-firmware.js";

const GIB = 2 ** 30;
const uki = contentOfBytes(await readContent(await makeUki()));
const bytesOf = (text: string) => new TextEncoder().encode(text);
const loader = acpiScript([1, "etc/acpi/rsdp"], [1, "etc/acpi/tables"], [3, "etc/acpi/tables"]);
const files = new Map([
  ["etc/table-loader", loader],
  ["etc/acpi/rsdp", bytesOf("RSD PTR ")],
  ["etc/acpi/tables", bytesOf("DSDT")],
]);
const machine: MachineEnvironment = { edk2: "2025.02", memoryBytes: 2 * GIB, firmwareConfiguration: files };

/** As `measure` calls it; of a disk where it says so, and with firmware that says nothing of its version. */
function rtmr0(environment: MachineEnvironment, { bootPath = "kernel", ...parts }: Parts = {}) {
  const profile = { platform: "qemu-tdx", bootPath, secureBoot: false } as Profile;
  const firmware = makeTdFirmware({ drivers: { smbios: environment.edk2 === "2026.08" }, ...parts });
  return rtmr0Of(environment, { firmware, profile, programs: [uki] });
}
interface Parts extends TdFirmwareParts {
  readonly bootPath?: BootPath;
}

describe("RTMR0", () => {
  // Event logs of TDs of dstack's, in the tests of programs that verify them: RTMR0, digests of its ACPI files.
  it.each([
    [
      2,
      "85e0855a6384fa1c8a6ab36d0dcbfaa11a5753e5a070c08218ae5fe872fcb86967fd2449c29e22e59dc9fec998cb6547",
      "68cd79315e70aecd4afe7c1b23a5ed7b3b8e51a477e1739f111b3156def86bbc56ebf239dcd4591bc7a9fff90023f481",
      "6bc203b3843388cc4918459c3f5c6d1300a796fb594781b7ecfaa3ae7456975f095bfcc1156c9f2d25e8b8bc1b520f66",
      "ec9e8622a100c399d71062a945f95d8e4cdb7294e8b1c6d17a6a8d37b5084444000a78b007ef533f290243421256d25c",
    ],
    [
      4,
      "79207fa707c5bbf697d579bbd44c2ba14f8565d528aff0de407c58fd34815b67a35cfbb0a0d996b1c7b911a2c8ae806c",
      "142aa9710a7187d649bfafab0a4226e554859c7fb0cd3e6707f31291e332e399b4ae8f851876ef0af8e607a59b60cc8e",
      "07d867a2ead8d8e3b1240f17e461089b819ab63ac34eff3b29459445c67409c2342dfdc9335d2335a5aaf591fe1483e1",
      "da8447b3b4ae0110934f6b7fb9cb017962243eb62e3a971243fde4fd878f26f6ead8e59eba4a1a5b2211a5073cd66506",
    ],
    [
      64,
      "3744b154069500a466f514253b49858299b2e1bdc44e3d557337d81e828bedf6a0410f27d3a18c932e5e49e1c4215737",
      "6dae15170c9fea6455681e3f838941a642ff9001a02a333e9ca8549af1db4ba47f01403e31dabe6e8a0b41ddd38b6d99",
      "b3a62232ef6be064cce25a8b92cf55d4a6c099ee7a9c0852ce0c7d572393dae84895c0f59a9db5000f0b34a90c1b1bec",
      "b6ed8ff3fca3c308f3f1ec7889054cc900b1c6dad9b14aedd0144d046626c81a5dbae47937f4949bb2d674a0bd699a7b",
    ],
  ])("of a TD of %d GiB is what its hardware held", async (gibibytes, value, ...digests) => {
    const names = ["etc/table-loader", "etc/acpi/rsdp", "etc/acpi/tables"];
    const stated = new Map(names.map((name, i) => [name, digests[i]!]));
    const found = await rtmr0({ ...machine, memoryBytes: gibibytes * GIB, firmwareConfiguration: stated });
    expect(found.values).toEqual({ sha384: value });
    expect(found.boundTo).toMatch(/a TD of \d+ GiB of memory with this firmware file \(edk2 2025\.02\)/);
  });

  it("has its events in words, in firmware's order", async () => {
    const { events } = await rtmr0(machine);
    expect(events.map(({ type, what }) => `${type}: ${what}`)).toEqual([
      "EV_EFI_HANDOFF_TABLES2: the TD HOB: the list of 2 GiB of memory",
      "EV_EFI_PLATFORM_FIRMWARE_BLOB2: the firmware's configuration volume (CFV)",
      ...["SecureBoot", "PK", "KEK", "db", "dbx"].map(
        (n) => `EV_EFI_VARIABLE_DRIVER_CONFIG: the variable ${n}, 0 bytes`,
      ),
      "EV_SEPARATOR: four zero bytes: the firmware hands over",
      "EV_PLATFORM_CONFIG_FLAGS: ACPI: etc/table-loader, 4096 bytes",
      "EV_PLATFORM_CONFIG_FLAGS: ACPI: etc/acpi/rsdp, 8 bytes",
      "EV_PLATFORM_CONFIG_FLAGS: ACPI: etc/acpi/tables, 4 bytes",
      "EV_EFI_VARIABLE_BOOT: the value of BootOrder, 2 bytes",
      "EV_EFI_VARIABLE_BOOT: the value of Boot0000, 62 bytes",
    ]);
    expect(events[1]!.digests).toEqual(digestsOf(emptyVariables()));
    expect(events.at(-1)!.digests!.sha384).toMatch(/^23ada07f5261f12f/);
    const setup = await rtmr0(machine, { drivers: { secureBoot: true } });
    expect(setup.events[2]!.digests!.sha384).toMatch(/^cfa4e2c606f57262/);
  });

  it("takes the ACPI files that the script loads, in its order", async () => {
    const order = acpiScript([1, "etc/acpi/tables"], [2, "etc/acpi/tables"], [1, "etc/tpm/log"], [1, "etc/acpi/rsdp"]);
    const more = new Map([...files, ["etc/table-loader", order], ["etc/tpm/log", new Uint8Array(16)]]);
    const { events } = await rtmr0({ ...machine, firmwareConfiguration: more });
    const named = events.flatMap(({ what }) => /^ACPI: ([^,]+)/.exec(what)?.[1] ?? []);
    expect(named).toEqual(["etc/table-loader", "etc/acpi/tables", "etc/tpm/log", "etc/acpi/rsdp"]);
  });

  it("of edk2 2026.08 has fw_cfg's order of devices, SMBIOS, and two options of its own", async () => {
    const later = { ...machine, edk2: "2026.08", smbios: smbiosTable };
    const { events } = await rtmr0(later);
    expect(events.map(({ digests }) => digests!.sha384.slice(0, 8))).toEqual([
      ...["0e35f1b3", "344bc51c"],
      ...[new Uint8Array(2), bytesOf("/rom@genroms/linuxboot_dma.bin\0")].map((b) => digestsOf(b).sha384.slice(0, 8)),
      ...["9dc3a1f8", "6f2e3cbc", "d607c0ef", "08a74f89", "18cc6e01", "394341b7"],
      ...[...files.values()].map((bytes) => digestsOf(bytes).sha384.slice(0, 8)),
      ...["4e3fc4f8", "52b9a02d", "5068e6a9", "dd424f2e"],
    ]);
    const bootVariables = new Map([
      ["BootOrder", Uint8Array.of(0x0b, 1)],
      ["Boot010B", bytesOf("disk")],
    ]);
    const order = (value: string) => new Map([...files, ["bootorder", bytesOf(value)]]);
    const booted = async (value: string) =>
      (await rtmr0({ ...later, bootVariables, firmwareConfiguration: order(value) }, { bootPath: "esp" })).events.map(
        ({ what }) => what,
      );
    expect(await booted("/pci\0")).toContain("fw_cfg's bootorder");
    expect(await booted("")).not.toContain("fw_cfg's bootorder");
    expect((await booted("")).at(-1)).toBe("the value of Boot010B, 4 bytes");
  });
});

describe("a log of another machine diverges, and why is told", () => {
  const other = (name: string, text: string) => ({ firmwareConfiguration: new Map([...files, [name, bytesOf(text)]]) });
  const option = (value: string) => ({
    bootVariables: new Map([
      ["BootOrder", Uint8Array.of(0, 0)],
      ["Boot0000", bytesOf(value)],
    ]),
  });
  const later = { edk2: "2026.08", smbios: smbiosTable };
  const olderSmbios = smbiosTable.slice();
  olderSmbios[smbiosTable.lastIndexOf(0x32)]! ^= 1;
  it.each<[string, number, Partial<MachineEnvironment>, Partial<MachineEnvironment>, RegExp]>([
    ["memory", 1, {}, { memoryBytes: 4 * GIB }, /another size of memory/],
    ["tables", 11, {}, other("etc/acpi/tables", "SSDT"), /other devices/],
    ["an option", 13, option("a"), option("b"), /other disks/],
    ["the order of devices", 4, later, { ...later, ...other("bootorder", "/pci\0") }, /bootindex/],
    ["SMBIOS", 14, later, { ...later, smbios: olderSmbios }, /another QEMU/],
  ])("%s", async (_, event, expected, held, reason) => {
    const registers = async (change: Partial<MachineEnvironment>) => [await rtmr0({ ...machine, ...change })];
    const log = { registers: await registers(held) } as unknown as Measurements;
    const document = { format: "tdx-assemble/measurements/1", registers: await registers(expected) };
    const { divergence } = replay(readEventLog(logOf(log, "td")), readExpected(JSON.stringify(document)));
    expect(divergence).toMatchObject({ register: "rtmr0", event, reason: expect.stringMatching(reason) });
  });
});

describe("what cannot be known is refused", () => {
  const without = (name: string) => new Map([...files].filter(([key]) => key !== name));
  const incomplete = "measure/environment-incomplete";
  it.each<[string, Partial<MachineEnvironment>, string, RegExp]>([
    ["another edk2", { edk2: "2025.11" }, "measure/profile-unknown", /edk2 2025\.11, one of 2025\.02, 2026\.08/],
    ["an edk2 that is not stated", { edk2: undefined }, incomplete, /of which edk2/],
    ["a missing table", { firmwareConfiguration: without("etc/acpi/tables") }, incomplete, /etc\/acpi\/tables/],
    ["a missing script", { firmwareConfiguration: without("etc/table-loader") }, incomplete, /etc\/table-loader/],
    ["an SMBIOS table that is not there", { edk2: "2026.08" }, incomplete, /SMBIOS/],
    [
      "a digest that does not tell an order",
      {
        firmwareConfiguration: new Map<string, Uint8Array | string>([
          ...files,
          ["etc/table-loader", "00".repeat(48)],
          ["etc/tpm/log", "00".repeat(48)],
        ]),
      },
      incomplete,
      /does not tell when etc\/tpm\/log/,
    ],
    [
      "a script that is none",
      { firmwareConfiguration: new Map([...files, ["etc/table-loader", new Uint8Array(100)]]) },
      "measure/environment-invalid",
      /table-loader/,
    ],
    [
      "a command that is none",
      { firmwareConfiguration: new Map([...files, ["etc/table-loader", acpiScript([9, ""])]]) },
      "measure/environment-invalid",
      /command 9/,
    ],
  ])("%s", async (_, change, code, message) => {
    const error = await rtmr0({ ...machine, ...change }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) });
  });

  it("a disk without its boot options, and options that are not there", async () => {
    const code = incomplete;
    await expect(rtmr0(machine, { bootPath: "esp" })).rejects.toMatchObject({
      code,
      message: expect.stringContaining("BootOrder"),
    });
    const bootVariables = new Map([["BootOrder", Uint8Array.of(2, 0)]]);
    await expect(rtmr0({ ...machine, bootVariables })).rejects.toMatchObject({
      message: expect.stringContaining("Boot0002"),
    });
    const cut = { bootVariables: new Map([["BootOrder", new Uint8Array(1)]]) };
    const release = { name: "2025.02", measuresMore: false } as const;
    expect(() => bootOptionEvents(cut, { bootPath: "esp", release })).toThrow(expect.objectContaining({ code }));
  });

  it("no firmware, firmware with keys while Secure Boot is said to be off, and damaged stores", async () => {
    await expect(measure(uki, { environment: machine })).rejects.toMatchObject({ code: incomplete });
    const keys = { variables: withVariables(emptyVariables(), { PK: bytesOf("key") }) };
    const code = "measure/profile-unknown";
    await expect(rtmr0(machine, keys)).rejects.toMatchObject({
      code,
      message: expect.stringContaining("keys"),
    });
    const off = withVariables(emptyVariables(), { PK: bytesOf("key"), SecureBootEnable: Uint8Array.of(0) });
    expect((await rtmr0(machine, { variables: off })).events[3]!.what).toBe("the variable PK, 3 bytes");
    const invalid = { code: "measure/firmware-invalid" };
    for (const bytes of [
      new Uint8Array(8),
      new Uint8Array(0x84000),
      withVariables(emptyVariables(), { PK: bytesOf("1"), "": bytesOf("2") }).subarray(0, 0xa0),
    ])
      await expect(rtmr0(machine, { variables: bytes })).rejects.toMatchObject(invalid);
    const twice = withVariables(emptyVariables(), { A: bytesOf("1"), B: bytesOf("2") });
    twice[twice.indexOf(0x42, 0x64)] = 0x41;
    await expect(rtmr0(machine, { variables: twice })).rejects.toMatchObject(invalid);
    await expect(rtmr0(machine, { sections: ovmfSections.toSpliced(1, 1) })).rejects.toMatchObject(invalid);
    await expect(rtmr0(machine, { sections: ovmfSections.toSpliced(4, 1) })).rejects.toMatchObject(invalid);
  });

  const later = { version: "2026.08+ds-2", smbios: true };
  it.each<[string, string | undefined, TdFirmwareParts["drivers"] & {}, string]>([
    ["is another than stated", "2025.02", later, "is said to be edk2 2025.02, but its version begins with 2026.08"],
    ["does more than its release", "2025.02", { smbios: true }, "is said to be edk2 2025.02, but measures SMBIOS"],
    ["does less than its release", undefined, { version: "2026.08" }, "2026.08, but does not measure SMBIOS"],
    ["is of no known release", undefined, { version: "2025.11-3ubuntu7", smbios: true }, "edk2 2025.11, one of"],
  ])("firmware that %s", async (_, edk2, drivers, message) => {
    await expect(rtmr0({ ...machine, edk2 }, { drivers })).rejects.toMatchObject({
      code: "measure/profile-unknown",
      message: expect.stringContaining(message),
    });
  });

  it("Secure Boot with firmware that does none, or has no keys; firmware whose drivers cannot be read", async () => {
    const profile = { platform: "qemu-tdx", bootPath: "kernel", secureBoot: true } as Profile;
    const refused = async (firmware: Uint8Array, of: Profile, says: string) =>
      expect(rtmr0Of(machine, { firmware, profile: of, programs: [] })).rejects.toMatchObject({
        code: "measure/profile-unknown",
        message: expect.stringContaining(says),
      });
    await refused(makeTdFirmware(), profile, "no keys");
    const variables = withVariables(emptyVariables(), { PK: bytesOf("key") });
    await refused(makeTdFirmware({ variables }), profile, "no Secure Boot");
    const unread = makeTdFirmware();
    unread[Buffer.from(unread).indexOf("98584eee143959429d6edc7bd79403cf", 0, "hex") + 33] = 1;
    await refused(unread, { ...profile, secureBoot: false }, "cannot be read");
  });

  it("firmware of Google Cloud that is not known", async () => {
    const profile = { platform: "gcp", bootPath: "esp", secureBoot: false } as Profile;
    const environment = { ...machine, memoryBytes: 16 * GIB, furtherDisks: 0 };
    const options = { firmware: makeTdFirmware({ sections: gcpSections }), profile, programs: [uki] };
    await expect(rtmr0Of(environment, options)).rejects.toMatchObject({
      code: "measure/profile-unknown",
      message: expect.stringContaining("Google Cloud"),
    });
  });
});
