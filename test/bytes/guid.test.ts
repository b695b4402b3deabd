import { describe, expect, it } from "vitest";
import { guidBytes, guidText } from "#dist/bytes/guid.js";
import { uuidBytes, uuidText } from "#dist/bytes/uuid.js";

describe("guidBytes", () => {
  it("stores the first three groups little-endian", () => {
    const text = "00112233-4455-6677-8899-aabbccddeeff";
    expect(Buffer.from(guidBytes(text)).toString("hex")).toBe("33221100554477668899aabbccddeeff");
    expect(guidText(guidBytes(text))).toBe(text);
    expect(() => guidBytes("x")).toThrow(TypeError);
  });
});

describe("uuidBytes", () => {
  it("stores what is written", () => {
    const text = "00112233-4455-6677-8899-aabbccddeeff";
    expect(Buffer.from(uuidBytes(text)).toString("hex")).toBe("00112233445566778899aabbccddeeff");
    expect(uuidText(uuidBytes(text))).toBe(text);
    expect(() => uuidBytes("x")).toThrow(TypeError);
  });
});
