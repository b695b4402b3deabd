import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { type Content, type Measurements, type MeasureOptions, measure } from "#dist/index.js";
import { readExpected } from "#dist/measure/expected.js";
import { renderMeasurements } from "#dist/measure/render.js";
import { shapeSchemas } from "#dist/measure/shape-schemas.js";
import { shapeMeasurements, shapes } from "#dist/measure/shapes.js";
import { makePe, pattern } from "../fixtures/pe/make-pe.js";
import { makeFirmware } from "./fixtures.js";
import { makeDisk, makeUki } from "./small-images.js";

const whole = async (content: Content) => contentOfBytes(await readContent(content));
const value = (m: Measurements, name: string) => m.registers.find((register) => register.name === name)?.values;
const words = (m: Measurements, name: string) =>
  m.registers.find((register) => register.name === name)!.events.map(({ what }) => what.replace(/[:,].*/, ""));

describe("measure", () => {
  let uki: Content;
  let disk: Content;
  beforeAll(async () => {
    uki = await whole(await makeUki());
    disk = makeDisk([{ path: "EFI/BOOT/BOOTX64.EFI", content: uki }]);
  });

  it("says what a disk and -kernel measure, in their orders", async () => {
    const booted = await measure(disk, { platform: "qemu-tdx" });
    const programs = ["Authenticode digest of the UKI", "Authenticode digest of the kernel inside the UKI (.linux)"];
    const exit = ['the text "Exit Boot Services Invocation"', 'the text "Exit Boot Services Returned with Success"'];
    const start = ['the text "Calling EFI Application from Boot Option"', "four zero bytes"];
    expect(words(booted, "pcr4")).toEqual([...start, ...programs]);
    expect(words(booted, "rtmr1")).toEqual([...start, "the GPT of the disk", ...programs, ...exit]);
    expect(words(booted, "rtmr2").slice(-2)).toEqual([
      "the command line that the kernel gets",
      "the initrd that the kernel gets",
    ]);
    const direct = await measure(uki, { platform: "qemu-tdx" });
    expect(words(direct, "rtmr1")).toEqual([programs[0], ...start, programs[1], ...exit]);
    expect(value(direct, "pcr4")).not.toEqual(value(booted, "pcr4"));
    expect(value(direct, "pcr12")).toEqual({ sha256: "0".repeat(64), sha384: "0".repeat(96) });
    expect(value(direct, "rtmr3")).toEqual({ sha384: "0".repeat(96) });
  });

  it("reads a disk alike whether streamed or at any offset, and whatever its container", async () => {
    const raw = await readContent(disk);
    const streamed = await measure(disk, { platform: "gcp" });
    expect(await measure(contentOfBytes(raw), { platform: "gcp" })).toEqual(streamed);
    // TCG PFP: 92 bytes of header, the number of entries as 64 bits, the entry that is used
    const data = Buffer.concat([
      raw.subarray(512, 512 + 92),
      Buffer.from("0100000000000000", "hex"),
      raw.subarray(1024, 1152),
    ]);
    expect(streamed.inputs.gpt!.sha384).toBe(createHash("sha384").update(data).digest("hex"));
  });

  it("lets the host's load options change a register, or ignores them", async () => {
    for (const options of [{}, { stub: 252 }, { stub: 252, kernel: "6.12.1" }, { kernel: "6.1.9" }]) {
      const image = await makeUki(options);
      const [plain, appended] = await Promise.all(
        [undefined, "init=/bin/sh"].map((loadOptions) => measure(image, { platform: "qemu-tdx", loadOptions })),
      );
      expect(value(appended!, "rtmr2")).not.toEqual(value(plain!, "rtmr2"));
      expect(value(appended!, "pcr9")).not.toEqual(value(plain!, "pcr9"));
      expect(value(appended!, "pcr12")).not.toEqual(value(plain!, "pcr12"));
    }
    // Nobody measures it in a TD: refused, unless that is allowed
    const old = await makeUki({ stub: 252, kernel: "6.1.9" });
    await expect(measure(old)).rejects.toMatchObject({ code: "measure/cmdline-unmeasured" });
    expect(value(await measure(old, { allow: ["cmdline-unmeasured"] }), "rtmr2")).toEqual({ sha384: "0".repeat(96) });
    expect(value(await measure(old, { platform: "azure" }), "pcr9")).toBeDefined();
  });

  it("starts the kernel unmeasured from 258 on", async () => {
    const measured = await measure(await makeUki({ stub: 262 }));
    expect(words(measured, "pcr4")).toHaveLength(3);
  });

  it("has no value for what a stub with a secret of its own makes different at every boot, and says so", async () => {
    const secret = await whole(await makeUki({ stub: 262, stubSays: "boot-secret" }));
    const onDisk = makeDisk([{ path: "EFI/BOOT/BOOTX64.EFI", content: secret }]);
    const inTdx = await measure(onDisk, { platform: "qemu-tdx" });
    expect([value(inTdx, "pcr9"), value(inTdx, "rtmr2")]).toEqual([{}, {}]);
    expect(inTdx.inputs.initrd).toBeUndefined();
    expect(renderMeasurements(inTdx)).toMatch(
      /^RTMR2 {2}differs from boot to boot$[\s\S]*\? +EV_EVENT_TAG: .* a secret/m,
    );
    // Left out of a policy, RTMR2 would be ignored: any command line would do.
    for (const shape of ["policy", "policy-any", "dstack-mr", "dcap-image-hashes"] as const)
      expect(() => shapeMeasurements(inTdx, { shape, name: "image" }), shape).toThrow(
        expect.objectContaining({ code: "measure/shape-impossible" }),
      );
    const [{ measurements }] = shapeMeasurements(await measure(onDisk, { platform: "azure" }), {
      ...{ shape: "policy", name: "image" },
    }) as [{ measurements: object }];
    expect(Object.keys(measurements)).toEqual(["4", "11", "12", "13"]);
    // As -kernel there is no volume to keep it on.
    expect(value(await measure(secret, { platform: "qemu-tdx" }), "rtmr2")?.sha384).toMatch(/^[0-9a-f]{96}$/);
  });

  it("refuses what has not been observed", async () => {
    const cases: readonly [Promise<Content>, MeasureOptions, string][] = [
      [makeUki({ stub: 251 }), {}, "measure/profile-unknown"],
      [makeUki({ stub: 253 }), {}, "measure/profile-unknown"],
      [makeUki({ stub: 399 }), {}, "measure/profile-unknown"],
      [makeUki({ kernel: "5.10.1" }), {}, "measure/profile-unknown"],
      [makeUki(), { secureBoot: true }, "measure/not-signed"],
      [makeUki(), { platform: "gcp" }, "measure/disk-needed"],
      [makeUki(), { bootPath: "esp" }, "measure/disk-needed"],
      [Promise.resolve(disk), { bootPath: "kernel" }, "measure/profile-unknown"],
      [
        Promise.resolve(contentOfBytes(makePe({ sections: [{ name: ".text", data: pattern(9) }] }))),
        {},
        "measure/not-a-uki",
      ],
      [Promise.resolve(contentOfBytes(pattern(4096))), {}, "uki/pe-invalid"],
      [Promise.resolve(makeDisk([])), {}, "measure/disk-unknown"],
      [
        Promise.resolve(
          makeDisk([
            { path: "EFI/BOOT/BOOTX64.EFI", content: uki },
            { path: "loader/addons/x.addon.efi", content: uki },
          ]),
        ),
        {},
        "measure/disk-unknown",
      ],
    ];
    for (const [content, options, code] of cases)
      await expect(measure(await content, options), code).rejects.toMatchObject({ code });
  });

  it("refuses a section of gigabytes that the file does not hold", async () => {
    const bytes = Buffer.from(await readContent(uki));
    bytes.writeUInt32LE(0xfffff000, bytes.indexOf(".initrd") + 8);
    await expect(measure(contentOfBytes(new Uint8Array(bytes)))).rejects.toMatchObject({
      code: "uki/pe-invalid",
      message: expect.stringContaining("that the file does not hold"),
    });
  });

  it("takes every shape, of its schema, that a replay can read", async () => {
    const measured = await measure(disk, { platform: "qemu-tdx", firmware: contentOfBytes(makeFirmware()) });
    for (const shape of shapes) {
      const shaped = JSON.parse(JSON.stringify(shapeMeasurements(measured, { shape, name: "image" })));
      expect(shapeSchemas[shape].safeParse(shaped), shape).toMatchObject({ success: true });
      if (shape !== "dcap-image-hashes" && shape !== "measured-boot")
        expect(readExpected(JSON.stringify(shaped)).get("rtmr1")!.values).toEqual([value(measured, "rtmr1")!.sha384]);
    }
    const policy = shapeMeasurements(measured, { shape: "policy", name: "image" });
    expect(policy).toMatchObject([
      {
        measurement_id: "image-qemu-tdx",
        attestation_type: "qemu-tdx",
        measurements: { 2: { expected: value(measured, "rtmr1")!.sha384 } },
      },
    ]);
    const azure = await measure(uki, { platform: "azure" });
    expect(shapeMeasurements(azure, { shape: "policy", name: "image" })).toMatchObject([
      { attestation_type: "azure-tdx", measurements: { 4: { expected: value(azure, "pcr4")!.sha256 } } },
    ]);
    expect(() => shapeMeasurements(azure, { shape: "dstack-mr", name: "image" })).toThrow(
      expect.objectContaining({ code: "measure/shape-impossible" }),
    );
    expect(renderMeasurements(measured)).toContain(`RTMR1  sha384  ${value(measured, "rtmr1")!.sha384}`);
  });

  it("mentions the command line in words", async () => {
    const measured = await measure(await makeUki({ commandLine: "a  b" }));
    expect(measured.commandLine).toBe("a  b");
    expect(measured.inputs.commandLine!.sha256).toBe(
      createHash("sha256").update(Buffer.from("a  b\0", "utf16le")).digest("hex"),
    );
  });
});
