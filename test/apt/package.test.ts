import { describe, expect, it } from "vitest";
import { parseParagraph } from "#dist/apt/deb822.js";
import { packageRecord } from "#dist/apt/package.js";
import { keyFits, providedKeys } from "#dist/apt/provider.js";
import { parseRelations } from "#dist/apt/relation.js";

const control =
  "Package: perl\nVersion: 5.40.1-6\nArchitecture: amd64\nMulti-Arch: allowed\nPriority: standard\n" +
  "Pre-Depends: a\nDepends: b | c\nProvides: libx-perl (= 2), perl5\nFilename: pool/p.deb\nSize: 12\nSHA256: ABC\n";

describe("packageRecord", () => {
  it("reads the fields", () => {
    const record = packageRecord(parseParagraph(control), { archive: "debian trixie" });
    expect(record).toMatchObject({
      name: "perl",
      version: "5.40.1-6",
      architecture: "amd64",
      archive: "debian trixie",
      path: "pool/p.deb",
      size: 12,
      sha256: "abc",
      priority: "standard",
      essential: false,
      multiArch: "allowed",
    });
    expect(record.relations("Depends")).toBe(record.relations("Depends"));
    expect(
      record
        .relations("Depends")
        .flat()
        .map(({ name }) => name),
    ).toEqual(["b", "c"]);
    expect(record.relations("Conflicts")).toEqual([]);
  });

  it("takes the priority of the lock", () => {
    expect(packageRecord(parseParagraph(control), { priority: "required" }).priority).toBe("required");
  });

  it("names the package and field of a relation that can't be read", () => {
    const record = packageRecord(parseParagraph("Package: x\nVersion: 1\nArchitecture: all\nDepends: (\n"));
    expect(() => record.relations("Depends")).toThrow(/"\(" of x 1, field Depends/);
  });

  it.each(["Package", "Version", "Architecture"])("refuses a record without %s", (field) => {
    const text = control.replace(new RegExp(`^${field}:.*\n`, "m"), "");
    expect(() => packageRecord(parseParagraph(text))).toThrow(
      expect.objectContaining({ code: "apt/control-invalid", message: expect.stringContaining(`no ${field}`) }),
    );
  });
});

describe("providedKeys", () => {
  const record = packageRecord(parseParagraph(control));
  it("has `:any` names for Multi-Arch: allowed", () => {
    expect(providedKeys(record)).toEqual([
      { key: "perl:any", version: "5.40.1-6" },
      { key: "libx-perl:any", version: "2" },
      { key: "libx-perl", version: "2" },
      { key: "perl5:any", version: undefined },
      { key: "perl5", version: undefined },
    ]);
    expect(providedKeys({ ...record, name: "p", multiArch: "no", provides: [] })).toEqual([]);
  });

  it.each([
    ["libx-perl (>= 2)", "2", true],
    ["libx-perl (>> 2)", "2", false],
    ["perl5 (>= 1)", undefined, false],
    ["perl5", undefined, true],
  ])("%s, provided as %s: %s", (text, version, fits) => {
    expect(keyFits({ key: "k", version }, parseRelations(text)[0]![0]!)).toBe(fits);
  });
});
