import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { mrtdOf } from "#dist/measure/mrtd.js";
import { makeFirmware } from "./fixtures.js";

/** Written apart: the two orders, straight from the records. */
function expected(firmware: Uint8Array, twoPass: boolean): string {
  const hash = createHash("sha384");
  const record = (name: string, address: number) => {
    const bytes = Buffer.alloc(128);
    bytes.write(name);
    bytes.writeBigUInt64LE(BigInt(address), 16);
    hash.update(bytes);
  };
  const measure = (page: number) => {
    for (let at = page * 4096; at < (page + 1) * 4096; at += 256) {
      record("MR.EXTEND", 0xffffe000 + at);
      hash.update(firmware.subarray(at, at + 256));
    }
  };
  for (const page of [0, 1]) {
    record("MEM.PAGE.ADD", 0xffffe000 + page * 4096);
    if (!twoPass) measure(page);
  }
  if (twoPass) for (const page of [0, 1]) measure(page);
  record("MEM.PAGE.ADD", 0x800000);
  return hash.digest("hex");
}

describe("MRTD", () => {
  it("is a single pass or two", () => {
    const firmware = makeFirmware();
    expect(mrtdOf(firmware, "single-pass").values.sha384).toBe(expected(firmware, false));
    expect(mrtdOf(firmware, "two-pass").values.sha384).toBe(expected(firmware, true));
    expect(mrtdOf(firmware, "single-pass").events.map(({ what }) => what)).toEqual([
      "BFV: 2 pages added and measured, from address 0xffffe000",
      "temporary memory: 1 pages added, not measured, from address 0x800000",
    ]);
  });

  it("leaves out pages that the guest accepts", () => {
    const firmware = makeFirmware((view, metadata) => view.setUint32(metadata + 16 + 32 + 28, 2, true));
    expect(mrtdOf(firmware, "single-pass").events).toHaveLength(1);
  });

  it("refuses damaged firmware, and never anything but with its own error", () => {
    const whole = makeFirmware();
    const code = "measure/firmware-invalid";
    for (const bytes of [new Uint8Array(0), whole.subarray(0, 100), whole.subarray(0, -1)])
      expect(() => mrtdOf(bytes, "single-pass")).toThrow(expect.objectContaining({ code }));
    const outside = makeFirmware((view, metadata) => view.setUint32(metadata + 16, 0x3000, true));
    expect(() => mrtdOf(outside, "single-pass")).toThrow(expect.objectContaining({ code }));
    const huge = makeFirmware((view, metadata) => view.setBigUint64(metadata + 16 + 16, 1n << 40n, true));
    expect(() => mrtdOf(huge, "single-pass")).toThrow(expect.objectContaining({ code }));
    const slow = makeFirmware((view, metadata) => view.setBigUint64(metadata + 16 + 16, 1n << 29n, true));
    expect(() => mrtdOf(slow, "single-pass")).toThrow(/bytes measured/);
  });
});
