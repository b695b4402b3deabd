/**
 * chage(1), chfn(1), chsh(1), passwd(1) and chpasswd(8) of Debian's shadow 4.17, as far as they need no dialogue and make no hash: a
 * salt would be random.
 */
import { compareVersions } from "../../../apt/version.js";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { packageVersion } from "../package-version.js";
import { changeLine, parseDay } from "./account-change.js";
import { dayOf, findLine, readLines } from "./account-lines.js";

function userOf(tool: Tool): string {
  const [name] = tool.operands;
  if (name === undefined) return tool.usage("one login name is needed");
  if (findLine(readLines(tool.process.tree, "passwd"), name) === undefined) tool.die(`user '${name}' does not exist`);
  return name;
}

/** The index in a shadow line of what an option of chage sets. */
const CHAGE_FIELDS: Readonly<Record<string, number>> = { d: 2, m: 3, M: 4, W: 5, I: 6, E: 7 };

export const chage: Command = defineTool(
  {
    short: "d:E:I:m:M:W:",
    long: { "lastday=": "d", "expiredate=": "E", "inactive=": "I", "mindays=": "m", "maxdays=": "M", "warndays=": "W" },
    refused: "hilRP",
    refusedLong: ["iso8601", "list", "root", "prefix"],
    usage: 2,
  },
  (tool) => {
    const name = userOf(tool);
    const { tree } = tool.process;
    if (tool.options.length === 0) tool.unsupported("without options");
    if (findLine(readLines(tree, "shadow"), name) === undefined)
      tool.unsupported(`for ${name}, who is not in /etc/shadow`);
    changeLine(tree, { file: "shadow", name }, (line) => {
      for (const { name: option, value } of tool.options) {
        const date = parseDay(value);
        if (date === undefined || (!"dE".includes(option) && value !== "-1" && !/^[0-9]+$/.test(value))) {
          tool.die(`invalid ${"dE".includes(option) ? "date" : "numeric argument"} '${value}'`, 2);
        }
        line[CHAGE_FIELDS[option]!] = date ?? "";
      }
      return line;
    });
    return 0;
  },
);

export const chfn: Command = defineTool(
  {
    short: "f:h:o:r:w:",
    long: { "full-name=": "f", "home-phone=": "h", "other=": "o", "room=": "r", "work-phone=": "w" },
    refused: "uR",
    refusedLong: ["root"],
  },
  (tool) => {
    const name = userOf(tool);
    if (tool.options.length === 0) tool.unsupported("without options");
    const shadow = packageVersion(tool.process, "passwd");
    const keepsCommas = shadow !== undefined && compareVersions(shadow, "1:4.14~") < 0;
    changeLine(tool.process.tree, { file: "passwd", name }, (line) => {
      const [full = "", room = "", work = "", home = "", ...other] = line[4]!.split(",");
      const parts = [
        tool.value("f") ?? full,
        tool.value("r") ?? room,
        tool.value("w") ?? work,
        tool.value("h") ?? home,
        tool.value("o") ?? other.join(","),
      ];
      // Bookworm's shadow 4.13 keeps the commas of empty fields, but for the last one's.
      line[4] = keepsCommas ? parts.join(",").replace(/,$/, "") : parts.join(",").replace(/,+$/, "");
      return line;
    });
    return 0;
  },
);

export const chsh: Command = defineTool(
  { short: "s:", long: { "shell=": "s" }, refused: "hR", refusedLong: ["root"] },
  (tool) => {
    const name = userOf(tool);
    const shell = tool.value("s") ?? tool.unsupported("without -s");
    changeLine(tool.process.tree, { file: "passwd", name }, (line) => [...line.slice(0, 6), shell]);
    return 0;
  },
);

export const passwd: Command = defineTool(
  {
    short: "dlueqn:x:w:i:",
    long: {
      delete: "d",
      lock: "l",
      unlock: "u",
      expire: "e",
      quiet: "q",
      "mindays=": "n",
      "maxdays=": "x",
      "warndays=": "w",
      "inactive=": "i",
    },
    refused: "aShkrRPs",
    refusedLong: ["all", "status", "keep-tokens", "repository", "root", "prefix", "stdin"],
    usage: 2,
  },
  (tool) => {
    const name = userOf(tool);
    const { tree } = tool.process;
    if (!["d", "l", "u", "e", "n", "x", "w", "i"].some((option) => tool.has(option))) tool.unsupported("in a dialogue");
    const found = changeLine(tree, { file: "shadow", name }, (line) => {
      const day = dayOf(tool.process.system.epoch);
      if (tool.has("d")) line[1] = "";
      if (tool.has("l") && !line[1]!.startsWith("!")) line[1] = `!${line[1]}`;
      if (tool.has("u") && line[1]!.startsWith("!")) {
        if (line[1] === "!") tool.die("unlocking the password would result in a passwordless account.", 3);
        line[1] = line[1]!.slice(1);
      }
      if (tool.has("d")) line[2] = day === 0 ? "" : String(day);
      if (tool.has("e")) line[2] = "0";
      for (const [option, field] of [
        ["n", 3],
        ["x", 4],
        ["w", 5],
        ["i", 6],
      ] as const) {
        const value = tool.value(option);
        if (value !== undefined) line[field] = value === "-1" ? "" : value;
      }
      return line;
    });
    if (!found) tool.unsupported(`for ${name}, who is not in /etc/shadow`);
    if (!tool.has("q")) tool.out("passwd: password changed.\n");
    return 0;
  },
);

export const chpasswd: Command = defineTool(
  {
    short: "e",
    long: { encrypted: "e" },
    refused: "chmsRP",
    refusedLong: ["crypt-method", "md5", "sha-rounds", "root", "prefix"],
  },
  (tool) => {
    if (!tool.has("e")) tool.unsupported("without -e: the salt would be random");
    const { tree } = tool.process;
    const day = dayOf(tool.process.system.epoch);
    for (let line = tool.process.stdin.readLine(); line !== undefined; line = tool.process.stdin.readLine()) {
      const match = /^([^:]+):(.*?)\n?$/s.exec(line);
      if (match === null) return tool.die("line 1: missing new password");
      const [, name, secret] = match as unknown as [string, string, string];
      if (findLine(readLines(tree, "passwd"), name) === undefined)
        return tool.die(`line 1: user '${name}' does not exist`);
      const shadowed = changeLine(tree, { file: "shadow", name }, (fields) => [
        name,
        secret,
        day === 0 ? "" : String(day),
        ...fields.slice(3),
      ]);
      if (!shadowed) changeLine(tree, { file: "passwd", name }, (fields) => [name, secret, ...fields.slice(2)]);
    }
    return 0;
  },
);
