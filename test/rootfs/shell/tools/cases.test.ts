import { describe, expect, test } from "vitest";
import { topics } from "./cases/topics.js";
import { caseName, readGolden, runCase } from "./tool-case.js";

describe.each([...topics])("%s", (topic, cases) => {
  const golden = readGolden(topic);

  test.each(cases.map((item) => [caseName(item), item] as const))("%s", (name, item) => {
    const wanted = golden[name];
    expect(wanted, "has a golden value").toBeDefined();
    expect(runCase(item)).toEqual(wanted);
  });

  test("every golden value belongs to a case", () => {
    expect(Object.keys(golden).sort()).toEqual([...new Set(cases.map(caseName))].sort());
  });
});
