/** od(1) of coreutils 9.7: the types a, c, d, o, u, x with their sizes; little-endian, as amd64 is. */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { readAll } from "./open.js";
import { quoteText } from "./quote.js";
import { readSize } from "./size.js";
import { defineTool, type Tool } from "./tool.js";

interface Format {
  readonly kind: string;
  readonly size: number;
  /** Characters of a value, without the blank before it. */
  readonly width: number;
}

export const od: Command = defineTool(
  {
    short: "A:j:N:t:vabcdDiIlLoOsxXw::",
    long: {
      "address-radix=": "A",
      "skip-bytes=": "j",
      "read-bytes=": "N",
      "format=": "t",
      "output-duplicates": "v",
      "width?": "w",
    },
    refused: "efFhHS",
    refusedLong: ["endian", "strings", "traditional"],
  },
  (tool) => {
    const formats = readFormats(tool);
    const radix = tool.value("A") ?? "o";
    if (!/^[doxn]$/.test(radix)) {
      tool.die(`invalid output address radix '${radix}'; it must be one character from [doxn]`);
    }
    const amount = (option: string): number | undefined => {
      const text = tool.value(option);
      if (text === undefined) return undefined;
      const value = /^0x/i.test(text) ? Number(text) : readSize(text);
      return value ?? tool.die(`invalid -${option} argument ${quoteText(text)}`);
    };
    const skip = amount("j") ?? 0;
    let data = "";
    let opened = false;
    eachInput(tool, (stream) => {
      opened = true;
      data += readAll(stream);
    });
    if (!opened) return tool.status;
    if (skip > data.length) tool.die("cannot skip past end of combined input");
    data = data.slice(skip, skip + (amount("N") ?? data.length));
    const lineBytes = tool.has("w") ? Number(tool.value("w") || 32) : 16;
    if (!(lineBytes > 0)) tool.die(`invalid -w argument ${quoteText(tool.value("w") ?? "")}`);
    dump(tool, data, { formats, radix, skip, lineBytes });
    return tool.status;
  },
);

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["a", "a"],
  ["b", "o1"],
  ["c", "c"],
  ["d", "u2"],
  ["D", "u4"],
  ["i", "d4"],
  ["I", "d8"],
  ["l", "d8"],
  ["L", "d8"],
  ["o", "o2"],
  ["O", "o4"],
  ["s", "d2"],
  ["x", "x2"],
  ["X", "x4"],
]);

function readFormats(tool: Tool): Format[] {
  const types: string[] = [];
  for (const { name, value } of tool.options) {
    const letter = LETTERS.get(name);
    if (letter !== undefined) types.push(letter);
    else if (name === "t") types.push(value);
  }
  const formats: Format[] = [];
  for (const type of types.length === 0 ? ["o2"] : types) {
    for (const match of type.matchAll(/([acdouxf])([0-9]+|[CSILFD])?(z?)|(.)/g)) {
      if (match[4] !== undefined) tool.die(`invalid character '${match[4]}' in type string ${quoteText(type)}`);
      const kind = match[1]!;
      if (kind === "f" || match[3] !== "") tool.unsupported(`-t ${type}`);
      const sizes: Record<string, number> = { C: 1, S: 2, I: 4, L: 8 };
      const size = kind === "a" || kind === "c" ? 1 : (sizes[match[2] ?? ""] ?? Number(match[2] ?? 4));
      if (![1, 2, 4, 8].includes(size))
        tool.die(`invalid type string ${quoteText(type)};\nthis system doesn't provide a ${size}-byte integral type`);
      formats.push({ kind, size, width: widthOf(kind, size) });
    }
  }
  return formats;
}

function widthOf(kind: string, size: number): number {
  if (kind === "a" || kind === "c") return 3;
  const at = Math.log2(size);
  const widths: Record<string, readonly number[]> = {
    d: [4, 6, 11, 20],
    u: [3, 5, 10, 20],
    o: [3, 6, 11, 22],
    x: [2, 4, 8, 16],
  };
  return widths[kind]![at]!;
}

function dump(
  tool: Tool,
  data: string,
  options: {
    readonly formats: readonly Format[];
    readonly radix: string;
    readonly skip: number;
    readonly lineBytes: number;
  },
): undefined {
  const { formats, radix, skip, lineBytes } = options;
  const address = (at: number): string => {
    if (radix === "n") return "";
    const base = radix === "d" ? 10 : radix === "o" ? 8 : 16;
    return at.toString(base).padStart(radix === "x" ? 6 : 7, "0");
  };
  // All formats line up: a value of the widest gives the room that smaller ones share.
  const blockBytes = Math.max(...formats.map((format) => format.size));
  const blockWidth = Math.max(...formats.map((format) => (format.width + 1) * (blockBytes / format.size)));
  let previous: string | undefined;
  let elided = false;
  for (let at = 0; at < data.length; at += lineBytes) {
    const line = data.slice(at, at + lineBytes);
    const whole = line.length === lineBytes;
    if (whole && line === previous && !tool.has("v")) {
      if (!elided) tool.out("*\n");
      elided = true;
      continue;
    }
    elided = false;
    previous = line;
    formats.forEach((format, i) => {
      const lead = i === 0 ? address(skip + at) : " ".repeat(address(0).length);
      tool.out(`${lead}${row(line, format, { blockBytes, blockWidth })}\n`);
    });
  }
  if (radix !== "n") tool.out(`${address(skip + data.length)}\n`);
}

function row(
  line: string,
  format: Format,
  { blockBytes, blockWidth }: { readonly blockBytes: number; readonly blockWidth: number },
): string {
  const perBlock = blockBytes / format.size;
  const extra = blockWidth - (format.width + 1) * perBlock;
  let text = "";
  for (let at = 0, i = 0; at < line.length; at += format.size, i++) {
    // The padding is spread over the values of a block, the first ones get more.
    const nth = i % perBlock;
    const padding =
      Math.floor((extra * (perBlock - nth)) / perBlock) - Math.floor((extra * (perBlock - nth - 1)) / perBlock);
    text += " ".repeat(padding + 1) + value(line.slice(at, at + format.size), format).padStart(format.width);
  }
  return text;
}

const NAMES =
  "nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp".split(
    " ",
  );

function value(bytes: string, format: Format): string {
  const code = bytes.charCodeAt(0);
  if (format.kind === "a") {
    const low = code & 127;
    return low === 127 ? "del" : (NAMES[low] ?? String.fromCharCode(low));
  }
  if (format.kind === "c") {
    const at = "\0\x07\b\f\n\r\t\v".indexOf(bytes[0]!);
    if (at >= 0) return `\\${"0abfnrtv"[at]}`;
    return code >= 32 && code < 127 ? bytes[0]! : code.toString(8).padStart(3, "0");
  }
  let number = 0n;
  for (let i = format.size - 1; i >= 0; i--) number = (number << 8n) | BigInt(bytes.charCodeAt(i) || 0);
  if (format.kind === "d") return BigInt.asIntN(format.size * 8, number).toString();
  if (format.kind === "u") return number.toString();
  return number.toString(format.kind === "o" ? 8 : 16).padStart(format.width, "0");
}
