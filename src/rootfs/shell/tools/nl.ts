/** nl(1) of coreutils 9.7, without sections of its own style. */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { quoteText } from "./quote.js";
import { RegexError } from "./regex/ast.js";
import { compileRegex } from "./regex/regex.js";
import { defineTool, type Tool } from "./tool.js";

export const nl: Command = defineTool(
  {
    short: "b:f:h:i:l:n:ps:v:w:",
    long: {
      "body-numbering=": "b",
      "footer-numbering=": "f",
      "header-numbering=": "h",
      "line-increment=": "i",
      "join-blank-lines=": "l",
      "number-format=": "n",
      "no-renumber": "p",
      "number-separator=": "s",
      "starting-line-number=": "v",
      "number-width=": "w",
    },
    refused: "d",
    refusedLong: ["section-delimiter"],
  },
  (tool) => {
    const number = (option: string, normal: number, what: string): number => {
      const text = tool.value(option) ?? String(normal);
      if (!/^-?[0-9]+$/.test(text)) tool.die(`invalid ${what}: ${quoteText(text)}`);
      return Number(text);
    };
    const start = number("v", 1, "starting line number");
    const step = number("i", 1, "line number increment");
    const width = number("w", 6, "line number field width");
    const joined = number("l", 1, "line number of blank lines");
    const format = tool.value("n") ?? "rn";
    if (!/^(ln|rn|rz)$/.test(format)) tool.usage(`invalid line numbering format: ${quoteText(format)}`);
    const separator = tool.value("s") ?? "\t";
    const styles = { header: style(tool, "h", "n"), body: style(tool, "b", "t"), footer: style(tool, "f", "n") };
    let section: keyof typeof styles = "body";
    let line = start;
    let blanks = 0;
    eachInput(tool, (stream) => {
      for (let record = stream.readLine(); record !== undefined; record = stream.readLine()) {
        const text = record.replace(/\n$/, "");
        const delimiter = /^(?:\\:){1,3}$/.test(text) ? text.length / 2 : 0;
        if (delimiter > 0) {
          section = delimiter === 3 ? "header" : delimiter === 2 ? "body" : "footer";
          if (!tool.has("p") && delimiter > 1) line = start;
          tool.out("\n");
          continue;
        }
        let numbered = styles[section](text);
        if (text === "") blanks++;
        else blanks = 0;
        if (numbered && text === "" && joined > 1) {
          numbered = blanks === joined;
          if (numbered) blanks = 0;
        }
        if (!numbered) {
          tool.out(`${" ".repeat(width + separator.length)}${text}\n`);
          continue;
        }
        const digits = format === "rz" ? zeros(line, width) : String(line);
        tool.out(`${format === "ln" ? digits.padEnd(width) : digits.padStart(width)}${separator}${text}\n`);
        line += step;
      }
    });
  },
);

function zeros(line: number, width: number): string {
  return line < 0 ? `-${String(-line).padStart(width - 1, "0")}` : String(line).padStart(width, "0");
}

function style(tool: Tool, option: string, normal: string): (text: string) => boolean {
  const text = tool.value(option) ?? normal;
  if (text === "a") return () => true;
  if (text === "n") return () => false;
  if (text === "t") return (line) => line !== "";
  if (!text.startsWith("p")) {
    const part = option === "b" ? "body" : option === "h" ? "header" : "footer";
    return tool.usage(`invalid ${part} numbering style: ${quoteText(text)}`);
  }
  try {
    const regex = compileRegex(text.slice(1), { syntax: "basic" });
    return (line) => regex.test(line);
  } catch (error) {
    if (error instanceof RegexError) return tool.die(error.message);
    throw error;
  }
}
