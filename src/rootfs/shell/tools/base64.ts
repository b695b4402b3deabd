/** base64(1) of coreutils 9.7. */
import { fromByteString } from "../../../bytes/content.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { openInput } from "./inputs.js";
import { readAll } from "./open.js";
import { quoteName, quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

export const base64: Command = defineTool(
  { short: "diw:", long: { decode: "d", "ignore-garbage": "i", "wrap=": "w" }, refused: "" },
  (tool) => {
    if (tool.operands.length > 1) tool.usage(`extra operand ${quoteText(tool.operands[1]!)}`);
    const operand = tool.operands[0] ?? "-";
    const widthText = tool.value("w") ?? "76";
    if (!/^[0-9]+$/.test(widthText)) tool.die(`invalid wrap size: ${quoteText(widthText)}`);
    const width = Number(widthText);
    let text: string;
    try {
      text = readAll(openInput(tool, operand));
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return tool.die(error.errno === "EISDIR" ? `read error: ${error.text}` : `${quoteName(operand)}: ${error.text}`);
    }
    if (!tool.has("d")) {
      const encoded = Buffer.from(fromByteString(text)).toString("base64");
      if (width === 0) tool.out(encoded);
      else for (let at = 0; at < encoded.length; at += width) tool.out(`${encoded.slice(at, at + width)}\n`);
      return 0;
    }
    const cleaned = tool.has("i") ? text.replace(/[^A-Za-z0-9+/=]/g, "") : text.replaceAll("\n", "");
    // Padding may also end a part in the middle: concatenated encodings decode.
    const valid = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*/.exec(cleaned)![0];
    for (const part of valid.match(/[^=]+=*/g) ?? []) tool.out(Buffer.from(part, "base64").toString("latin1"));
    if (valid.length === cleaned.length) return 0;
    const rest = /^[A-Za-z0-9+/]{2,3}/.exec(cleaned.slice(valid.length))?.[0];
    if (rest !== undefined) tool.out(Buffer.from(rest, "base64").toString("latin1"));
    return tool.die("invalid input");
  },
);
