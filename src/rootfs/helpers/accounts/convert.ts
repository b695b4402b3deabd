/**
 * pwconv(8), grpconv(8), pwck(8) and grpck(8) of Debian's shadow 4.17.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { loginDefault } from "./account-change.js";
import { type AccountLine, dayOf, findLine, makeLockFile, readLines, writeLines } from "./account-lines.js";

/** New shadow files are root's alone until shadowconfig opens them to their group. */
const NEW_SHADOW = { mode: 0o400, gid: 0 };

export const pwconv: Command = defineTool({ refused: "hR", refusedLong: ["root"] }, (tool) => {
  const { tree } = tool.process;
  makeLockFile(tree);
  const passwd = readLines(tree, "passwd");
  const day = dayOf(tool.process.system.epoch);
  const lastChange = day === 0 ? "" : String(day);
  const aging = ["MIN_DAYS", "MAX_DAYS", "WARN_AGE"].map((key) => loginDefault(tree, `PASS_${key}`) ?? "");
  const shadow = readLines(tree, "shadow").filter((line) => findLine(passwd, line[0]!) !== undefined);
  for (const [name, password] of passwd as unknown as readonly [string, string][]) {
    const line = findLine(shadow, name);
    if (line === undefined) shadow.push([name, password, lastChange, ...aging, "", "", ""]);
    else if (password !== "x") {
      line[1] = password;
      line[2] = lastChange;
    }
  }
  writeLines(tree, "shadow", shadow, NEW_SHADOW);
  if (passwd.some((line) => line[1] !== "x"))
    writeLines(
      tree,
      "passwd",
      passwd.map(([name, , ...rest]) => [name!, "x", ...rest]),
    );
  // The backup may still hold passwords.
  const backup = tree.lookup("/etc/passwd-");
  if (backup !== undefined) backup.mode = 0o600;
  return 0;
});

export const grpconv: Command = defineTool({ refused: "hR", refusedLong: ["root"] }, (tool) => {
  const { tree } = tool.process;
  makeLockFile(tree);
  const groups = readLines(tree, "group");
  const shadow = readLines(tree, "gshadow").filter((line) => findLine(groups, line[0]!) !== undefined);
  for (const [name, password, , members] of groups as unknown as readonly [string, string, string, string?][]) {
    const line = findLine(shadow, name);
    if (line === undefined) shadow.push([name, password, "", members ?? ""]);
    else {
      if (password !== "x") line[1] = password;
      line[3] = members ?? "";
    }
  }
  writeLines(tree, "gshadow", shadow, NEW_SHADOW);
  if (groups.some((line) => line[1] !== "x"))
    writeLines(
      tree,
      "group",
      groups.map(([name, , ...rest]) => [name!, "x", ...rest]),
    );
  return 0;
});

export const pwck: Command = defineTool(
  { short: "qrs", long: { quiet: "q", "read-only": "r", sort: "s" }, refused: "hR", refusedLong: ["root", "badname"] },
  (tool) => check(tool, ["passwd", "shadow"]),
);

export const grpck: Command = defineTool(
  {
    short: "rsS",
    long: { "read-only": "r", sort: "s", "silence-warnings": "S" },
    refused: "hR",
    refusedLong: ["root"],
  },
  (tool) => check(tool, ["group", "gshadow"]),
);

/** Nothing is repaired here: files with bad lines stop the build. */
function check(tool: Tool, [main, secret]: readonly ["passwd", "shadow"] | readonly ["group", "gshadow"]): number {
  const { tree } = tool.process;
  if (tool.operands.length > 0) tool.unsupported(tool.operands.join(" "));
  const lines = readLines(tree, main);
  const fields = main === "passwd" ? 7 : 4;
  const names = new Set<string>();
  for (const line of lines) {
    const bad =
      line.length !== fields ||
      !/^[0-9]+$/.test(line[2] ?? "") ||
      (main === "passwd" && !/^[0-9]+$/.test(line[3] ?? ""));
    if (bad || names.has(line[0]!)) tool.unsupported(`with the line '${line.join(":")}' in /etc/${main}`);
    names.add(line[0]!);
  }
  if (!tool.has("s")) return 0;
  const sorted = [...lines].sort((a, b) => Number(a[2]) - Number(b[2]));
  writeLines(tree, main, sorted);
  const others = readLines(tree, secret);
  const inOrder = sorted
    .map((line) => findLine(others, line[0]!))
    .filter((line): line is AccountLine => line !== undefined);
  const rest = others.filter((line) => !inOrder.includes(line));
  if (others.length > 0) writeLines(tree, secret, [...inOrder, ...rest]);
  return 0;
}
