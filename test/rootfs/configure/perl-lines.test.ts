/**
 * Substitutions as perl does them: what trixie's perl (LC_ALL=C) made of every input is golden.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { perlProbe } from "#dist/rootfs/configure/commands/perl-probe.js";
import { MemoryStream, makeProcess } from "../shell/tools/tool-process.js";

interface Golden {
  readonly inputs: readonly string[];
  readonly cases: readonly { readonly words: readonly string[]; readonly outputs: readonly (string | null)[] }[];
}

const { inputs, cases }: Golden = JSON.parse(readFileSync(new URL("golden/perl-lines.json", import.meta.url), "utf8"));
/** Beyond what is taken to mean the same in every engine. */
const BEYOND = ["s/\\bx/X\\t/", "s/a{1}/q/", "s/\\s+\\z//", "tr/a/b/"];

function run(words: readonly string[], input: string): string {
  const stdout = new MemoryStream();
  expect(perlProbe(makeProcess({ stdin: new MemoryStream(input), stdout }), ["perl", ...words])).toBe(0);
  return stdout.written;
}

describe("perl's substitutions", () => {
  it.each(cases.map(({ words, outputs }) => [words.join(" "), words, outputs] as const))("%s", (_, words, outputs) => {
    for (const [i, input] of inputs.entries()) {
      if (BEYOND.includes(words.at(-1)!)) expect(() => run(words, input)).toThrow("needs perl");
      else expect(run(words, input)).toBe(outputs[i]);
    }
  });

  it.each([
    "s/a/$b/",
    "s/$a/b/",
    "s/a/b/e",
    "s/(?i)a/b/",
    "s/a|b/c/; print",
    "s/[[:punct:]]/x/",
    "s/a++/x/",
    "s/a/\\Ub/",
    "s/[]a]/x/",
    "s,a,b,",
    "s/[\\W]/x/",
    "s/@x/y/",
    "s/(a)/$2/",
    "s/(a)\\2/x/",
  ])("stops at %s", (program) => {
    expect(() => run(["-pe", program], "abc\n")).toThrow("needs perl");
  });
});
