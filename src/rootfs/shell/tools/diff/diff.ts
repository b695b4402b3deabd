/**
 * diff(1) of diffutils 3.10: normal and unified output, -q, -r. Where several shortest edit scripts exist it may choose another
 * than GNU diff.
 */
import { FileSystemError } from "../../../tree/file-system-error.js";
import type { DirectoryNode, Node } from "../../../tree/node.js";
import { compilePattern, matchPattern } from "../../pattern.js";
import type { Command } from "../../process.js";
import { openInput } from "../inputs.js";
import { readAll } from "../open.js";
import { baseName, joinPath } from "../path.js";
import { quoteIfNeeded, quoteText } from "../quote.js";
import { formatDate } from "../timestamp.js";
import { defineTool, type Tool } from "../tool.js";
import { findChanges } from "./changes.js";
import { type Lines, normalDiff, unifiedDiff } from "./output.js";

export const diff: Command = defineTool(
  {
    short: "abBdEiNqrsTuU:wx:L:",
    long: {
      text: "a",
      "ignore-space-change": "b",
      "ignore-blank-lines": "B",
      minimal: "d",
      "ignore-tab-expansion": "E",
      "ignore-case": "i",
      "new-file": "N",
      brief: "q",
      recursive: "r",
      "report-identical-files": "s",
      "unified?": "u",
      "ignore-all-space": "w",
      "exclude=": "x",
      "label=": "L",
      normal: "normal",
      "strip-trailing-cr": "strip-cr",
      "color?": "color",
      "speed-large-files": "speed",
      "no-dereference": "no-dereference",
    },
    refused: "cCDeFIlnpPStvWXyZ0123456789",
    refusedLong: [
      "context",
      "ifdef",
      "ed",
      "show-function-line",
      "ignore-matching-lines",
      "paginate",
      "rcs",
      "show-c-function",
      "unidirectional-new-file",
      "starting-file",
      "expand-tabs",
      "initial-tab",
      "width",
      "exclude-from",
      "side-by-side",
      "left-column",
      "suppress-common-lines",
      "ignore-trailing-space",
      "changed-group-format",
      "unchanged-group-format",
      "line-format",
      "from-file",
      "to-file",
      "horizon-lines",
      "ignore-file-name-case",
      "no-ignore-file-name-case",
      "palette",
      "suppress-blank-empty",
      "tabsize",
    ],
    failure: 2,
    namesHint: true,
  },
  (tool) => {
    const [one, two, extra] = tool.operands;
    if (one === undefined) return tool.usage(`missing operand after ${quoteText(tool.name)}`);
    if (two === undefined) return tool.usage(`missing operand after ${quoteText(one)}`);
    if (extra !== undefined) return tool.usage(`extra operand ${quoteText(extra)}`);
    for (const option of ["B", "E", "T", "no-dereference"]) if (tool.has(option)) tool.unsupported(`-${option}`);
    if (tool.value("color") === "always") tool.unsupported("--color=always");
    return compare(tool, one, { other: two, inTree: false });
  },
);

/** Compares two paths; 0 same, 1 different, 2 trouble. */
function compare(
  tool: Tool,
  one: string,
  { other, inTree }: { readonly other: string; readonly inTree: boolean },
): number {
  let [left, right] = [one, other];
  const kind = (path: string): Node["type"] | "missing" =>
    path === "-" ? "fifo" : (tool.find(path)?.type ?? "missing");
  if (!inTree) {
    if (kind(left) === "directory" && kind(right) !== "directory" && right !== "-")
      left = joinPath(left, baseName(right));
    else if (kind(right) === "directory" && kind(left) !== "directory" && left !== "-")
      right = joinPath(right, baseName(left));
  }
  const [kindA, kindB] = [kind(left), kind(right)];
  if (kindA === "directory" && kindB === "directory") {
    if (inTree && !tool.has("r")) {
      tool.out(`Common subdirectories: ${left} and ${right}\n`);
      return 0;
    }
    return compareDirectories(tool, left, right);
  }
  const absent = tool.has("N") ? [kindA, kindB].filter((type) => type === "missing").length : 0;
  const missing = [left, right].filter((_, i) => [kindA, kindB][i] === "missing");
  if (missing.length > 0 && absent !== 1) {
    for (const path of missing) tool.say(`${path}: No such file or directory`);
    return 2;
  }
  if (inTree && (kindA === "directory") !== (kindB === "directory") && absent === 0) {
    const named = (type: string): string => (type === "directory" ? "directory" : "regular file");
    tool.out(`File ${left} is a ${named(kindA)} while file ${right} is a ${named(kindB)}\n`);
    return 1;
  }
  return compareFiles(tool, [left, right], inTree);
}

