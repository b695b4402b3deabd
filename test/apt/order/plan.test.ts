import { describe, expect, it } from "vitest";
import { type PlanPackage, planInstallation, planNewRoot } from "#dist/apt/order/plan.js";
import { archiveOf, type Packages } from "../../fixtures/universe/universe.js";

function recordsOf(packages: Packages, suite = "trixie"): readonly PlanPackage[] {
  const { index } = archiveOf(packages, { suites: [suite] });
  return [...index.names()].flatMap((name) => index.named(name));
}

// The order itself is compared with apt's in resolve/universe-cases.test.ts and test/heavy/order.test.ts.
describe("planInstallation", () => {
  it("groups what follows each other into commands, the pending ones last", () => {
    const packages = recordsOf({ a: { "Pre-Depends": "b, c" }, b: {}, c: { Depends: "b" }, d: {} });
    expect(planInstallation({ installed: [], packages })).toEqual({
      unpackOrder: ["b", "c", "a", "d"],
      commands: [
        { kind: "unpack", packages: ["b", "c"] },
        { kind: "configure", packages: ["b", "c"] },
        { kind: "unpack", packages: ["a", "d"] },
        { kind: "configure-pending" },
      ],
    });
  });

  it("needs nothing for what is installed", () => {
    const installed = recordsOf({ b: { Provides: "v" } });
    const packages = recordsOf({ a: { "Pre-Depends": "v" }, c: { Provides: "v" } });
    expect(planInstallation({ installed, packages }).unpackOrder).toEqual(["a", "c"]);
  });

  it("visits providers of a later archive first", () => {
    const first = recordsOf({ a: { Depends: "v" }, y: { Provides: "v" } }, "one");
    const second = recordsOf({ x: { Provides: "v" } }, "two");
    const order = (archives: readonly string[]) =>
      planInstallation({ installed: [], packages: [...first, ...second], archives }).unpackOrder;
    expect(order(["one", "two"])).toEqual(["x", "y", "a"]);
    expect(order(["two", "one"])).toEqual(["y", "x", "a"]);
  });

  it("visits providers of a later source package first, and then those of a later name", () => {
    const packages = recordsOf({
      a: { Depends: "v" },
      w: { Provides: "v", Source: "two (1.0)" },
      x: { Provides: "v" },
      y: { Provides: "v", Source: "one" },
      z: { Provides: "v", Source: "two" },
    });
    expect(planInstallation({ installed: [], packages }).unpackOrder).toEqual(["x", "z", "w", "y", "a"]);
  });

  it("does not depend on the order in which the packages are given", () => {
    const packages = recordsOf({
      a: { Depends: "b" },
      b: { Depends: "c" },
      c: { Depends: "a" },
      d: { Depends: "v" },
      e: { Provides: "v" },
      f: { Provides: "v" },
    });
    const plan = planInstallation({ installed: [], packages });
    expect(planInstallation({ installed: [], packages: [...packages].reverse() })).toEqual(plan);
  });

  it.each([
    ["nothing satisfies", { a: { "Pre-Depends": "b (>= 2)" }, b: {} }],
    ["form a cycle", { a: { "Pre-Depends": "b" }, b: { "Pre-Depends": "a" } }],
  ])("refuses Pre-Depends that %s", (_, packages) => {
    expect(() => planInstallation({ installed: [], packages: recordsOf(packages) })).toThrow(
      expect.objectContaining({ code: "apt/order-impossible" }),
    );
  });
});

describe("planNewRoot", () => {
  it("installs the base at once, and the rest by apt's plan", () => {
    const base = recordsOf({ a: { Essential: "yes", Depends: "b" }, b: {} });
    const rest = recordsOf({ c: { "Pre-Depends": "a" } });
    expect(planNewRoot(base, rest)).toEqual([
      { kind: "install", packages: ["b", "a"], forceDepends: true },
      { kind: "unpack", packages: ["c"] },
      { kind: "configure-pending" },
    ]);
    expect(planNewRoot(base, [])).toHaveLength(1);
    expect(planNewRoot([], recordsOf({ d: {} }))[0]).toEqual({ kind: "unpack", packages: ["d"] });
  });
});
