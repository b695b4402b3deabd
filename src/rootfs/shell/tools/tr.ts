/** tr(1) of coreutils 9.7 in the C locale. */
import type { Command } from "../process.js";
import { quoteText } from "./quote.js";
import { BYTE_CLASSES } from "./regex/ast.js";
import { defineTool, type Tool } from "./tool.js";

export const tr: Command = defineTool(
  {
    short: "cCdst",
    long: { complement: "c", delete: "d", "squeeze-repeats": "s", "truncate-set1": "t" },
    refused: "",
    operandsEndOptions: true,
  },
  (tool) => {
    const { operands } = tool;
    const deletes = tool.has("d");
    const squeezes = tool.has("s");
    const complement = tool.has("c") || tool.has("C");
    checkOperands(tool, deletes, squeezes);
    const translates = operands.length === 2 && !deletes;
    let from = expandSet(tool, operands[0]!, { wanted: undefined });
    if (complement) from = ALL_BYTES.filter((byte) => !from.includes(byte));
    const second = operands[1];
    const to =
      second === undefined
        ? undefined
        : expandSet(tool, second, { wanted: translates ? from.length : undefined, secondSet: true });
    const map = ALL_BYTES.map((byte) => byte);
    if (translates) fillMap(tool, map, { from, to: to! });
    const deleted = new Set(deletes ? from : []);
    const squeezed = new Set(squeezes ? (to ?? from) : []);
    const { stdin } = tool.process;
    let last = -1;
    for (let part = stdin.read(65536); part !== ""; part = stdin.read(65536)) {
      const result: string[] = [];
      for (let i = 0; i < part.length; i++) {
        const code = part.charCodeAt(i);
        if (deleted.has(code)) continue;
        const mapped = map[code]!;
        if (mapped === last && squeezed.has(mapped)) continue;
        last = mapped;
        result.push(String.fromCharCode(mapped));
      }
      tool.out(result.join(""));
    }
  },
);

const ALL_BYTES: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);

function checkOperands(tool: Tool, deletes: boolean, squeezes: boolean): undefined {
  const { operands } = tool;
  const needed = deletes === squeezes ? 2 : 1;
  const most = deletes && !squeezes ? 1 : 2;
  if (operands.length < needed) {
    if (operands.length === 0) tool.usage("missing operand");
    const reason = squeezes
      ? "Two strings must be given when both deleting and squeezing repeats."
      : "Two strings must be given when translating.";
    tool.usage(`missing operand after ${quoteText(operands[0]!)}\n${reason}`);
  }
  if (operands.length > most) {
    const extra = `extra operand ${quoteText(operands[most]!)}`;
    const only = deletes && !squeezes && operands.length === 2;
    tool.usage(only ? `${extra}\nOnly one string may be given when deleting without squeezing repeats.` : extra);
  }
}

function fillMap(
  tool: Tool,
  map: number[],
  { from, to }: { readonly from: readonly number[]; readonly to: readonly number[] },
): undefined {
  if (to.length === 0) {
    if (tool.has("t") || from.length === 0) return;
    tool.die("when not truncating set1, string2 must be non-empty");
  }
  const length = tool.has("t") ? Math.min(from.length, to.length) : from.length;
  for (let i = 0; i < length; i++) map[from[i]!] = to[Math.min(i, to.length - 1)]!;
}

/** The bytes a SET stands for, in order. `wanted` is the length that [c*] fills up to. */
function expandSet(
  tool: Tool,
  text: string,
  { wanted, secondSet = false }: { readonly wanted: number | undefined; readonly secondSet?: boolean },
): number[] {
  const result: number[] = [];
  let fill: { readonly at: number; readonly byte: number } | undefined;
  for (let i = 0; i < text.length; ) {
    if (text[i] === "[" && (text[i + 1] === ":" || text[i + 1] === "=")) {
      const kind = text[i + 1]!;
      const end = text.indexOf(`${kind}]`, i + 2);
      const name = end < 0 ? "" : text.slice(i + 2, end);
      if (end >= 0 && kind === ":" && name !== "") {
        const test = BYTE_CLASSES.get(name);
        if (test === undefined) return tool.die(`invalid character class ${quoteText(name)}`);
        if (secondSet && wanted !== undefined && name !== "upper" && name !== "lower") {
          return tool.die(
            "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'",
          );
        }
        result.push(...ALL_BYTES.filter(test));
        i = end + 2;
        continue;
      }
      if (end >= 0 && kind === "=") {
        if (name.length !== 1) return tool.die(`${name}: equivalence class operand must be a single character`);
        result.push(name.charCodeAt(0));
        i = end + 2;
        continue;
      }
    }
    if (text[i] === "[") {
      const repeated = readByte(tool, text, i + 1);
      const match = /^\*([0-9]*)\]/.exec(text.slice(repeated.next));
      if (match !== null && i + 1 < text.length) {
        if (!secondSet && match[1] === "") return tool.die("the [c*] repeat construct may not appear in string1");
        const count = match[1] === "" ? 0 : Number.parseInt(match[1]!, match[1]!.startsWith("0") ? 8 : 10);
        if (count === 0) fill = { at: result.length, byte: repeated.byte };
        else for (let n = 0; n < count; n++) result.push(repeated.byte);
        i = repeated.next + match[0].length;
        continue;
      }
    }
    const low = readByte(tool, text, i);
    if (text[low.next] === "-" && low.next + 1 < text.length) {
      const high = readByte(tool, text, low.next + 1);
      if (high.byte < low.byte) {
        const shown = text.slice(i, high.next);
        return tool.die(`range-endpoints of ${quoteText(shown)} are in reverse collating sequence order`);
      }
      for (let byte = low.byte; byte <= high.byte; byte++) result.push(byte);
      i = high.next;
    } else {
      result.push(low.byte);
      i = low.next;
    }
  }
  if (fill !== undefined && wanted !== undefined && result.length < wanted) {
    result.splice(fill.at, 0, ...new Array<number>(wanted - result.length).fill(fill.byte));
  }
  return result;
}

const NAMED: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
  ["\\", 92],
]);

function readByte(tool: Tool, text: string, at: number): { readonly byte: number; readonly next: number } {
  if (text[at] !== "\\") return { byte: text.charCodeAt(at) & 255, next: at + 1 };
  const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))?.[0];
  if (octal !== undefined) {
    const digits = Number.parseInt(octal, 8) > 255 ? octal.slice(0, 2) : octal;
    if (digits !== octal) {
      const pair = `\\0${digits}, ${octal[2]}`;
      tool.say(`warning: the ambiguous octal escape \\${octal} is being\n\tinterpreted as the 2-byte sequence ${pair}`);
    }
    return { byte: Number.parseInt(digits, 8), next: at + 1 + digits.length };
  }
  const letter = text[at + 1];
  if (letter === undefined) {
    tool.say("warning: an unescaped backslash at end of string is not portable");
    return { byte: 92, next: at + 1 };
  }
  return { byte: NAMED.get(letter) ?? letter.charCodeAt(0), next: at + 2 };
}
