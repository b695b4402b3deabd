import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compilePattern,
  hasMagic,
  matchEnd,
  matchPattern,
  matchStart,
  quotePattern,
  unquotePattern,
} from "#dist/rootfs/shell/pattern.js";

const subject = fc.string({ unit: fc.constantFrom("a", "b", "-", "]", "[", "*", "\\", "!"), maxLength: 8 });
const pattern = fc
  .array(
    fc.constantFrom("a", "b", "*", "?", "[ab]", "[!a]", "[a-b]", "[]-]", "\\*", "\\[", "[[:alpha:]]", "[", "]", "-"),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));

/** The definition of matching, spelled out: a star takes any number of characters. */
function matches(tokens: ReturnType<typeof compilePattern>, text: string): boolean {
  const [first, ...rest] = tokens;
  if (first === undefined) return text === "";
  if (first.type === "star") {
    return Array.from({ length: text.length + 1 }, (_, i) => text.slice(i)).some((tail) => matches(rest, tail));
  }
  if (text === "") return false;
  const code = text.charCodeAt(0);
  const one = first.type === "any" || (first.type === "char" ? first.code === code : first.members[code] === 1);
  return one && matches(rest, text.slice(1));
}

describe("patterns", () => {
  it("match as the definition says", () => {
    fc.assert(
      fc.property(pattern, subject, (text, value) => {
        expect(matchPattern(text, value)).toBe(matches(compilePattern(text), value));
      }),
      { numRuns: 2000 },
    );
  });

  it("find the shortest and longest start and end", () => {
    const lengths = (value: string, test: (length: number) => boolean): number[] =>
      Array.from({ length: value.length + 1 }, (_, i) => i).filter(test);
    fc.assert(
      fc.property(pattern, subject, (text, value) => {
        const tokens = compilePattern(text);
        const starts = lengths(value, (length) => matches(tokens, value.slice(0, length)));
        const ends = lengths(value, (length) => matches(tokens, value.slice(value.length - length)));
        expect(matchStart(tokens, value, false)).toBe(starts[0] ?? -1);
        expect(matchStart(tokens, value, true)).toBe(starts.at(-1) ?? -1);
        expect(matchEnd(tokens, value, false)).toBe(ends[0] ?? -1);
        expect(matchEnd(tokens, value, true)).toBe(ends.at(-1) ?? -1);
      }),
      { numRuns: 2000 },
    );
  });

  it("quoted text matches itself only", () => {
    fc.assert(
      fc.property(subject, subject, (text, other) => {
        expect(hasMagic(quotePattern(text))).toBe(false);
        expect(unquotePattern(quotePattern(text))).toBe(text);
        expect(matchPattern(quotePattern(text), other)).toBe(text === other);
      }),
    );
  });

  it("are linear in the text for any pattern", () => {
    expect(matchPattern(`${"*a".repeat(50)}b`, "a".repeat(20_000))).toBe(false);
    expect(matchStart(compilePattern(`${"*a".repeat(20)}b`), "a".repeat(20_000), true)).toBe(-1);
  });

  it("know bytes, classes and the C locale only", () => {
    expect(matchPattern("?", "\xe9")).toBe(true);
    expect(matchPattern("[[:alpha:]]", "\xe9")).toBe(false);
    expect(matchPattern("[\x80-\xff]", "\xe9")).toBe(true);
    expect(matchPattern("[^a]", "b")).toBe(false);
    expect(matchPattern(compilePattern("[^a]", "bash"), "b")).toBe(true);
  });
});
