import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareVersions, splitVersion, versionFault } from "#dist/apt/version.js";

describe("compareVersions", () => {
  // Ascending; what stands in one row is equal.
  const order = [
    ["1.0~~"],
    ["1.0~~a"],
    ["1.0~"],
    ["1.0", "0:1.0", "1.0-0", "1.0-", "01.00", "1.0-000"],
    ["1.0-0.1"],
    ["1.0-1~bpo13+1"],
    ["1.0-1", "1.0-01"],
    ["1.0-1+b1"],
    ["1.0-1+deb13u1"],
    ["1.0-1.1"],
    ["1.0a"],
    ["1.0b"],
    ["1.0+dfsg"],
    ["1.0.1"],
    ["1.9"],
    ["1.10"],
    ["1.99999999999999999998"],
    ["1.99999999999999999999"],
    ["2"],
    ["1:0.1"],
    ["1:1-1-1"],
    ["2:0~"],
  ];
  const flat = order.flatMap((row, rank) => row.map((version) => ({ version, rank })));

  it.each(flat)("puts $version in its place", ({ version, rank }) => {
    for (const other of flat)
      expect(Math.sign(compareVersions(version, other.version))).toBe(Math.sign(rank - other.rank) + 0);
  });

  const anyVersion = fc.string({ unit: fc.constantFrom(..."0019az.+~:-"), maxLength: 12 });
  it("is an order of any text", () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe("splitVersion", () => {
  it.each([
    ["1:2.3-4-5", { epoch: 1, upstream: "2.3-4", revision: "5" }],
    ["2.3", { epoch: 0, upstream: "2.3", revision: "" }],
    ["2:a:b-1", { epoch: 2, upstream: "a:b", revision: "1" }],
  ])("splits %s", (version, parts) => {
    expect(splitVersion(version)).toEqual(parts);
  });
});

describe("versionFault", () => {
  it.each(["1", "0.0~rc1-1", "1:2-3", "1.0+dfsg-1+b1", "1-2-3", "2147483647:1", "+0:1", "-0:1"])(
    "finds none in %s",
    (version) => {
      expect(versionFault(version)).toBeUndefined();
    },
  );

  it.each([
    ["", "it is empty"],
    ["1 2", "it has white space in it"],
    [":1", "its epoch is empty"],
    ["a:1", "its epoch is not a number"],
    ["-1:1", "its epoch is negative"],
    ["2147483648:1", "its epoch is too big"],
    ["1:", "nothing follows its epoch"],
    ["1-", "its revision is empty"],
    ["-1", "its upstream version is empty"],
    ["a1", "its upstream version does not start with a digit"],
    ["1_2", "its upstream version has a character that is not allowed"],
    ["1-2:3", "its epoch is not a number"],
    ["1-2_3", "its revision has a character that is not allowed"],
  ])("finds the fault of %j", (version, fault) => {
    expect(versionFault(version)).toBe(fault);
  });
});
