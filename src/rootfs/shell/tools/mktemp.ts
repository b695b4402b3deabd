/** mktemp(1) of coreutils 9.7, with names that are a function of the template, the process and what is already there. */

import { fromByteString } from "../../../bytes/content.js";
import { crc32 } from "../../../bytes/crc32.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Command } from "../process.js";
import { joinPath } from "./path.js";
import { quoteAlways, quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

export const mktemp: Command = defineTool(
  {
    short: "dp:qtuV",
    long: { directory: "d", quiet: "q", "dry-run": "u", "suffix=": "suffix", "tmpdir?": "tmpdir" },
    refused: "",
  },
  (tool) => {
    const { process } = tool;
    const quiet = tool.has("q");
    const fail = (message: string): number => {
      if (!quiet) tool.say(message);
      return 1;
    };
    if (tool.operands.length > 1) return tool.usage("too many templates");
    const given = tool.operands[0];
    let template = given ?? "tmp.XXXXXXXXXX";
    const suffix = tool.value("suffix");
    if (suffix !== undefined) {
      if (!template.endsWith("X")) return fail(`with --suffix, template ${quoteText(template)} must end in X`);
      template += suffix;
    }
    const match = /^(.*?)(X+)([^X]*)$/s.exec(template)!;
    if (match === null || match[2]!.length < 3) return fail(`too few X's in template ${quoteText(template)}`);
    if (match[3]!.includes("/")) return fail(`invalid suffix ${quoteText(match[3]!)}, contains directory separator`);
    const temporary = process.environment.get("TMPDIR") || "/tmp";
    const named = tool.options.findLast((option) => option.name === "p" || option.name === "tmpdir");
    let directory: string | undefined;
    if (tool.has("t")) {
      if (template.includes("/")) return fail(`invalid template, ${quoteText(template)}, contains directory separator`);
      directory = process.environment.get("TMPDIR") || named?.value || "/tmp";
    } else if (named !== undefined || given === undefined) {
      directory = named?.value || temporary;
      if (template.startsWith("/")) {
        return fail(`invalid template, ${quoteText(template)}; with --tmpdir, it may not be absolute`);
      }
    }
    const full = directory === undefined ? template : joinPath(directory, template);
    const start = full.length - match[3]!.length - match[2]!.length;
    for (let attempt = 0; ; attempt++) {
      const name = full.slice(0, start) + letters(`${full}\0${process.pid}\0${attempt}`, match[2]!.length) + match[3];
      try {
        const { node } = process.tree.resolve(tool.absolute(name), { follow: false });
        if (node !== undefined) continue;
        if (!tool.has("u")) {
          if (tool.has("d")) process.tree.mkdir(tool.absolute(name), { mode: 0o700 & ~process.umask });
          else process.tree.write(tool.absolute(name), "", { mode: 0o600 & ~process.umask });
        }
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        const kind = tool.has("d") ? "directory" : "file";
        return fail(`failed to create ${kind} via template ${quoteAlways(full)}: ${error.text}`);
      }
      tool.out(`${name}\n`);
      return 0;
    }
  },
);

/** `count` letters that depend on every byte of the seed. */
function letters(seed: string, count: number): string {
  let result = "";
  for (let i = 0; i < count; i++) result += LETTERS[crc32(fromByteString(`${i}${seed}`)) % LETTERS.length];
  return result;
}
