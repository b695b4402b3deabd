/** cmp(1) of diffutils 3.10. */
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { openInput } from "./inputs.js";
import { readAll } from "./open.js";
import { quoteText } from "./quote.js";
import { readSize } from "./size.js";
import { defineTool, type Tool } from "./tool.js";

export const cmp: Command = defineTool(
  {
    short: "bi:ln:s",
    long: {
      "print-bytes": "b",
      "ignore-initial=": "i",
      verbose: "l",
      "bytes=": "n",
      silent: "s",
      quiet: "s",
    },
    refused: "v",
    failure: 2,
    namesHint: true,
  },
  (tool) => {
    const { operands } = tool;
    if (operands.length === 0) tool.usage(`missing operand after ${quoteText(tool.name)}`);
    if (operands.length > 4) tool.usage(`extra operand ${quoteText(operands[4]!)}`);
    const names = [operands[0]!, operands[1] ?? "-"] as const;
    const skips = readSkips(tool, operands);
    const limitText = tool.value("n");
    const limit = limitText === undefined ? Number.POSITIVE_INFINITY : readSize(limitText);
    if (limit === undefined) return tool.usage(`invalid --bytes value ${quoteText(limitText!)}`);
    if (tool.has("b")) tool.unsupported("-b");
    const texts = names.map((name, i) => {
      try {
        return readAll(openInput(tool, name)).slice(skips[i], skips[i]! + limit);
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        if (!tool.has("s")) tool.say(`${name}: ${error.text}`);
        return tool.exit(2);
      }
    }) as [string, string];
    return compare(tool, names, texts);
  },
);

function readSkips(tool: Tool, operands: readonly string[]): [number, number] {
  const given = tool.value("i")?.split(":") ?? [operands[2] ?? "0", operands[3] ?? "0"];
  const [one, two] = [given[0]!, given[1] ?? given[0]!].map((text) => readSize(text));
  if (one === undefined || two === undefined)
    return tool.usage(`invalid --ignore-initial value ${quoteText(given.join(":"))}`);
  return [one, two];
}

function compare(tool: Tool, names: readonly [string, string], [one, two]: [string, string]): number {
  if (one === two) return 0;
  if (tool.has("s")) return 1;
  const length = Math.min(one.length, two.length);
  let line = 1;
  const width = String(Math.max(one.length, two.length)).length;
  for (let i = 0; i < length; i++) {
    if (one[i] !== two[i]) {
      if (!tool.has("l")) {
        tool.out(`${names[0]} ${names[1]} differ: char ${i + 1}, line ${line}\n`);
        return 1;
      }
      const octal = (c: string): string => c.charCodeAt(0).toString(8).padStart(3);
      tool.out(`${String(i + 1).padStart(width)} ${octal(one[i]!)} ${octal(two[i]!)}\n`);
    }
    if (one[i] === "\n") line++;
  }
  if (one.length === two.length) return 1;
  const shorter = one.length < two.length ? 0 : 1;
  const text = [one, two][shorter]!;
  const lines = text.split("\n").length - 1;
  if (text === "") tool.say(`EOF on ${names[shorter]} which is empty`);
  else if (tool.has("l")) tool.say(`EOF on ${names[shorter]} after byte ${text.length}`);
  else {
    const place = text.endsWith("\n") ? `line ${lines}` : `in line ${lines + 1}`;
    tool.say(`EOF on ${names[shorter]} after byte ${text.length}, ${place}`);
  }
  return 1;
}
