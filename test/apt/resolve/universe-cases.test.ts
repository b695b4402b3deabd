import { describe, expect, it } from "vitest";
import { planInstallation } from "#dist/apt/order/plan.js";
import { resolve } from "#dist/apt/resolve/resolve.js";
import { universeCases } from "../../fixtures/universe/cases.js";
import { backportsPackages, stablePackages, switchCases } from "../../fixtures/universe/switch-cases.js";
import { archiveOf, namesOf, universeOf } from "../../fixtures/universe/universe.js";

// apt's own answers; test/heavy/resolve.test.ts asks it again.
describe("resolve and planInstallation, as apt", () => {
  it.each(universeCases)("$name", ({ packages, request, recommends, order, code }) => {
    const answer = () => resolve(universeOf(packages), { base: "none", packages: request, recommends });
    if (code !== undefined) return expect(answer).toThrow(expect.objectContaining({ code }));
    const { commands } = planInstallation({ installed: [], packages: answer().packages.map(({ record }) => record) });
    const words = commands.flatMap((command) =>
      command.kind === "configure-pending"
        ? []
        : command.packages.map((name) => (command.kind === "unpack" ? `+${name}` : name)),
    );
    expect(words.join(" ")).toBe(order);
  });
});

describe("name/suite, as apt", () => {
  const archives = [
    archiveOf(stablePackages),
    archiveOf(backportsPackages, { suites: ["trixie-backports"], packages: [] }),
  ];

  it.each(switchCases)("$request", ({ request, answer, beyondApt }) => {
    const found = resolve({ archives }, { base: "none", packages: request.split(" "), recommends: true });
    expect([...namesOf(found)].sort().join(" ")).toBe(answer ?? beyondApt);
  });
});
