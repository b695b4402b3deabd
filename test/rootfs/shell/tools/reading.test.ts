import { expect, test } from "vitest";
import { MemoryStream, makeProcess, runTool } from "./tool-process.js";

test("commands that need no input read none, so that `while read` loops survive them", () => {
  const stdin = new MemoryStream("one\ntwo\n");
  for (const argv of [
    ["echo", "x"],
    ["mkdir", "d"],
    ["basename", "/a/b"],
    ["printf", "%s", "x"],
    ["test", "x"],
  ]) {
    runTool(argv, { stdin });
  }
  expect(stdin.unread).toBe("one\ntwo\n");
});

test("head reads no line more than it prints", () => {
  const stdin = new MemoryStream("one\ntwo\nthree\n");
  const process = makeProcess({ stdin });
  expect(process.run(["head", "-n", "1"])).toBe(0);
  expect(stdin.unread).toBe("two\nthree\n");
});
