/**
 * locale(1) and iconv(1) of glibc, for the locales that the C library has without any data.
 */
import type { Command } from "../../shell/process.js";
import { eachInput } from "../../shell/tools/inputs.js";
import { defineTool } from "../../shell/tools/tool.js";

const CATEGORIES =
  "CTYPE NUMERIC TIME COLLATE MONETARY MESSAGES PAPER NAME ADDRESS TELEPHONE MEASUREMENT IDENTIFICATION".split(" ");

export const locale: Command = defineTool({ short: "a", long: { "all-locales": "a" }, refused: "mckv" }, (tool) => {
  const get = (name: string): string => tool.process.environment.get(name) ?? "";
  const settingOf = (category: string): string => get("LC_ALL") || get(`LC_${category}`) || get("LANG") || "C";
  if (tool.has("a")) tool.out("C\nC.utf8\nPOSIX\n");
  else if (tool.operands.length === 1 && tool.operands[0] === "charmap") {
    const value = settingOf("CTYPE");
    if (!/^(C|POSIX|C\.UTF-?8)$/i.test(value)) tool.unsupported(`charmap of ${value}`);
    tool.out(/8$/.test(value) ? "UTF-8\n" : "ANSI_X3.4-1968\n");
  } else if (tool.operands.length > 0) tool.unsupported(tool.operands.join(" "));
  else {
    tool.out(`LANG=${get("LANG")}\nLANGUAGE=${get("LANGUAGE")}\n`);
    for (const category of CATEGORIES) {
      const isOwn = get("LC_ALL") === "" && get(`LC_${category}`) !== "";
      tool.out(`LC_${category}=${isOwn ? get(`LC_${category}`) : `"${settingOf(category)}"`}\n`);
    }
    tool.out(`LC_ALL=${get("LC_ALL")}\n`);
  }
  return 0;
});

/** iconv between UTF-8 and itself, and from what every character set has alike. */
export const iconv: Command = defineTool(
  { short: "f:t:c", long: { "from-code=": "f", "to-code=": "t" }, refused: "los", refusedLong: ["output", "list"] },
  (tool) => {
    const names = [tool.value("f") ?? "UTF-8", tool.value("t") ?? "UTF-8"].map((name) =>
      name
        .replace(/\/\/.*$/, "")
        .toUpperCase()
        .replace("UTF8", "UTF-8"),
    );
    const isUtf8 = names[0] === names[1] && names[0] === "UTF-8";
    eachInput(tool, (stream) => {
      for (let part = stream.read(1 << 16); part !== ""; part = stream.read(1 << 16)) {
        if (!isUtf8 && /[\x80-\xff]/.test(part)) tool.unsupported(tool.words.join(" "));
        tool.out(part);
      }
    });
  },
);
