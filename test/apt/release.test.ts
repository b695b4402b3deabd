import { describe, expect, it } from "vitest";
import { checkRelease, formatTime, parseRelease, type ReleaseExpectation } from "#dist/apt/release.js";
import type { AssembleError } from "#dist/errors/assemble-error.js";

const sum = "a".repeat(64);
const base = {
  Origin: "Debian",
  Suite: "stable-security",
  Codename: "trixie-security",
  Date: "Sat, 21 Nov 2026 00:53:03 UTC",
  "Valid-Until": "Sat, 28 Nov 2026 00:53:03 UTC",
  "Acquire-By-Hash": "yes",
  Architectures: "all amd64",
  "No-Support-for-Architecture-all": "Packages",
  Components: "updates/main updates/contrib",
  MD5Sum: "\n d41d8cd98f00b204e9800998ecf8427e 0 main/binary-amd64/Packages",
  SHA256: `\n ${sum}        7 main/binary-amd64/Packages\n ${sum.toUpperCase()} 12 main/binary-amd64/Packages.xz`,
};

function release(fields: Record<string, string | undefined> = {}): Uint8Array {
  const lines = Object.entries({ ...base, ...fields }).map(([name, value]) =>
    value === undefined ? "" : `${name}:${value.startsWith("\n") ? "" : " "}${value}\n`,
  );
  return Buffer.from(lines.join(""));
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as AssembleError).code;
  }
  return expect.fail("it succeeded");
}

describe("parseRelease", () => {
  it("reads what matters", () => {
    expect(parseRelease(release(), "x")).toEqual({
      origin: "Debian",
      suite: "stable-security",
      codename: "trixie-security",
      date: Date.UTC(2026, 10, 21, 0, 53, 3),
      validUntil: Date.UTC(2026, 10, 28, 0, 53, 3),
      acquireByHash: true,
      separateIndexForAll: false,
      components: ["updates/main", "updates/contrib"],
      architectures: ["all", "amd64"],
      files: new Map([
        ["main/binary-amd64/Packages", { path: "main/binary-amd64/Packages", size: 7, sha256: sum }],
        ["main/binary-amd64/Packages.xz", { path: "main/binary-amd64/Packages.xz", size: 12, sha256: sum }],
      ]),
    });
  });

  it("knows where packages of architecture all are", () => {
    const all = (fields: Record<string, string | undefined>) => parseRelease(release(fields), "x").separateIndexForAll;
    expect(all({ "No-Support-for-Architecture-all": undefined })).toBe(true);
    expect(all({ "No-Support-for-Architecture-all": undefined, Architectures: "amd64" })).toBe(false);
  });

  it.each([
    [{ SHA256: undefined }, "apt/weak-digest"],
    [{ Date: undefined }, "apt/release-malformed"],
    [{ Date: "yesterday" }, "apt/release-malformed"],
    [{ Date: "Sat, 21 Foo 2026 00:53:03 UTC" }, "apt/release-malformed"],
    [{ Date: "Sat, 21 Nov 2026 00:53:03 CET" }, "apt/release-malformed"],
    [{ SHA256: `\n ${sum} 7` }, "apt/release-malformed"],
    [{ SHA256: `\n ${sum.slice(1)} 7 main/x` }, "apt/release-malformed"],
    [{ SHA256: `\n ${sum} 7 ../../etc/passwd` }, "apt/release-malformed"],
    [{ SHA256: `\n ${sum} 7 /etc/passwd` }, "apt/release-malformed"],
    [{ SHA256: `\n ${sum} 99999999999999 main/x` }, "apt/release-malformed"],
    [{ SHA256: `\n ${sum} 7 main/x\n ${sum} 8 main/x` }, "apt/release-malformed"],
    [{ Codename: "trixie\nno field" }, "apt/control-invalid"],
    [{ Codename: "trixie\nDate: x" }, "apt/control-invalid"],
    [{ Codename: "trixie\n\nCodename: y" }, "apt/control-invalid"],
  ])("refuses %j with %s", (fields, code) => {
    expect(codeOf(() => parseRelease(release(fields), "x"))).toBe(code);
  });
});

describe("checkRelease", () => {
  const parsed = parseRelease(release(), "x");
  const check = (expectation: Partial<ReleaseExpectation>) => () =>
    checkRelease(parsed, { suite: "trixie-security", subject: "x", ...expectation });

  it("wants the suite asked for, as suite or codename", () => {
    check({})();
    check({ suite: "stable-security" })();
    expect(codeOf(check({ suite: "trixie" }))).toBe("apt/release-wrong-suite");
    const nameless = parseRelease(release({ Suite: undefined, Codename: undefined }), "x");
    expect(codeOf(() => checkRelease(nameless, { suite: "trixie", subject: "x" }))).toBe("apt/release-wrong-suite");
  });

  it("wants it valid at the moment, if there is one", () => {
    check({ now: parsed.validUntil })();
    expect(codeOf(check({ now: parsed.validUntil! + 1 }))).toBe("apt/release-expired");
    const lasting = parseRelease(release({ "Valid-Until": undefined }), "x");
    checkRelease(lasting, { suite: "trixie-security", subject: "x", now: Number.MAX_SAFE_INTEGER });
  });

  it("wants none older than the lock's", () => {
    check({ notBefore: parsed.date })();
    expect(codeOf(check({ notBefore: parsed.date + 1000 }))).toBe("apt/release-downgrade");
    expect(check({ notBefore: parsed.date + 1000 })).toThrow(
      "2026-11-21T00:53:03Z, wanted none older than 2026-11-21T00:53:04Z",
    );
  });
});

describe("formatTime", () => {
  it("has no fractions", () => {
    expect(formatTime(1795222383000)).toBe("2026-11-21T00:53:03Z");
  });
});
