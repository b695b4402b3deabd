/** pwd(1) of coreutils 9.7 (the program, not the shell's builtin): physical unless -L and a valid $PWD. */
import type { Command } from "../process.js";
import { defineTool } from "./tool.js";

export const pwd: Command = defineTool({ short: "LP", long: { logical: "L", physical: "P" }, refused: "" }, (tool) => {
  if (tool.operands.length > 0) tool.say("ignoring non-option arguments");
  const { process } = tool;
  const logical = process.environment.get("PWD");
  const last = tool.options.at(-1)?.name;
  const valid =
    last === "L" &&
    logical?.startsWith("/") &&
    !/\/\.\.?(\/|$)/.test(logical) &&
    process.tree.lookup(logical) === process.tree.lookup(process.cwd);
  tool.out(`${valid ? logical : process.cwd}\n`);
});
