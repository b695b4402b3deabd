import { describe, expect, it } from "vitest";
import { keepVersions } from "#dist/apt/keep-versions.js";
import { lockChanges } from "#dist/apt/lock-changes.js";
import { followKernel, lockedPackage, versionsOfWord } from "#dist/apt/lock-packages.js";
import { parsePackagesIndex } from "#dist/apt/packages-index.js";
import type { UniverseArchive } from "#dist/apt/pin.js";
import type { LockEntry, LockedPackage } from "#dist/config/lock.js";
import type { AssembleError } from "#dist/errors/assemble-error.js";

const sum = "a".repeat(64);

function archive(
  suite: string,
  stanzas: readonly Record<string, string>[],
  more: Partial<UniverseArchive> = {},
): UniverseArchive {
  const text = stanzas.map((fields) => {
    const whole = {
      Version: "1",
      Architecture: "amd64",
      Filename: `pool/${fields["Package"]}`,
      Size: "1",
      SHA256: sum,
      ...fields,
    };
    return Object.entries(whole)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join("");
  });
  const index = parsePackagesIndex(Buffer.from(text.join("\n")), { archive: suite });
  return { index, suites: [suite, "stable"], ...more };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return `${(error as AssembleError).code} ${(error as AssembleError).hint ?? ""}`.trim();
  }
  return expect.fail("it succeeded");
}

describe("versionsOfWord", () => {
  const archives = [
    archive("trixie", [{ Package: "kmod", Version: "34" }]),
    archive("backports", [{ Package: "kmod", Version: "35" }], { packages: ["linux-*"] }),
  ];
  const versions = (word: string) => versionsOfWord(archives, word).map((record) => record.version);

  it("puts the candidate first, by pin and then by version", () => {
    expect(versions("kmod")).toEqual(["34", "35"]);
    expect(versions("kmod/backports")).toEqual(["35"]);
    expect(versions("kmod=35*")).toEqual(["35"]);
  });

  it("names the nearest package, and the versions there are", () => {
    expect(codeOf(() => versions("kmmod"))).toBe("apt/unknown-package is kmod meant?");
    expect(codeOf(() => versions("kmod=36"))).toBe("apt/version-not-found");
    expect(() => versions("kmod/sid")).toThrow("Cannot find kmod/sid: there are 34 (trixie), 35 (backports)");
  });
});

describe("followKernel", () => {
  const meta = "linux-image-cloud-amd64";

  it("goes from the meta package to the image, of exactly the version it names", () => {
    const archives = [
      archive("trixie", [
        { Package: meta, Version: "6.12.107-1", Depends: "linux-image-6.12.107+deb13-cloud-amd64 (= 6.12.107-1)" },
        { Package: "linux-image-6.12.107+deb13-cloud-amd64", Version: "6.12.107-2" },
        { Package: "linux-image-6.12.107+deb13-cloud-amd64", Version: "6.12.107-1", Depends: "kmod, initramfs-tools" },
      ]),
    ];
    const rows = followKernel(archives, versionsOfWord(archives, meta)[0]!);
    expect(rows.map(({ name, version }) => [name, version])).toEqual([
      ["linux-image-6.12.107+deb13-cloud-amd64", "6.12.107-1"],
    ]);
  });

  it("gathers the parts of a kernel that is split, also from an archive of last resort", () => {
    const version = "7.3.4-1~bpo13+1";
    const part = (kind: string) => `linux-${kind}-7.3.4+deb13-cloud-amd64`;
    const exact = (kind: string) => `${part(kind)} (= ${version})`;
    const archives = [
      archive(
        "backports",
        [
          { Package: meta, Version: version, Depends: `linux-base-cloud-amd64 (= ${version}), ${exact("image")}` },
          { Package: "linux-base-cloud-amd64", Version: version, Depends: exact("base") },
          { Package: part("image"), Version: version, Depends: `${exact("binary")}, ${exact("modules")}, kmod` },
          { Package: part("binary"), Version: version, Depends: exact("base") },
          { Package: part("modules"), Version: version, Depends: exact("base") },
          { Package: part("base"), Version: version },
        ],
        { packages: ["linux-image-*"] },
      ),
    ];
    const rows = followKernel(archives, versionsOfWord(archives, meta)[0]!);
    expect(rows.map(({ name }) => name)).toEqual(["base", "binary", "image", "modules"].map(part));
  });

  it("takes a kernel that needs no other as it is", () => {
    const archives = [archive("own", [{ Package: "linux-image-mine" }])];
    const kernel = versionsOfWord(archives, "linux-image-mine")[0]!;
    expect(followKernel(archives, kernel)).toEqual([kernel]);
  });

  it("says when the kernel is not there", () => {
    const archives = [archive("trixie", [{ Package: meta, Depends: "linux-image-6.12-cloud-amd64 (= 2)" }])];
    expect(codeOf(() => followKernel(archives, versionsOfWord(archives, meta)[0]!))).toMatch(/^apt\/kernel-not-found/);
  });
});

