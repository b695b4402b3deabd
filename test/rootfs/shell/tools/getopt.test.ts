/** getopt -a, as ucf calls it; wanted is what util-linux 2.41's getopt prints. */
import { expect, test } from "vitest";
import { runCase, words } from "./tool-case.js";

const getopt = (line: string) => runCase({ run: [words(line)] }).commands[0];

test("long options with a single dash, short options beside them", () => {
  const line =
    "getopt -a -o hs:d:: --long help,src-dir:,debug:: -n ucf -- -h -help -src-dir x -src-dir=y -sz -debug -d3 f -- g";
  expect(getopt(line)).toEqual({
    status: 0,
    stdout: " -h --help --src-dir 'x' --src-dir 'y' -s 'z' --debug '' -d '3' -- 'f' 'g'\n",
    stderr: "",
  });
});

test("what is ambiguous, unknown or given too much", () => {
  expect(getopt("getopt -a -o h --long foo,foobar: -n x -- -fo -fooba 1 -q -foo=2 -hh")).toEqual({
    status: 1,
    stdout: " --foobar '1' -h -h --\n",
    stderr: `x: option '-fo' is ambiguous; possibilities: '-foo' '-foobar'
x: unrecognized option '-q'
x: option '-foo' doesn't allow an argument
`,
  });
});

test("a letter that is a short option is no abbreviation", () => {
  expect(getopt("getopt -a -o f --long foo,bar -n x -- -f -b -ff -fx -zz")).toEqual({
    status: 1,
    stdout: " -f --bar -f -f -f --\n",
    stderr: "x: invalid option -- 'x'\nx: unrecognized option '-zz'\n",
  });
});
