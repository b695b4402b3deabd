/** The parts of RTMR0, held against digests that others have published, and those of booted machines. */
import { describe, expect, it } from "vitest";
import { digestsOf, extend, type MeasuredEvent } from "#dist/measure/event.js";
import { readFirmwareBuild } from "#dist/measure/firmware-build.js";
import { gcpEvents } from "#dist/measure/gcp-machine.js";
import { measuredSmbios } from "#dist/measure/smbios.js";
import { tdHob } from "#dist/measure/td-hob.js";
import { readTdvf } from "#dist/measure/tdvf.js";
import { smbiosTable } from "./machine-files.js";
import {
  type Drivers,
  gcpSections,
  intelTdxSections,
  makeTdFirmware,
  ovmfSections,
  packedDrivers,
} from "./td-firmware.js";

const GIB = 2 ** 30;

describe("the TD HOB", () => {
  const hob = (sections: typeof ovmfSections, gibibytes: number, writer: "qemu" | "gcp" = "qemu") =>
    digestsOf(tdHob(readTdvf(makeTdFirmware({ sections })), { memoryBytes: gibibytes * GIB, writer })).sha384;

  it.each([
    [2, "0e35f1b315ba6c912cf791e5c79dd9d3a2b8704516aa27d4e5aa78fb09ede04aef2bbd02ac7a8734c48562b9c26ba35d"],
    [4, "02a008e63d55a77823c04a5513a5810d4e592dc41bf2596267c09eae5d4b4e3b329ae614973fb192297d8833d37a08fd"],
    [64, "519245d8b6b54b48b57143e6647d41e5e6f3b4ef10a73c95be4d9a9c0f54115b707e7af5e38f7be6852229b18573690d"],
  ])("of %d GiB is the one that TDs of dstack measured", (gibibytes, digest) => {
    expect(hob(ovmfSections, gibibytes)).toBe(digest);
  });

  it("of Ubuntu's firmware is the one that a TD measured", () => {
    // virtee/tdx-measure, issue 52
    expect(hob(intelTdxSections, 2)).toBe(
      "0b8772e5b0b41b83e6044a68397e02f49fb47066b4fbe4917ea2c45c64f323fdacbb37948f821ebaf8bc9c938ba8a749",
    );
  });

  it.each([
    [16, "458994daa60deac8dea19dba79748f6ff93fd0aebb8e3e0be5a65eb12309d342c3ce31cc67af7bbd22af1a44e7d9fe21"],
    [32, "aa9e81feeb58a9eb3a9f4110cc7b5696240437ea4c1a9c30518cfc44fa305183e6473e6bc02ddc4de09d0c49c49fadb5"],
    [88, "a5be8ecd74020972e328fbbe94d2886817ef0d2e8a4e94e9572e8e1b221f3f608cddc868cf8b08e8e645e4aaeba68279"],
    [176, "21092eadb73948aebb405b826354c23c3025635c89a8d91f85905afb120b7d98025a6c3083e8e82b5320695b253ce341"],
  ])("of Google Cloud's machines with %d GiB is the published one", (gibibytes, digest) => {
    expect(hob(gcpSections, gibibytes, "gcp")).toBe(digest);
  });

  it("of a memory that cannot be is refused", () => {
    const code = "measure/environment-invalid";
    for (const gibibytes of [0, -1, 1 / 1024, 2.0000001, Number.NaN, 2 ** 20])
      expect(() => hob(ovmfSections, gibibytes), `${gibibytes}`).toThrow(expect.objectContaining({ code }));
    expect(() => hob(gcpSections, 2, "gcp")).toThrow(expect.objectContaining({ code }));
  });
});

