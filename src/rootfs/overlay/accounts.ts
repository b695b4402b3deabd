/**
 * The recipe's own groups and users (contract §1). Ids are the recipe's or the lock's, never chosen here.
 */
import { utf8ToByteString } from "../../bytes/content.js";
import type { Recipe, RecipeGroup, RecipeUser } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Tree } from "../tree/tree.js";
import { accountId, readAccounts, writeAccounts } from "./account-file.js";

/** Ids that the lock gave to the recipe's accounts. */
export interface AccountIds {
  readonly users: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
}

/**
 * Adds the recipe's groups, then its users with their groups.
 *
 * @throws AssembleError `rootfs/account-exists`, `rootfs/id-taken`, `rootfs/group-unknown`
 */
export function addAccounts(tree: Tree, recipe: Pick<Recipe, "groups" | "users">, ids: AccountIds): void {
  for (const group of recipe.groups) addGroup(tree, group, ids);
  for (const user of recipe.users) addUser(tree, user, ids);
}

function idOf(kind: "user" | "group", name: string, pinned: number | undefined, locked: number | undefined): number {
  const id = pinned ?? locked;
  if (id !== undefined) return id;
  throw new AssembleError("lock/stale", `Cannot add the ${kind} ${name}: the lock gives it no id, one was wanted`, {
    hint: "run tdx-assemble lock --update",
  });
}

function addGroup(tree: Tree, group: RecipeGroup, ids: AccountIds): void {
  const gid = idOf("group", group.name, group.gid, ids.groups[group.name]);
  const lines = readAccounts(tree, "group");
  refuseTaken(lines, "group", group.name, gid);
  writeAccounts(tree, "group", [...lines, [group.name, "x", String(gid), ""]]);
  writeAccounts(tree, "gshadow", [...readAccounts(tree, "gshadow"), [group.name, "!", "", ""]]);
}

function addUser(tree: Tree, user: RecipeUser, ids: AccountIds): void {
  const uid = idOf("user", user.name, user.uid, ids.users[user.name]);
  const passwd = readAccounts(tree, "passwd");
  refuseTaken(passwd, "user", user.name, uid);
  if (accountId(tree, "group", user.group) === undefined && user.group === user.name) {
    const gid = ids.groups[user.name] ?? uid;
    addGroup(tree, { name: user.name, system: user.system, gid }, ids);
  }
  const gid = groupId(tree, user.name, user.group);
  const line = [user.name, "x", uid, gid, user.gecos, user.home, user.shell].map((field) =>
    utf8ToByteString(String(field)),
  );
  writeAccounts(tree, "passwd", [...passwd, line]);
  // shadow(5): the day of the last change is left empty, so that no clock enters the image and no change is forced.
  const ages = user.system ? ["", "", "", "", "", "", ""] : ["", "0", "99999", "7", "", "", ""];
  writeAccounts(tree, "shadow", [...readAccounts(tree, "shadow"), [user.name, user.passwordHash, ...ages]]);
  for (const group of user.groups) {
    groupId(tree, user.name, group);
    addMember(tree, "group", group, user.name);
    addMember(tree, "gshadow", group, user.name);
  }
}

function addMember(tree: Tree, file: "group" | "gshadow", group: string, member: string): void {
  const lines = readAccounts(tree, file);
  const fields = lines.find((line) => line[0] === group);
  if (fields === undefined) return;
  const members = (fields[3] ?? "").split(",").filter((name) => name !== "");
  if (!members.includes(member)) fields[3] = [...members, member].join(",");
  writeAccounts(tree, file, lines);
}

function groupId(tree: Tree, user: string, group: string): number {
  const gid = accountId(tree, "group", group);
  if (gid !== undefined) return gid;
  throw new AssembleError(
    "rootfs/group-unknown",
    `Cannot put the user ${user} into the group ${group}: there is no such group in the tree, an existing one was wanted`,
    { hint: `add { name: ${group} } to groups, or the package that makes it to packages` },
  );
}

function refuseTaken(lines: readonly string[][], kind: "user" | "group", name: string, id: number): void {
  const same = lines.find((line) => line[0] === name);
  if (same !== undefined)
    throw new AssembleError(
      "rootfs/account-exists",
      `Cannot add the ${kind} ${name}: a package of the image has made it already with id ${same[2]}, a new name was wanted`,
    );
  const taken = lines.find((line) => Number(line[2]) === id);
  if (taken !== undefined)
    throw new AssembleError(
      "rootfs/id-taken",
      `Cannot add the ${kind} ${name} with id ${id}: ${taken[0]} of a package has it, a free id was wanted`,
      { hint: `pin another ${kind === "user" ? "uid" : "gid"} in the recipe` },
    );
}
