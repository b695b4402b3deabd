/** cat(1) of coreutils 9.7. */
import type { Command } from "../process.js";
import { eachInput } from "./inputs.js";
import { defineTool } from "./tool.js";

export const cat: Command = defineTool(
  {
    short: "AbeEnstTuv",
    long: {
      number: "n",
      "number-nonblank": "b",
      "squeeze-blank": "s",
      "show-ends": "E",
      "show-tabs": "T",
      "show-all": "A",
      "show-nonprinting": "v",
    },
    refused: "",
  },
  (tool) => {
    const ends = tool.has("E") || tool.has("A") || tool.has("e");
    const tabs = tool.has("T") || tool.has("A") || tool.has("t");
    const nonPrinting = tool.has("v") || tool.has("A") || tool.has("e") || tool.has("t");
    const numberFilled = tool.has("b");
    const numberAll = tool.has("n") && !numberFilled;
    const squeeze = tool.has("s");
    const plain = !(ends || tabs || nonPrinting || numberFilled || numberAll || squeeze);
    let number = 0;
    let blanks = 0;
    let atLineStart = true;
    eachInput(tool, (stream) => {
      if (plain) {
        for (let part = stream.read(65536); part !== ""; part = stream.read(65536)) tool.out(part);
        return;
      }
      for (let line = stream.readLine(); line !== undefined; line = stream.readLine()) {
        const whole = line.endsWith("\n");
        let text = whole ? line.slice(0, -1) : line;
        if (atLineStart) {
          blanks = text === "" ? blanks + 1 : 0;
          if (squeeze && blanks > 1) continue;
          if (numberAll || (numberFilled && text !== "")) tool.out(`${String(++number).padStart(6)}\t`);
        }
        if (ends && whole && text.endsWith("\r")) text = `${text.slice(0, -1)}\x01`;
        if (nonPrinting) text = visible(text);
        if (tabs) text = text.replaceAll("\t", "^I");
        text = text.replace(nonPrinting ? /\^A$/ : /\x01$/, (mark) => (ends && line!.endsWith("\r\n") ? "^M" : mark));
        tool.out(text + (whole ? (ends ? "$\n" : "\n") : ""));
        atLineStart = whole;
      }
    });
  },
);

/** Control and high bytes in ^ and M- notation; tabs stay. */
function visible(text: string): string {
  return text.replace(/[^\t\x20-\x7e]/g, (c) => {
    const code = c.charCodeAt(0);
    if (code >= 128) return `M-${code - 128 === 9 ? "^I" : visible(String.fromCharCode(code - 128))}`;
    return code === 127 ? "^?" : `^${String.fromCharCode(code + 64)}`;
  });
}