describe("Google Cloud", () => {
  const mrtd = "feb7486608382c1ff0e15b4648ddc0acea6ca974eb53e3529f4c4bd5ffbaa20bf335cb75965cea65fe473aed9647c162";
  const files = new Map([
    [
      "etc/table-loader",
      "595afd922c90ebbe335c7973d0bd3ffcc7820b41f81929ad80b3b5e919b51fc07c0ff23ebb14088563e2b2886412415c",
    ],
    [
      "etc/acpi/rsdp",
      "f877abf8389a35d12290902a3d769a970bbbc16dc6fc568817c09fd6534c2752f3bcff8c2afeb65f8be93e248e58052d",
    ],
    [
      "etc/acpi/tables",
      "7605e3e2cad7be3aff8d19dba4fbaf8b12b3322cf9d1afdd1587ec75c12588c628595008b49243d58843ed0e1bad63e9",
    ],
  ]);
  const machine = (furtherDisks?: number) => ({ memoryBytes: 16 * GIB, firmwareConfiguration: files, furtherDisks });
  const events = (disks?: number, secureBoot = false) => gcpEvents(machine(disks), { mrtd, secureBoot });
  const sha384s = (of: readonly MeasuredEvent[]) => of.map(({ digests }) => digests!.sha384);

  it("has published variables, with Secure Boot off", () => {
    // Easy-TEE/attest, crates/measure/src/dcap/secure_boot.rs
    expect(sha384s(events(0).slice(0, 5))).toEqual([
      "cfa4e2c606f572627bf06d5669cc2ab1128358d27b45bc63ee9ea56ec109cfafb7194006f847a6a74b5eaed6b73332ec",
      "905f6243baf0d7c63cd672f89b16e15f99597e8d0392955e685172d447100123f7c490d178543922faddf896625dabab",
      "be013b0d9188e72b870f598899c35864d6b25f029a7b5f21a037bacf61ca3646207af2bc714d471407c9939317763c4a",
      "723ad4d64f430bf6d325ab9d6c29147993ded5630002e42e13df696ebc680c4bc14c392d2e113e141154e21723f890f6",
      "c61bae1a3f7b7e6cc3b9b03f630b77292ebd232ae60e0e1916f980955ec38459529574b49f1898c367eaf6d8a62311f5",
    ]);
  });

  it("has boot options by its disks", () => {
    const named = (disks: number) => events(disks).flatMap(({ what }) => /Boot(?:Order|\d+)/.exec(what) ?? []);
    expect(named(0)).toEqual(["BootOrder", "Boot0001", "Boot0000"]);
    expect(named(1)).toEqual(["BootOrder", "Boot0001", "Boot0002", "Boot0000"]);
    expect(() => events(2)).toThrow(expect.objectContaining({ code: "measure/profile-unknown" }));
    expect(() => events(0, true)).toThrow(expect.objectContaining({ code: "measure/profile-unknown" }));
    expect(() => events()).toThrow(expect.objectContaining({ code: "measure/environment-incomplete" }));
  });

  it("has the RTMR0 that a c3-standard-4 held: ACPI of dstack-mr-gcp, the volume of April's firmware and the value of Easy-TEE/attest", () => {
    const hob = tdHob(readTdvf(makeTdFirmware({ sections: gcpSections })), { memoryBytes: 16 * GIB, writer: "gcp" });
    const volume = "9cb6bf09aea7b4acb8549e328d0edd6f15defc0b00d744bb9fb5bab0962bc5c70f69d233e96dbc7c1105ba085781dc88";
    expect(extend("sha384", [digestsOf(hob).sha384, volume, ...sha384s(events(1))])).toBe(
      "e1d0235496f93f9475bf0b26d33da5c15831cfc94104d6bea7ab82db027c5f1e917d47dda6953eefae7dcb20ab6f75c4",
    );
  });
});

describe("the build of firmware", () => {
  const firmware = (drivers: Drivers) => readFirmwareBuild(packedDrivers(drivers));
  it("is its release where it states one, and what it can do", () => {
    const none = { measuresSmbios: false, knowsSecureBoot: false };
    expect(firmware({ version: "2025.02-8+deb13u1" })).toEqual({ ...none, edk2: "2025.02" });
    expect(firmware({ version: "2026.08", smbios: true })).toEqual({ ...none, edk2: "2026.08", measuresSmbios: true });
    expect(firmware({ secureBoot: true })).toEqual({ ...none, edk2: undefined, knowsSecureBoot: true });
    // Dates, and versions that are of something else
    for (const version of ["2025.023", "edk2-20260213-6.fc44", "12025.02", "2025.02_1"])
      expect(firmware({ version })?.edk2, version).toBeUndefined();
  });

  it("is not told of a file without a packed volume, or with a damaged one", () => {
    const whole = packedDrivers({ version: "2025.02" });
    expect(readFirmwareBuild(new Uint8Array(0))).toBeUndefined();
    expect(readFirmwareBuild(whole.subarray(4))).toBeUndefined();
    for (let size = 0; size < whole.length; size++) expect(readFirmwareBuild(whole.subarray(0, size))).toBeUndefined();
    // The name of the packing also stands where it is compared with.
    const code = new Uint8Array([...new Uint8Array(9), ...whole.subarray(4, 20), ...new Uint8Array(9), ...whole]);
    expect(readFirmwareBuild(code)?.edk2).toBe("2025.02");
  });
});

describe("the SMBIOS table", () => {
  it("is measured without what belongs to one machine: as OVMF 2026.08 measured that of QEMU 7.2", () => {
    expect(digestsOf(measuredSmbios(smbiosTable)).sha384).toBe(
      "4e3fc4f87f825e4e01334318d22db6500b3f4493f429878d0a57649cc97b208dd0bead603095da68429f9d0a9199b9ec",
    );
    const renamed = smbiosTable.slice();
    renamed.fill(9, 8, 24);
    expect(measuredSmbios(renamed)).toEqual(measuredSmbios(smbiosTable));
  });

  it("that is cut off, or of another kind of machine, is refused", () => {
    const code = "measure/environment-invalid";
    const strange = smbiosTable.slice();
    strange[0] = 200;
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(6),
      smbiosTable.subarray(0, 50),
      smbiosTable.subarray(0, -6),
      strange,
    ])
      expect(() => measuredSmbios(bytes)).toThrow(expect.objectContaining({ code }));
  });
});
