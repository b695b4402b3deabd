import { describe, expect, it } from "vitest";
import { parsePackageWord, rankVersions, versionMatches } from "#dist/apt/pin.js";
import { archiveOf } from "../fixtures/universe/universe.js";

describe("parsePackageWord", () => {
  const none = { excluded: false, versionGlob: undefined, suite: undefined };
  it.each([
    ["curl", { ...none, name: "curl" }],
    ["g++", { ...none, name: "g++" }],
    ["curl=8.*", { ...none, name: "curl", versionGlob: "8.*" }],
    ["curl=1:8.0-1+b1~x", { ...none, name: "curl", versionGlob: "1:8.0-1+b1~x" }],
    ["foo/trixie-backports", { ...none, name: "foo", suite: "trixie-backports" }],
    ["-bar", { ...none, name: "bar", excluded: true }],
    ["libc6:amd64", { ...none, name: "libc6" }],
    ["libc6:native", { ...none, name: "libc6" }],
  ])("reads %s", (word, expected) => {
    expect(parsePackageWord(word)).toEqual({ word, ...expected });
  });

  it.each(["", "-", "Curl", "curl=", "curl/", "a b", "libc6:i386", "-a=1", "-a/b", "--a", "a=1/x y", "curl:any"])(
    "refuses %j",
    (word) => {
      expect(() => parsePackageWord(word)).toThrow(expect.objectContaining({ code: "apt/package-word-invalid" }));
    },
  );
});

describe("rankVersions", () => {
  const main = archiveOf({ a: { Version: "2" }, b: { Version: "1" } });
  const security = archiveOf({ a: { Version: "3" }, b: { Version: "1" } }, { suites: ["trixie-security"] });
  const rank = (archives: Parameters<typeof rankVersions>[0], name: string) =>
    rankVersions(archives, name).map(({ record, pin, suites }) => [record.version, record.archive, pin, ...suites]);

  it("takes the highest version among equal pins", () => {
    expect(rank([main, security], "a")).toEqual([
      ["3", "trixie-security", 500, "trixie-security"],
      ["2", "trixie", 500, "trixie"],
    ]);
  });

  it("lists a version once, as the first archive's", () => {
    expect(rank([main, security], "b")).toEqual([["1", "trixie", 500, "trixie", "trixie-security"]]);
    expect(rank([security, main], "b")).toEqual([["1", "trixie-security", 500, "trixie-security", "trixie"]]);
  });

  it("puts the pin before the version", () => {
    expect(rank([main, { ...security, pin: 400 }], "a")[0]?.[0]).toBe("2");
  });

  it("pins low what an archive is not there for", () => {
    const extra = { ...security, packages: ["linux-*", "?"] };
    expect(rank([main, extra], "a")[0]).toEqual(["3", "trixie-security", 500, "trixie-security"]);
    expect(rank([main, { ...extra, packages: ["linux-*"] }], "a")).toEqual([
      ["2", "trixie", 500, "trixie"],
      ["3", "trixie-security", 100, "trixie-security"],
    ]);
  });
});

describe("versionMatches", () => {
  it.each([
    ["8.14.1-2", "8.*", true],
    ["8.14.1-2", "8.14.1-2", true],
    ["1:8.0+x", "1:8.0+x", true],
    ["18.1", "8.*", false],
    ["8.1", "8.?", true],
    ["8.10", "8.?", false],
  ])("%s, %s: %s", (version, glob, matches) => {
    expect(versionMatches(version, glob)).toBe(matches);
  });
});
