import { describe, expect, it, vi } from "vitest";
import { parseParagraph } from "#dist/apt/deb822.js";
import { formatFileTriggers, formatNamedTriggers } from "#dist/apt/order/dpkg-state.js";
import { packageBucket } from "#dist/apt/order/package-hash.js";
import { packageRecord } from "#dist/apt/package.js";
import { type FakePackage, simulate } from "./dpkg-fixture.js";

const depends = (value: string): FakePackage => ({ fields: { Depends: value } });
const configured = (log: readonly string[]) =>
  log.filter((line) => !line.startsWith("preinst ")).map((line) => line.replace("configure ", ""));
const install = (packages: Readonly<Record<string, FakePackage>>, forceDepends = false) =>
  simulate(packages, [{ kind: "install", packages: Object.keys(packages), forceDepends }]);

describe("the queue", () => {
  it("unpacks all, then configures in the order given, what waits going to the end", () => {
    const { log, state } = install({ a: depends("c"), b: {}, c: depends("d | x"), d: {} });
    expect(log).toEqual([
      ..."abcd".split("").map((name) => `preinst ${name}`),
      ..."bdca".split("").map((name) => `configure ${name}`),
    ]);
    expect([...state.packages.values()].map(({ status }) => status)).toEqual(Array(4).fill("installed"));
  });

  it("goes by hash for --configure --pending", () => {
    const names = ["kmod", "bash", "zstd", "curl", "libksba8", "pinentry-curses"];
    const { log } = simulate({}, [{ kind: "unpack", packages: names }, { kind: "configure-pending" }]);
    const byBucket = [...names].sort((a, b) => packageBucket(a) - packageBucket(b));
    expect(configured(log)).toEqual(byBucket);
    expect(packageBucket("libksba8")).toBe(packageBucket("pinentry-curses"));
    expect(packageBucket("LIBKSBA8")).toBe(packageBucket("libksba8"));
  });

  it("puts names of one bucket in the order in which the status file mentions them", () => {
    const names = ["libksba8", "pinentry-curses", "a"];
    const order = (packages: Readonly<Record<string, FakePackage>>) =>
      configured(simulate(packages, [{ kind: "unpack", packages: names }, { kind: "configure-pending" }]).log).filter(
        (name) => name !== "a",
      );
    expect(order({})).toEqual(["libksba8", "pinentry-curses"]);
    expect(order({ a: { fields: { Suggests: "pinentry-curses" } } })).toEqual(["pinentry-curses", "libksba8"]);
  });

  it("is satisfied by what provides a name, in the version that is asked for", () => {
    const p: FakePackage = { fields: { Provides: "v (= 2)" } };
    expect(configured(install({ a: depends("v (>= 2)"), p }).log)).toEqual(["p", "a"]);
    expect(() => install({ a: depends("v (>= 3)"), p })).toThrow(
      expect.objectContaining({ code: "apt/configure-impossible", message: expect.stringContaining("v (>= 3)") }),
    );
  });

  it("passes over what is missing only with forceDepends, last of all", () => {
    expect(configured(install({ a: depends("missing"), b: depends("a"), c: {} }, true).log)).toEqual(["c", "a", "b"]);
    expect(() => install({ a: depends("missing") })).toThrow(/Cannot configure a: it depends on missing/);
  });
});

describe("cycles", () => {
  it("are broken at the package without a postinst", () => {
    const none: FakePackage = { fields: { Depends: "a" }, postinst: false };
    expect(configured(install({ a: depends("b"), b: depends("c"), c: none }).log)).toEqual(["c", "b", "a"]);
    expect(
      configured(install({ a: depends("b"), b: { ...none, fields: { Depends: "c" } }, c: depends("a") }).log),
    ).toEqual(["b", "a", "c"]);
  });

  it("are broken where they close if all have one", () => {
    expect(configured(install({ a: depends("b"), b: depends("a") }).log)).toEqual(["a", "b"]);
  });
});

