import { describe, expect, it } from "vitest";
import { contentOfBytes, contentOfText } from "#dist/bytes/content.js";
import { readBzImage } from "#dist/uki/bzimage.js";
import { makeKernel, makeStub } from "../fixtures/pe/make-pe.js";

describe("readBzImage", () => {
  it("reads release, version and limits", async () => {
    expect(await readBzImage(contentOfBytes(makeKernel()))).toEqual({
      release: "6.12.60+test",
      version: "6.12.60+test (user@host) #1 SMP",
      protocol: 0x020f,
      commandLineMax: 2047,
      initSize: 0x100000,
    });
  });

  const broken: [string, (kernel: Uint8Array, view: DataView) => void, RegExp][] = [
    ["without boot flag", (k) => k.fill(0, 0x1fe, 0x200), /no setup header/],
    ["without HdrS", (k) => k.fill(0, 0x202, 0x206), /no setup header/],
    ["of an old protocol", (_, v) => v.setUint16(0x206, 0x020b, true), /protocol is 2.11, 2.12 or later/],
    ["that is a zImage", (k) => k.fill(0, 0x211, 0x212), /zImage/],
    ["of 32 bits", (k) => k.fill(0, 0x236, 0x238), /no 64-bit entry/],
    ["without EFI stub", (k) => k.fill(0, 0, 2), /no EFI stub/],
    ["for another machine", (_, v) => v.setUint16(68, 0x14c, true), /machine is 0x14c/],
    ["without a version", (_, v) => v.setUint16(0x20e, 0, true), /no version text/],
    ["with a version beyond its setup", (_, v) => v.setUint16(0x20e, 0xfff0, true), /no version text/],
    ["with an unprintable version", (k) => k.fill(7, 0x1044, 0x1045), /not printable/],
  ];
  it.each(broken)("refuses a kernel %s", async (_, damage, message) => {
    const bytes = makeKernel();
    damage(bytes, new DataView(bytes.buffer));
    await expect(readBzImage(contentOfBytes(bytes))).rejects.toMatchObject({
      code: "uki/kernel-invalid",
      message: expect.stringMatching(message),
    });
  });

  it("refuses what is no kernel", async () => {
    for (const content of [contentOfText(""), contentOfText("\x7fELF".repeat(300)), contentOfBytes(makeStub())])
      await expect(readBzImage(content)).rejects.toMatchObject({ code: "uki/kernel-invalid" });
  });
});
