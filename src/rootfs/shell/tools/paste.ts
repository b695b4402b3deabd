/** paste(1) of coreutils 9.7. */
import type { Command } from "../process.js";
import { openInput, records } from "./inputs.js";
import { quoteText } from "./quote.js";
import { defineTool, type Tool } from "./tool.js";

export const paste: Command = defineTool(
  { short: "d:sz", long: { "delimiters=": "d", serial: "s", "zero-terminated": "z" }, refused: "" },
  (tool) => {
    const terminator = tool.has("z") ? "\0" : "\n";
    const delimiters = readDelimiters(tool, tool.value("d") ?? "\t");
    const standard = records(tool.process.stdin, terminator);
    const operands = tool.operands.length === 0 ? ["-"] : tool.operands;
    const inputs = operands.map((operand) =>
      operand === "-" ? standard : records(openInput(tool, operand), terminator),
    );
    const lineOf = (input: Iterator<string>): string | undefined => {
      const { done, value } = input.next();
      return done ? undefined : value.endsWith(terminator) ? value.slice(0, -1) : value;
    };
    const join = (lines: readonly string[]): undefined =>
      tool.out(
        lines.map((line, i) => (i === 0 ? "" : delimiters[(i - 1) % delimiters.length]) + line).join("") + terminator,
      );
    if (tool.has("s")) {
      for (const input of inputs) {
        const lines: string[] = [];
        for (let line = lineOf(input); line !== undefined; line = lineOf(input)) lines.push(line);
        join(lines);
      }
      return;
    }
    for (;;) {
      const lines = inputs.map(lineOf);
      if (lines.every((line) => line === undefined)) return;
      join(lines.map((line) => line ?? ""));
    }
  },
);

function readDelimiters(tool: Tool, text: string): string[] {
  const named: Record<string, string> = { "0": "", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\" };
  const list: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "\\") list.push(text[i]!);
    else {
      const letter = text[++i];
      if (letter === undefined)
        tool.die(`delimiter list ends with an unescaped backslash: ${quoteText(text).slice(1, -1)}`);
      list.push(named[letter] ?? letter);
    }
  }
  return list.length === 0 ? [""] : list;
}