function compareDirectories(tool: Tool, one: string, two: string): number {
  const [left, right] = [one, two].map((path) => tool.stat(path) as DirectoryNode) as [DirectoryNode, DirectoryNode];
  const excluded = tool.values("x").map((glob) => compilePattern(glob));
  const names = [...new Set([...left.entries.keys(), ...right.entries.keys()])]
    .filter((name) => !excluded.some((pattern) => matchPattern(pattern, name)))
    .sort();
  let status = 0;
  for (const name of names) {
    const [inLeft, inRight] = [left.entries.has(name), right.entries.has(name)];
    if ((inLeft && inRight) || tool.has("N")) {
      status = Math.max(status, compare(tool, joinPath(one, name), { other: joinPath(two, name), inTree: true }));
    } else {
      tool.out(`Only in ${inLeft ? one : two}: ${name}\n`);
      status = Math.max(status, 1);
    }
  }
  return status;
}

function compareFiles(tool: Tool, names: readonly [string, string], inTree: boolean): number {
  const texts = names.map((name) => {
    try {
      if (tool.has("N") && name !== "-" && tool.find(name) === undefined) return "";
      return readAll(openInput(tool, name));
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      tool.say(`${name}: ${error.text}`);
      return undefined;
    }
  });
  const [one, two] = texts;
  if (one === undefined || two === undefined) return 2;
  const same = one === two;
  const binary = !tool.has("a") && (one.slice(0, 4096).includes("\0") || two.slice(0, 4096).includes("\0"));
  if (binary && !same) {
    tool.out(
      tool.has("q")
        ? `Files ${names[0]} and ${names[1]} differ\n`
        : `Binary files ${names[0]} and ${names[1]} differ\n`,
    );
    return 1;
  }
  const [a, b] = [toLines(one), toLines(two)];
  const changes = same ? [] : findChanges(...numbered(tool, a, b));
  if (changes.length === 0) {
    if (tool.has("s")) tool.out(`Files ${names[0]} and ${names[1]} are identical\n`);
    return 0;
  }
  if (tool.has("q")) {
    tool.out(`Files ${names[0]} and ${names[1]} differ\n`);
    return 1;
  }
  if (inTree) tool.out(`diff ${commandOptions(tool)}${names[0]} ${names[1]}\n`);
  const labels = tool.values("L");
  if (!tool.has("u") && !tool.has("U")) tool.out(normalDiff(a, b, changes));
  else {
    const context = Number(tool.value("U") ?? (tool.value("u") || 3));
    const header = (i: number): string => labels[i] ?? `${names[i]}\t${stamp(tool, names[i]!)}`;
    tool.out(`--- ${header(0)}\n+++ ${header(1)}\n${unifiedDiff(a, b, { changes, context })}`);
  }
  return 1;
}

/** The options as diff -r repeats them before each pair of files: the words of the command line that are no operands. */
function commandOptions(tool: Tool): string {
  const operands = [...tool.operands];
  return tool.words
    .filter((word) => {
      if (word !== operands[0]) return true;
      operands.shift();
      return false;
    })
    .map((word) => `${quoteIfNeeded(word)} `)
    .join("");
}

function stamp(tool: Tool, name: string): string {
  const node = name === "-" ? tool.process.stdin.node : tool.find(name);
  return formatDate(
    "%Y-%m-%d %H:%M:%S.%N %z",
    node?.mtime ?? (tool.has("N") && name !== "-" ? 0 : tool.process.tree.epoch),
  );
}

function toLines(text: string): Lines {
  const texts = text.split("\n");
  const whole = texts.at(-1) === "";
  if (whole) texts.pop();
  return { texts, whole: whole || texts.length === 0 };
}

/** Numbers that are equal where lines are the same by the options. */
function numbered(tool: Tool, a: Lines, b: Lines): [number[], number[]] {
  const known = new Map<string, number>();
  const number = ({ texts, whole }: Lines): number[] =>
    texts.map((text, i) => {
      let key = text;
      if (tool.has("strip-cr")) key = key.replace(/\r$/, "");
      if (tool.has("w")) key = key.replace(/[ \t\v\f\r]+/g, "");
      else if (tool.has("b")) key = key.replace(/[ \t\v\f\r]+/g, " ").replace(/ $/, "");
      if (tool.has("i")) key = key.replace(/[A-Z]/g, (c) => c.toLowerCase());
      if (!whole && i === texts.length - 1 && !tool.has("w") && !tool.has("b")) key += "\n";
      const value = known.get(key) ?? known.size;
      known.set(key, value);
      return value;
    });
  return [number(a), number(b)];
}
