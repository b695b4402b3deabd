/**
 * gawk for programs that mean the same to every awk; what is more stops the build.
 */
import { describe, expect, it } from "vitest";
import { gawk } from "#dist/rootfs/shell/tools/awk/gawk.js";
import { MemoryStream, makeProcess } from "./tool-process.js";

function run(args: readonly string[], input = "a:1 x\nb:2\n"): string {
  const stdout = new MemoryStream();
  expect(gawk(makeProcess({ stdin: new MemoryStream(input), stdout }), ["awk", ...args])).toBe(0);
  return stdout.written;
}

describe("gawk", () => {
  it.each([
    [["{ print $1 }"], "a:1\nb:2\n"],
    [["-F:", '$1 == "b" {print $2, NR}'], "2 2\n"],
    [["-F", ":", "/^a/ && NF > 1 {print $1; next} !/x/"], "a\nb:2\n"],
  ] as const)("%j", (args, out) => {
    expect(run(args)).toBe(out);
  });

  it.each([
    [["{print 1/3}"]],
    [["{print length($0)}"]],
    [['{print > "f"}']],
    [["{x = x + 1} END {print x}"]],
    [['{printf "%d", $1}']],
    [["/a\\y/"]],
    [["-F", "a|b", "{print $1}"]],
    [["-f", "file"]],
    [["-v", "a=1", "{print a}"]],
    [["function f() {} {print $1}"]],
    [["{print gensub(/a/, 1, 1)}"]],
    [["BEGIN {"]],
    [["$1 < 5"]],
    [['$1 ~ "a\\\\."']],
  ] as const)("stops at %j", (args) => {
    expect(() => run(args)).toThrow("needs gawk");
  });
});
