import { describe, expect, it } from "vitest";
import { readGolden, readSnippets, runEmulated, topics } from "./snippets.js";

describe.each(topics())("snippets: %s", (topic) => {
  const golden = readGolden(topic);

  it("are all recorded", () => {
    expect(golden.map(({ text }) => text)).toEqual(readSnippets(topic));
  });

  it.each(golden.map(({ text, outcome }, index) => ({ index, text, outcome })))(
    "$index: $text",
    ({ text, outcome }) => {
      expect(runEmulated(topic, text)).toEqual(outcome);
    },
  );
});