describe("lockedPackage", () => {
  const row = (fields: Record<string, string>) =>
    lockedPackage(archive("trixie", [{ Package: "a1", ...fields }]).index.named("a1")[0]!);

  it("is what the index says", () => {
    expect(row({ Priority: "important", Filename: "./pool/a_1.deb", Size: "12" })).toEqual({
      name: "a1",
      version: "1",
      architecture: "amd64",
      archive: "trixie",
      path: "pool/a_1.deb",
      size: 12,
      sha256: sum,
      priority: "important",
    });
  });

  it.each([
    [{ SHA256: "" }, "apt/weak-digest"],
    [{ Filename: "../../x" }, "apt/control-invalid"],
    [{ Filename: "/x" }, "apt/control-invalid"],
    [{ Filename: "" }, "apt/control-invalid"],
    [{ Size: "many" }, "apt/control-invalid"],
    [{ Size: "0" }, "apt/control-invalid"],
  ])("refuses %j", (fields, code) => {
    expect(codeOf(() => row(fields))).toBe(code);
  });
});

describe("keepVersions", () => {
  it("leaves only the kept version of a package, where there still is one", () => {
    const archives = [
      archive("trixie", [
        { Package: "a", Version: "1", Provides: "virtual", Essential: "yes", Priority: "required" },
        { Package: "b", Version: "1" },
      ]),
      archive("security", [
        { Package: "a", Version: "2", Provides: "virtual", Essential: "yes", Priority: "required" },
        { Package: "b", Version: "2" },
        { Package: "c", Version: "2" },
      ]),
    ];
    const kept = keepVersions(
      archives,
      new Map([
        ["a", "1"],
        ["c", "1"],
      ]),
    );
    const all = (find: (one: UniverseArchive) => readonly { name: string; version: string }[]) =>
      kept.flatMap(find).map(({ name, version }) => `${name} ${version}`);
    expect(all(({ index }) => index.named("a"))).toEqual(["a 1"]);
    expect(all(({ index }) => index.named("b"))).toEqual(["b 1", "b 2"]);
    expect(all(({ index }) => index.named("c"))).toEqual(["c 2"]);
    expect(all(({ index }) => index.providers("virtual"))).toEqual(["a 1"]);
    expect(all(({ index }) => index.essential())).toEqual(["a 1"]);
    expect(all(({ index }) => index.withPriority("required"))).toEqual(["a 1"]);
  });
});

describe("lockChanges", () => {
  const locked = (name: string, version: string): LockedPackage => {
    const digits = Buffer.from(`${name} ${version}`).toString("hex").padEnd(64, "0");
    const archive = "debian trixie";
    return { name, version, architecture: "all", archive, path: name, size: 1, sha256: digits, priority: "optional" };
  };
  const entry = (packages: readonly LockedPackage[], more: Partial<LockEntry> = {}): LockEntry => ({
    profiles: [],
    digest: sum,
    suites: [],
    packages: packages.map((each) => ({ package: each, stage: 2, why: "recipe" })),
    kernel: [],
    buildPackages: [],
    sources: [],
    ids: { users: {}, groups: {} },
    ...more,
  });

  it("names what came, went and moved", () => {
    const before = entry([locked("a", "1"), locked("b", "1"), locked("c", "1")], { stub: locked("s", "1") });
    const after = entry([locked("d", "1"), locked("c", "2"), locked("a", "1")], { kernel: [locked("k", "1")] });
    expect(lockChanges(before, after)).toEqual([
      { name: "b", part: "packages", from: "1", to: undefined },
      { name: "c", part: "packages", from: "1", to: "2" },
      { name: "d", part: "packages", from: undefined, to: "1" },
      { name: "k", part: "kernel", from: undefined, to: "1" },
      { name: "s", part: "stub", from: "1", to: undefined },
    ]);
    expect(lockChanges(after, after)).toEqual([]);
    expect(lockChanges(undefined, after).map(({ name }) => name)).toEqual(["a", "c", "d", "k"]);
  });
});
