/**
 * The formats of find -printf.
 */
import { groupName, userName } from "../accounts.js";
import { formatInteger, formatString } from "../format.js";
import { linkCount, modeText, sizeOf, typeLetter } from "../mode.js";
import { baseName, dirName } from "../path.js";
import { formatDate } from "../timestamp.js";
import type { Visit } from "./expression.js";
import type { FindContext } from "./parse-expression.js";

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

type Piece = (visit: Visit) => string;

/** Makes a function that formats a file. */
export function compileFormat(context: FindContext, format: string): Piece {
  const pieces: Piece[] = [];
  for (let i = 0; i < format.length; i++) {
    const rest = format.slice(i);
    if (rest[0] === "\\") {
      if (rest[1] === "c") break;
      const octal = /^\\([0-7]{1,3})/.exec(rest);
      const text =
        octal === null
          ? (ESCAPES[rest[1] ?? ""] ?? rest.slice(0, 2))
          : String.fromCharCode(Number.parseInt(octal[1]!, 8) & 255);
      pieces.push(() => text);
      i += (octal?.[0].length ?? 2) - 1;
      continue;
    }
    const match = /^%([-+ 0#]*)([0-9]*)(?:\.([0-9]*))?(T.|[a-zA-Z%])/.exec(rest);
    if (match === null) {
      pieces.push(() => rest[0]!);
      continue;
    }
    i += match[0].length - 1;
    pieces.push(compileDirective(context, match));
  }
  return (visit) => pieces.map((piece) => piece(visit)).join("");
}

function compileDirective(context: FindContext, match: RegExpExecArray): Piece {
  const what = match[4]!;
  if (what === "%") return () => "%";
  const conversion = {
    flags: match[1]!,
    width: match[2] === "" ? undefined : Number(match[2]),
    precision: match[3] === undefined ? undefined : Number(match[3]),
    letter: what === "m" ? "o" : what === "d" ? "d" : "s",
  };
  return (visit) => {
    const value = field(context, what, visit);
    return typeof value === "number" ? formatInteger(conversion, BigInt(value)) : formatString(conversion, value);
  };
}

function field({ tool }: FindContext, what: string, visit: Visit): string | number {
  const { node, path } = visit;
  const { tree } = tool.process;
  switch (what) {
    case "p":
      return path;
    case "f":
      return path.replace(/\/+$/, "") === "" ? "/" : baseName(path);
    case "h":
      return path.includes("/") ? path.replace(/\/[^/]*$/, "") || "" : dirName(path);
    case "P":
      return path === visit.start ? "" : path.slice(visit.start.length).replace(/^\//, "");
    case "H":
      return visit.start;
    case "s":
      return String(sizeOf(node));
    case "b":
      return String(Math.ceil(sizeOf(node) / 4096) * 8);
    case "k":
      return String(Math.ceil(sizeOf(node) / 4096) * 4);
    case "m":
      return node.mode;
    case "M":
      return modeText(node);
    case "u":
      return userName(tree, node.uid) ?? String(node.uid);
    case "g":
      return groupName(tree, node.gid) ?? String(node.gid);
    case "U":
      return String(node.uid);
    case "G":
      return String(node.gid);
    case "n":
      return String(linkCount(node));
    case "l":
      return node.type === "symlink" ? node.target : "";
    case "d":
      return visit.depth;
    case "y":
      return typeLetter(node).replace("-", "f");
    case "Y": {
      const target = node.type === "symlink" ? tool.find(path) : node;
      return target === undefined ? "N" : typeLetter(target).replace("-", "f");
    }
    case "t":
      return formatDate("%a %b %e %H:%M:%S.0000000000 %Y", node.mtime);
    case "T@":
      return `${node.mtime}.0000000000`;
    case "T+":
      return formatDate("%Y-%m-%d+%H:%M:%S.0000000000", node.mtime);
    case "TS":
    case "TT":
      return formatDate(`%${what[1]}.0000000000`, node.mtime);
    default:
      if (/^T[a-zA-Z]$/.test(what)) return formatDate(`%${what[1]}`, node.mtime);
      return tool.unsupported(`-printf %${what}`);
  }
}
