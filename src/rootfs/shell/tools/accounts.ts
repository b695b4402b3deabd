/**
 * Users and groups as the C library finds them: passwd(5), group(5), shadow(5) and hosts(5) of the tree.
 */
import type { Tree } from "../../tree/tree.js";

/** A line of /etc/passwd. */
export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly line: string;
}

/** A line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
  readonly line: string;
}

/** The lines of a database file, without comments and blank lines. */
export function databaseLines(tree: Tree, path: string): string[] {
  const node = tree.lookup(path);
  if (node?.type !== "file") return [];
  return tree
    .readText(path)
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

/** All users, in the file's order. */
export function readUsers(tree: Tree): User[] {
  return databaseLines(tree, "/etc/passwd").flatMap((line) => {
    const [name, , uid, gid, , home, shell] = line.split(":");
    if (name === undefined || !isNumber(uid) || !isNumber(gid)) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home: home ?? "", shell: shell ?? "", line }];
  });
}

/** All groups, in the file's order. */
export function readGroups(tree: Tree): Group[] {
  return databaseLines(tree, "/etc/group").flatMap((line) => {
    const [name, , gid, members] = line.split(":");
    if (name === undefined || !isNumber(gid)) return [];
    return [{ name, gid: Number(gid), members: (members ?? "").split(",").filter((member) => member !== ""), line }];
  });
}

/** The user's number: by name, else a number as it is. */
export function userId(tree: Tree, user: string): number | undefined {
  return readUsers(tree).find((entry) => entry.name === user)?.uid ?? plainNumber(user);
}

/** The group's number: by name, else a number as it is. */
export function groupId(tree: Tree, group: string): number | undefined {
  return readGroups(tree).find((entry) => entry.name === group)?.gid ?? plainNumber(group);
}

/** The name of a user number. */
export function userName(tree: Tree, uid: number): string | undefined {
  return readUsers(tree).find((entry) => entry.uid === uid)?.name;
}

/** The name of a group number. */
export function groupName(tree: Tree, gid: number): string | undefined {
  return readGroups(tree).find((entry) => entry.gid === gid)?.name;
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^[0-9]{1,10}$/.test(text);
}

function plainNumber(text: string): number | undefined {
  return /^\+?[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}