describe("the search for cycles", () => {
  /** How often dependencies are looked at: `size` packages need a chain of as many, which ends in a cycle. */
  const work = (size: number): number => {
    const names = (prefix: string) => Array.from({ length: size }, (_, i) => `${prefix}${i}`);
    const packages = Object.fromEntries([
      ...names("leaf").map((name) => [name, depends("link0")]),
      ...names("link")
        .map((name, i) => [name, depends(i + 1 < size ? `link${i + 1}` : "a")])
        .reverse(),
      ["a", depends("b")],
      ["b", depends("a")],
    ]);
    const { prototype } = packageRecord(parseParagraph("Package: x\nVersion: 1\nArchitecture: all\n")).constructor;
    const relations = vi.spyOn(prototype, "relations");
    try {
      expect(configured(install(packages).log)).toHaveLength(2 * size + 2);
      return relations.mock.calls.length;
    } finally {
      relations.mockRestore();
    }
  };

  it("looks at each package once: twice the packages are twice the work", () => {
    expect(work(120) / work(60)).toBeLessThan(2.5);
  });
});

describe("triggers", () => {
  const libc: FakePackage = {
    triggers: "# comment\ninterest-noawait ldconfig\ninterest /usr/lib/x\ninterest /usr/lib",
  };
  const pending = { kind: "configure-pending" } as const;

  it("are processed at the end of a run, the newest first", () => {
    const { log, state } = simulate({ libc, a: { files: ["/usr", "/usr/lib", "/usr/lib/x"] } }, [
      { kind: "install", packages: ["libc"] },
      { kind: "install", packages: ["a"] },
    ]);
    expect(configured(log)).toEqual(["libc", "a", "triggered libc /usr/lib/x /usr/lib"]);
    expect(state.packages.get("a")?.status).toBe("installed");
  });

  it("are kept from run to run in turned order", () => {
    const { log } = simulate({ libc, a: { files: ["/usr/lib", "/usr/lib/x"] } }, [
      { kind: "install", packages: ["libc"] },
      { kind: "unpack", packages: ["a"] },
      pending,
    ]);
    expect(log.at(-1)).toBe("triggered libc /usr/lib /usr/lib/x");
  });

  it("do nothing for a package that is not configured yet", () => {
    expect(configured(install({ libc, a: { files: ["/usr/lib"], triggers: "activate ldconfig" } }).log)).toEqual([
      "libc",
      "a",
      // a's configuring activates again what its unpacking could not.
      "triggered libc ldconfig",
    ]);
  });

  it("are activated by conffiles, with the directories above them", () => {
    const { log } = simulate({ libc, a: { conffiles: ["/usr/lib/x/y.conf"] } }, [
      { kind: "install", packages: ["libc"] },
      { kind: "install", packages: ["a"] },
    ]);
    expect(log.at(-1)).toBe("triggered libc /usr/lib /usr/lib/x");
  });

  it("make who activates them wait, and what depends on that", () => {
    const { log } = simulate(
      { libc, a: { triggers: "activate /usr/lib/x" }, b: depends("a"), c: { triggers: "activate-noawait /usr/lib/x" } },
      [
        { kind: "install", packages: ["libc"] },
        { kind: "unpack", packages: ["a", "b"] },
        { kind: "configure-pending" },
        { kind: "install", packages: ["c"] },
      ],
    );
    expect(configured(log)).toEqual(["libc", "a", "triggered libc /usr/lib/x", "b", "c", "triggered libc /usr/lib/x"]);
  });

  it("are taken in from dpkg-trigger after the script, for the package itself too", () => {
    const { log, state } = simulate(
      { a: { triggers: "interest-noawait own\ninterest later", dpkgTrigger: ["own", "!later", "!later"] } },
      [{ kind: "install", packages: ["a"] }],
    );
    expect(configured(log)).toEqual(["a", "triggered a later own"]);
    expect(state.unincorporated).toEqual([]);
  });

  it("refuses a directive that is neither interest nor activate", () => {
    expect(() => install({ a: { triggers: "interested x" } })).toThrow(
      expect.objectContaining({ code: "apt/triggers-invalid" }),
    );
  });

  it("are listed in the order of unpacking", () => {
    const same: FakePackage = { ...libc, fields: { "Multi-Arch": "same" } };
    const { state } = install({ z: libc, a: same });
    expect(formatFileTriggers(state)).toBe("/usr/lib/x z\n/usr/lib z\n/usr/lib/x a:amd64\n/usr/lib a:amd64\n");
    expect([...formatNamedTriggers(state)]).toEqual([["ldconfig", "z/noawait\na:amd64/noawait\n"]]);
    expect(formatFileTriggers(install({ a: {} }).state)).toBeUndefined();
  });
});
