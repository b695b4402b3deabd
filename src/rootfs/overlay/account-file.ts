/**
 * /etc/passwd, group, shadow and gshadow: passwd(5), group(5), shadow(5), gshadow(5). Lines are kept as they are; an account is
 * appended, a changed one rewritten in place.
 */
import type { Tree } from "../tree/tree.js";

/** The four account databases and their modes when they are made anew. */
export const ACCOUNT_FILES = {
  passwd: { path: "/etc/passwd", mode: 0o644 },
  group: { path: "/etc/group", mode: 0o644 },
  shadow: { path: "/etc/shadow", mode: 0o640 },
  gshadow: { path: "/etc/gshadow", mode: 0o640 },
} as const;

/** Name of one database. */
export type AccountFile = keyof typeof ACCOUNT_FILES;

/** The lines of a database, each split at its colons; empty when there is none. */
export function readAccounts(tree: Tree, file: AccountFile): string[][] {
  const { path } = ACCOUNT_FILES[file];
  if (tree.lookup(path) === undefined) return [];
  return tree
    .readText(path)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));
}

/** Writes a database back. */
export function writeAccounts(tree: Tree, file: AccountFile, lines: readonly (readonly string[])[]): void {
  const { path, mode } = ACCOUNT_FILES[file];
  const text = lines.map((fields) => `${fields.join(":")}\n`).join("");
  const existing = tree.lookup(path);
  const shadowGroup = file.endsWith("shadow") ? accountId(tree, "group", "shadow") : undefined;
  tree.write(path, text, existing === undefined ? { mode, gid: shadowGroup ?? 0 } : {});
}

/** The numeric id of a user or group by name, or undefined. */
export function accountId(tree: Tree, file: "passwd" | "group", name: string): number | undefined {
  const fields = readAccounts(tree, file).find((line) => line[0] === name);
  return fields?.[2] === undefined ? undefined : Number(fields[2]);
}
