/**
 * Changes of users and groups as Debian's shadow suite (4.17) writes them into its files.
 */
import type { Tree } from "../../tree/tree.js";
import { type AccountLine, findLine, hasAccounts, makeLockFile, readLines, writeLines } from "./account-lines.js";

/** The kind of an id. */
export type IdKind = "uid" | "gid";

/** login.defs(5): the value of a name. */
export function loginDefault(tree: Tree, name: string): string | undefined {
  if (tree.lookup("/etc/login.defs")?.type !== "file") return undefined;
  for (const line of tree.readText("/etc/login.defs").split("\n")) {
    const match = /^[ \t]*([A-Z_]+)[ \t]+("?)(.*?)\2[ \t]*$/.exec(line);
    if (match?.[1] === name) return match[3];
  }
  return undefined;
}

/** A number of login.defs. */
export function loginNumber(tree: Tree, name: string, fallback: number): number {
  const text = loginDefault(tree, name);
  return text !== undefined && /^(0[0-7]*|[1-9][0-9]*)$/.test(text)
    ? Number.parseInt(text, text.startsWith("0") ? 8 : 10)
    : fallback;
}

/** The id that useradd and groupadd choose: system ids downward from the lowest that is taken, others upward from the highest. */
export function freeId(
  tree: Tree,
  kind: IdKind,
  options: { readonly system: boolean; readonly preferred?: number },
): number | undefined {
  const upper = kind.toUpperCase();
  const first = loginNumber(tree, `${upper}_MIN`, 1000);
  const [min, max] = options.system
    ? [loginNumber(tree, `SYS_${upper}_MIN`, 101), loginNumber(tree, `SYS_${upper}_MAX`, first - 1)]
    : [first, loginNumber(tree, `${upper}_MAX`, 60000)];
  const taken = new Set(readLines(tree, kind === "uid" ? "passwd" : "group").map((line) => Number(line[2])));
  const { preferred } = options;
  if (preferred !== undefined && preferred >= min && preferred <= max && !taken.has(preferred)) return preferred;
  const inRange = [...taken].filter((id) => id >= min && id <= max);
  if (options.system) {
    const next = Math.min(max + 1, ...inRange) - 1;
    if (next >= min) return next;
    for (let id = max; id >= min; id--) if (!taken.has(id)) return id;
    return undefined;
  }
  const next = Math.max(min - 1, ...inRange) + 1;
  if (next <= max) return next;
  for (let id = min; id <= max; id++) if (!taken.has(id)) return id;
  return undefined;
}

/** Appends a group to group and gshadow. */
export function appendGroup(
  tree: Tree,
  group: { readonly name: string; readonly gid: number; readonly password?: string | undefined },
): void {
  makeLockFile(tree);
  const shadowed = hasAccounts(tree, "gshadow");
  const password = group.password ?? "!";
  writeLines(tree, "group", [
    ...readLines(tree, "group"),
    [group.name, shadowed ? "x" : password, String(group.gid), ""],
  ]);
  if (shadowed) writeLines(tree, "gshadow", [...readLines(tree, "gshadow"), [group.name, password, "", ""]]);
}

/** Sets who is in a group, in group and gshadow; only files that change are written. */
export function setMembers(tree: Tree, change: (group: string, members: readonly string[]) => readonly string[]): void {
  makeLockFile(tree);
  for (const file of ["group", "gshadow"] as const) {
    const before = readLines(tree, file);
    const after = before.map((line) => {
      const members = splitMembers(line[3]);
      const wanted = change(line[0]!, members);
      return wanted.join(",") === members.join(",") ? line : [...line.slice(0, 3), wanted.join(",")];
    });
    if (after.some((line, at) => line !== before[at])) writeLines(tree, file, after);
  }
}

/** The names of a members field. */
export function splitMembers(field: string | undefined): string[] {
  return (field ?? "").split(",").filter((member) => member !== "");
}

/** Rewrites the line of a user or group; false when there is none. */
export function changeLine(
  tree: Tree,
  where: { readonly file: "passwd" | "group" | "shadow" | "gshadow"; readonly name: string },
  change: (line: AccountLine) => AccountLine,
): boolean {
  const lines = readLines(tree, where.file);
  if (findLine(lines, where.name) === undefined) return false;
  makeLockFile(tree);
  writeLines(
    tree,
    where.file,
    lines.map((line) => (line[0] === where.name ? change([...line]) : line)),
  );
  return true;
}

/** Removes the line of a user or group; false when there is none. */
export function removeLine(
  tree: Tree,
  where: { readonly file: "passwd" | "group" | "shadow" | "gshadow"; readonly name: string },
): boolean {
  const lines = readLines(tree, where.file);
  const kept = lines.filter((line) => line[0] !== where.name);
  if (kept.length === lines.length) return false;
  makeLockFile(tree);
  writeLines(tree, where.file, kept);
  return true;
}

/** A date option: days since 1970, or `YYYY-MM-DD`; undefined when it is neither. The empty string means never. */
export function parseDay(text: string): string | undefined {
  if (text === "" || text === "-1") return "";
  if (/^[0-9]+$/.test(text)) return text;
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (match === null) return undefined;
  return String(Math.floor(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / 86_400_000));
}

/** Whether a name may be one of a user or group. */
export function isAccountName(name: string): boolean {
  return /^[a-z_][a-z0-9_.-]*\$?$/i.test(name) && name.length <= 32;
}
