/**
 * What matches, and what the groups take: random regular expressions with groups, as trixie's sed has them.
 *
 * Left out is what glibc itself gets wrong: back-references to a group that is repeated (it crashes, or prints what its memory holds).
 */
import { expect, test } from "vitest";
import { numbersBelow } from "../fixtures/seeded-numbers.js";
import { runReal } from "../rootfs/shell/tools/real-tools.js";
import { runCase, type ToolCase } from "../rootfs/shell/tools/tool-case.js";

const PATTERNS = 500;

interface Writer {
  readonly next: (below: number) => number;
  readonly references: boolean;
  groups: number;
  readonly closed: number[];
}

function write(writer: Writer, depth: number): string {
  const { next, closed } = writer;
  const inner = () => write(writer, depth - 1);
  const group = (content: () => string): string => {
    if (writer.groups === 9) return "a";
    const index = ++writer.groups;
    const text = `(${content()})`;
    closed.push(index);
    return text;
  };
  const pick = (words: readonly string[]): string => words[next(words.length)]!;
  switch (next(depth === 0 ? 2 : 8)) {
    case 0:
      return pick(["a", "b"]);
    case 1:
      return pick([".", "a", "b", "[ab]", "c"]);
    case 2:
    case 3:
      return inner() + inner();
    case 4:
      return group(() => `${inner()}|${next(4) > 0 ? inner() : ""}`);
    case 5:
      return group(inner) + (writer.references ? "" : pick(["*", "?", "+", "{0,2}", "{1,3}", "{2}", "", ""]));
    case 6:
      return group(inner);
    default:
      return writer.references && closed.length > 0
        ? `\\${closed[next(closed.length)]}`
        : pick(["a*", "b?", "a+", "[ab]*", ".*"]);
  }
}

function cases(seed: number, references: boolean): ToolCase[] {
  const next = numbersBelow(seed);
  const found: ToolCase[] = [];
  while (found.length < PATTERNS) {
    const writer = { next, references, groups: 0, closed: [] };
    const pattern = write(writer, 4);
    if (writer.groups === 0 || pattern.length > 40 || (references && !/\\\d/.test(pattern))) continue;
    const shown = Array.from({ length: writer.groups }, (_, i) => `[\\${i + 1}]`).join("");
    const lines = Array.from({ length: 6 }, () =>
      Array.from({ length: next(8) }, () => "aaaaabbbbc"[next(10)]).join(""),
    );
    found.push({ run: [["sed", "-E", `s/${pattern}/<&>${shown}/`]], stdin: `${lines.join("\n")}\n` });
  }
  return found;
}

test.each([
  ["repeated groups", 2026, false],
  ["back-references", 1123, true],
] as const)("%s", (_, seed, references) => {
  const all = cases(seed, references);
  const real = runReal(all);
  const differences = all.flatMap((item, i) => {
    const ours = runCase(item).commands[0]!.stdout;
    const theirs = real[i]!.commands[0]!.stdout;
    return ours === theirs ? [] : [{ command: item.run[0], stdin: item.stdin, ours, theirs }];
  });
  expect(differences).toEqual([]);
});
