/**
 * The account files as the programs rewrite them: passwd(5), group(5), shadow(5), gshadow(5), each with its `-` backup.
 */
import type { Tree } from "../../tree/tree.js";

/** One of the account files. */
export type AccountName = "passwd" | "group" | "shadow" | "gshadow";

/** A line, split at its colons. */
export type AccountLine = string[];

/** How to write a file. */
export interface WriteOptions {
  /** Mode of a file that was not there (default 0644, for the shadow files 0640 and the group shadow). */
  readonly mode?: number;
  readonly gid?: number;
}

/** Whether the file is there. */
export function hasAccounts(tree: Tree, name: AccountName): boolean {
  return tree.lookup(`/etc/${name}`)?.type === "file";
}

/** The file's lines, blank ones left out. */
export function readLines(tree: Tree, name: AccountName): AccountLine[] {
  if (!hasAccounts(tree, name)) return [];
  return tree
    .readText(`/etc/${name}`)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"));
}

/** The line of a user or group. */
export function findLine(lines: readonly AccountLine[], name: string): AccountLine | undefined {
  return lines.find((line) => line[0] === name);
}

/** Copies the file to its backup, with mode and owner. */
export function backUp(tree: Tree, name: AccountName): void {
  const node = tree.lookup(`/etc/${name}`);
  if (node?.type !== "file") return;
  tree.removeAll(`/etc/${name}-`);
  tree.write(`/etc/${name}-`, node.content, { mode: node.mode, uid: node.uid, gid: node.gid });
}

/** Writes a file, after a backup of what was there. */
export function writeLines(
  tree: Tree,
  name: AccountName,
  lines: readonly AccountLine[],
  options: WriteOptions = {},
): void {
  backUp(tree, name);
  const text = lines.map((line) => `${line.join(":")}\n`).join("");
  const secret = name.endsWith("shadow");
  const shadowGid = secret ? Number(findLine(readLines(tree, "group"), "shadow")?.[2] ?? 0) : 0;
  const fresh = { mode: options.mode ?? (secret ? 0o640 : 0o644), uid: 0, gid: options.gid ?? shadowGid };
  tree.write(`/etc/${name}`, text, hasAccounts(tree, name) ? {} : fresh);
}

/** Leaves the lock file that lckpwdf(3) makes. */
export function makeLockFile(tree: Tree): void {
  if (tree.lookup("/etc/.pwd.lock") === undefined) tree.write("/etc/.pwd.lock", "", { mode: 0o600 });
}

/** Whole days from 1970 to a time in seconds: shadow(5)'s dates. */
export function dayOf(epoch: number): number {
  return Math.floor(epoch / 86400);
}
