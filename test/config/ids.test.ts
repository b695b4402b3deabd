import { describe, expect, it } from "vitest";
import { defaultSeed, deriveBytes, deriveUuid } from "#dist/config/ids.js";

const seed = "630b5f72-a36a-4e83-b23d-6ef47c82fd9c";

describe("ids from the seed", () => {
  it("never change", () => {
    expect(deriveUuid(seed, "partition:root")).toMatchInlineSnapshot(`"4f342519-5d47-8453-bce8-0dc25cba9314"`);
    expect(Buffer.from(deriveBytes(seed, "verity-salt")).toString("hex")).toMatchInlineSnapshot(
      `"c36b67c7b012a37713335b0a4e196368987082dbcf8071bb859c15928d82a67f"`,
    );
    expect(defaultSeed("tdx-debian")).toMatchInlineSnapshot(`"85c7c165-dd45-8303-92cb-151e67378b5f"`);
  });

  it("are UUIDs of version 8, differ by purpose and seed, and take the seed in any case", () => {
    const uuid = deriveUuid(seed, "disk");
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(deriveUuid(seed.toUpperCase(), "disk")).toBe(uuid);
    expect(deriveUuid(seed, "disk2")).not.toBe(uuid);
    expect(deriveUuid(seed.replace("6", "7"), "disk")).not.toBe(uuid);
    expect(deriveBytes(seed, "x", 7)).toHaveLength(7);
  });

  it("refuse a caller's bug", () => {
    expect(() => deriveUuid("630b5f72", "x")).toThrow(TypeError);
    expect(() => deriveBytes(seed, "x", 33)).toThrow(RangeError);
  });
});
