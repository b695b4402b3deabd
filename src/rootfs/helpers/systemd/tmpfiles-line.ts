/**
 * The lines of tmpfiles.d(5).
 */

import { groupId, userId } from "../../shell/tools/accounts.js";
import type { Tree } from "../../tree/tree.js";
import { expandSpecifiers, splitWords } from "./words.js";

/** An owner; `:` before it means only when the file is made. */
export interface WantedOwner {
  readonly id: number;
  readonly onlyNew: boolean;
}

/** One line. */
export interface TmpfilesLine {
  readonly type: string;
  /** `+` after the type. */
  readonly append: boolean;
  /** `!`: only with --boot. */
  readonly boot: boolean;
  /** `-`: a failure is none. */
  readonly lenient: boolean;
  /** `=`: what is of another type is removed. */
  readonly replace: boolean;
  /** `?` of `L?`. */
  readonly ifTargetExists: boolean;
  readonly path: string;
  readonly mode: { readonly bits: number; readonly masked: boolean; readonly onlyNew: boolean } | undefined;
  readonly user: WantedOwner | undefined;
  readonly group: WantedOwner | undefined;
  readonly argument: string | undefined;
}

/** What a line is: a line, a complaint about it, or nothing to do before a machine runs. */
export type ParsedTmpfilesLine = TmpfilesLine | { readonly complaint: string } | undefined;

const TYPES = new Set("fFwdDevqQpLcbCxXrRzZmtThHaA".split(""));

/** Reads one line. */
export function parseTmpfilesLine(tree: Tree, text: string): ParsedTmpfilesLine {
  const line = text.trim();
  if (line === "" || line.startsWith("#")) return undefined;
  const words = splitWords(line, 6);
  if (words === undefined || words.length < 2) return { complaint: "Syntax error." };
  const [action = "", rawPath = "", mode, user, group, , rest] = words;
  const type = action[0] ?? "";
  const modifiers = action.slice(1);
  if (!TYPES.has(type)) return { complaint: `Unknown command type '${type}'.` };
  const strange = [...modifiers].find((modifier) => !"!-+=~^$?".includes(modifier));
  if (strange !== undefined) return { complaint: `Unknown modifier '${strange}'.` };
  // Credentials are a running machine's.
  if (modifiers.includes("^")) return undefined;
  const path = expandSpecifiers(tree, rawPath);
  if (path === undefined) return undefined;
  if (!path.startsWith("/")) return { complaint: `Path '${path}' not absolute.` };
  const owner = given(user) === undefined ? undefined : parseOwner(tree, user!, userId);
  const ownerGroup = given(group) === undefined ? undefined : parseOwner(tree, group!, groupId);
  if (owner === "unknown") return { complaint: `Failed to resolve user '${user}': Unknown user` };
  if (ownerGroup === "unknown") return { complaint: `Failed to resolve group '${group}': Unknown group` };
  const bits = given(mode) === undefined ? undefined : /^([~:]*)([0-7]{1,5})$/.exec(mode!);
  if (bits === null) return { complaint: `Invalid mode '${mode}'.` };
  const argument = given(rest);
  const expanded = argument === undefined || "tTaAhH".includes(type) ? argument : expandSpecifiers(tree, argument);
  if (argument !== undefined && expanded === undefined) return undefined;
  return {
    type,
    append: modifiers.includes("+"),
    boot: modifiers.includes("!"),
    lenient: modifiers.includes("-"),
    replace: modifiers.includes("="),
    ifTargetExists: modifiers.includes("?"),
    path: path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1"),
    mode: bits && {
      bits: Number.parseInt(bits[2]!, 8),
      masked: bits[1]!.includes("~"),
      onlyNew: bits[1]!.includes(":"),
    },
    user: owner,
    group: ownerGroup,
    argument: expanded,
  };
}

function given(word: string | undefined): string | undefined {
  return word === undefined || word === "" || word === "-" ? undefined : word;
}

function parseOwner(
  tree: Tree,
  word: string,
  find: (tree: Tree, name: string) => number | undefined,
): WantedOwner | "unknown" {
  const onlyNew = word.startsWith(":");
  const id = find(tree, onlyNew ? word.slice(1) : word);
  return id === undefined ? "unknown" : { id, onlyNew };
}

/** Lines that say what a path is, of which there can be only one. */
export function takesOwnership(line: TmpfilesLine): boolean {
  return "fFdDvqQpLcbCwexXrR".includes(line.type);
}

/** Whether two lines of one path may both be carried out. */
export function areCompatible(a: TmpfilesLine, b: TmpfilesLine): boolean {
  if (!takesOwnership(a) || !takesOwnership(b)) return true;
  return JSON.stringify({ ...a, boot: 0, lenient: 0 }) === JSON.stringify({ ...b, boot: 0, lenient: 0 });
}
