import { describe, expect, it } from "vitest";
import type { ResolveRequest, Universe } from "#dist/apt/resolve/resolution.js";
import { resolve } from "#dist/apt/resolve/resolve.js";
import { archiveOf, namesOf, universeOf } from "../../fixtures/universe/universe.js";

const ask = (universe: Universe, request: Partial<ResolveRequest>) =>
  resolve(universe, { base: "none", packages: [], ...request });
const failure = (code: string, message: string | RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("stages", () => {
  const universe = universeOf({
    apt: { Priority: "important", Depends: "lib" },
    base: { Essential: "yes", "Pre-Depends": "awk", Depends: "lib" },
    mawk: { Provides: "awk", Priority: "required" },
    gawk: { Provides: "awk" },
    lib: { Recommends: "docs" },
    docs: {},
    req: { Priority: "required" },
    tool: { Depends: "lib, other | more", Recommends: "docs" },
    other: {},
    more: {},
  });
  const stages = (request: Partial<ResolveRequest>) =>
    ask(universe, request).packages.map(({ record, stage }) => `${stage} ${record.name}`);

  it("puts what is essential, with what it needs, before the rest", () => {
    expect(stages({ base: "essential", packages: ["tool", "lib"] })).toEqual([
      "1 base",
      "1 lib",
      "1 mawk",
      "2 other",
      "2 tool",
    ]);
  });

  it("adds what is required, and apt, for minbase", () => {
    expect(stages({ base: "minbase" })).toEqual(["1 base", "1 lib", "1 mawk", "2 apt", "2 req"]);
  });

  it("follows Recommends in stage 2 only", () => {
    expect(stages({ base: "essential", packages: ["tool"], recommends: true })).toContain("2 docs");
    expect(stages({ base: "essential", recommends: true })).not.toContain("1 docs");
  });

  it("has one stage without a base", () => {
    expect(stages({ packages: ["tool"] })).toEqual(["1 lib", "1 other", "1 tool"]);
  });

  it("adds to what is installed", () => {
    const installed = ask(universe, { packages: ["lib", "more"] }).packages.map(({ record }) => record);
    expect(stages({ packages: ["tool", "lib"], installed })).toEqual(["2 tool"]);
  });

  it("has a dependency as the reason, however short the way along a recommendation", () => {
    const found = ask(
      universeOf({ a: { Recommends: "c", Depends: "b" }, b: { Depends: "c" }, c: { Suggests: "d" }, d: {} }),
      { packages: ["a", "d"], recommends: true },
    );
    const [reason] = found.packages.filter(({ record }) => record.name === "c").map(({ why }) => why);
    expect(reason).toEqual({ kind: "depends", by: "b", relation: "c" });
  });

  it("says why each package is there", () => {
    const { packages } = ask(universe, { base: "minbase", packages: ["tool", "mawk"], recommends: true });
    expect(Object.fromEntries(packages.map(({ record, why }) => [record.name, why]))).toEqual({
      base: { kind: "essential" },
      lib: { kind: "depends", by: "base", relation: "lib" },
      mawk: { kind: "pre-depends", by: "base", relation: "awk" },
      apt: { kind: "priority" },
      req: { kind: "priority" },
      tool: { kind: "requested", word: "tool" },
      other: { kind: "depends", by: "tool", relation: "other | more" },
      docs: { kind: "recommends", by: "tool", relation: "docs" },
    });
  });

  it("leaves out what was only selected on the way", () => {
    const found = ask(
      universeOf({ a: { Depends: "b | c" }, b: { Depends: "x, d" }, d: { Depends: "missing" }, x: {}, c: {} }),
      { packages: ["a"] },
    );
    expect(namesOf(found)).toEqual(["a", "c"]);
  });
});

describe("words", () => {
  const main = archiveOf({
    a: [{ Version: "1.1", Depends: "b (= 1.1)" }, { Version: "2.0" }],
    b: [{ Version: "1.1" }, { Version: "2.0" }],
    c: { Depends: "d | a" },
    d: {},
    v: { Depends: "only" },
    only1: { Provides: "only, both" },
    only2: { Provides: "both" },
  });
  const backports = archiveOf(
    { a: { Version: "3.0", Depends: "b (>= 3)" }, b: { Version: "3.0" }, c: { Version: "9" } },
    { suites: ["trixie-backports"], pin: 100 },
  );
  const universe: Universe = { archives: [main, backports] };
  const names = (...packages: string[]) => namesOf(ask(universe, { packages }));

  it("take the candidate by default", () => {
    expect(names("a")).toEqual(["a=2.0"]);
  });

  it("choose a version, and then what it needs", () => {
    expect(names("a=1.*", "b=1.1")).toEqual(["a=1.1", "b=1.1"]);
  });

  it("choose a suite, and then what is needed from there", () => {
    expect(names("a/trixie-backports")).toEqual(["a=3.0", "b=3.0"]);
    expect(names("a/trixie")).toEqual(["a=2.0"]);
  });

  it("keep what another word names, whatever a version needs", () => {
    const found = ask(universe, { packages: ["a=3.0", "b"] });
    expect(namesOf(found)).toEqual(["a=3.0", "b=3.0"]);
    expect(() => ask(universe, { packages: ["a=3.0", "b=2.0"] })).toThrow(failure("apt/unsatisfiable", /b/));
  });

  it("exclude a package", () => {
    expect(names("c", "-d")).toEqual(["a=2.0", "c"]);
  });

  it("name the only provider", () => {
    expect(names("only")).toEqual(["only1"]);
  });

  it.each([
    [["aa"], "apt/unknown-package", "Cannot install aa: no archive of the recipe has a package of that name"],
    [["-aa"], "apt/unknown-package", "Cannot install aa"],
    [["both"], "apt/unknown-package", "it is a virtual name that only1, only2 provide"],
    [["only=1"], "apt/unknown-package", "it is a virtual name that only1 provide"],
    [["a=4*"], "apt/version-not-found", "there is 2.0 (trixie), 1.1 (trixie), 3.0 (trixie-backports), none of which"],
    [["d/trixie-backports"], "apt/version-not-found", "there is 1 (trixie)"],
    [["a", "-a"], "apt/conflict", 'Cannot install a: the recipe also says "-a"'],
    [["-d", "-a", "c"], "apt/excluded-package-needed", 'Cannot install c: c 1 Depends d | a; "-d" excludes d'],
    [["A"], "apt/package-word-invalid", 'Cannot read the package "A"'],
  ])("%j give %s", (packages, code, message) => {
    expect(() => names(...packages)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("hint at the nearest name", () => {
    const { archives } = universeOf({ prometheus: {}, curl: {} });
    expect(() => ask({ archives }, { packages: ["crul"] })).toThrow(
      expect.objectContaining({ hint: "is curl meant?" }),
    );
  });
});

describe("extra archives", () => {
  const main = archiveOf({ b: { Version: "1" }, c: { Version: "1" }, d: { Version: "1" } });
  const extra = archiveOf(
    {
      a: { Version: "5", Depends: "b (>= 2), c, d" },
      b: { Version: "2", Depends: "e" },
      c: { Version: "2" },
      e: { Version: "2" },
    },
    { suites: ["extra"], packages: ["a"] },
  );
  it("give what they are there for, and further packages only where nothing else will do", () => {
    expect(namesOf(ask({ archives: [main, extra] }, { packages: ["a"] }))).toEqual(["a=5", "b=2", "c", "d", "e=2"]);
    expect(namesOf(ask({ archives: [main, extra] }, { packages: ["b", "c"] }))).toEqual(["b", "c"]);
  });

  it("do not move a package that is installed", () => {
    const installed = main.index.named("b");
    expect(() => ask({ archives: [main, extra] }, { packages: ["a"], installed })).toThrow(
      failure("apt/unsatisfiable", /Cannot install a: a 5 Depends b \(>= 2\); b 1 is installed/),
    );
  });
});

describe("what can't be", () => {
  it("is explained by the chain that leads to it", () => {
    const universe = universeOf({
      a: { Depends: "ok, b" },
      ok: {},
      b: { Depends: "x | c" },
      x: { Depends: "nothing" },
      c: { "Pre-Depends": "d (>= 2)" },
      d: {},
    });
    expect(() => ask(universe, { packages: ["a"] })).toThrow(
      failure(
        "apt/unsatisfiable",
        "^Cannot install a: a 1 Depends b; b 1 Depends x \\| c; x 1 Depends nothing; no archive",
      ),
    );
    expect(() => ask(universe, { packages: ["c"] })).toThrow(
      failure("apt/unsatisfiable", "^Cannot install c: c 1 Pre-Depends d \\(>= 2\\); d 1 is the version to install$"),
    );
  });

  it("is explained by the providers that are not enough", () => {
    const universe = universeOf({ a: { Depends: "v (>= 2)" }, p: { Provides: "v (= 1)" } });
    expect(() => ask(universe, { packages: ["a"] })).toThrow(
      failure("apt/unsatisfiable", "a 1 Depends v \\(>= 2\\); v is only provided by p"),
    );
  });

  it("is explained by the two packages that exclude each other", () => {
    const universe = universeOf({
      a: { Depends: "c" },
      b: { Depends: "d" },
      c: {},
      d: { Breaks: "c (<< 2)" },
    });
    expect(() => ask(universe, { packages: ["a", "b"] })).toThrow(
      failure(
        "apt/conflict",
        "^Cannot install d and c together: b 1 Depends d; d 1 Breaks c \\(<< 2\\); a 1 Depends c$",
      ),
    );
  });

  it("includes pushing out what is installed", () => {
    const universe = universeOf({ a: { Conflicts: "b" }, b: {} });
    const installed = universe.archives[0]!.index.named("b");
    expect(() => ask(universe, { packages: ["a"], installed })).toThrow(failure("apt/conflict", "a and b together"));
  });
});

describe("choices that have to be taken back", () => {
  it("are, where the step-by-step solver gives up", () => {
    // w is needed and excludes the first choice of v's alternatives, which is selected before that is known.
    const universe = universeOf({
      r: { Depends: "v, w" },
      v: { Depends: "first | second" },
      first: { Depends: "third" },
      third: { Breaks: "w" },
      second: { Recommends: "extra" },
      w: {},
      extra: {},
    });
    const steps: string[] = [];
    const found = ask(universe, { packages: ["r"], recommends: true, onStep: (_, step) => steps.push(step) });
    expect(namesOf(found)).toEqual(["extra", "r", "second", "v", "w"]);
    expect(steps).toContain("Search selects second");
  });

  it("are not tried for ever", () => {
    const universe = universeOf({
      r: { Depends: "a1 | a2, b1 | b2, c1 | c2" },
      ...Object.fromEntries(["a1", "a2", "b1", "b2", "c1"].map((name) => [name, { Depends: "x | y" }])),
      c2: { Depends: "x | y" },
      x: { Conflicts: "r" },
      y: { Breaks: "r" },
    });
    expect(() => ask(universe, { packages: ["r"] })).toThrow(failure("apt/unsatisfiable", "no choice of all"));
  });
});
