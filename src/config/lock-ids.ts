/**
 * Ids of the recipe's own accounts: pinned ones as stated, the others from 400 upward, kept from the previous lock.
 */

import { AssembleError } from "../errors/assemble-error.js";
import type { LockedIds } from "./lock.js";
import { formatOrigin } from "./origin.js";
import { locate, type Recipe } from "./recipe.js";

/** Below Debian's range for system accounts that packages make from the top (999 down) and above 100 upward. */
const firstId = 400;
/** systemd-sysusers and adduser count down from here; an id that would reach it is refused. */
const lastId = 899;

/**
 * The ids of every user and group of the recipe, and of the groups that users get of their own name. Such a group has
 * its user's number where that is free.
 *
 * @throws AssembleError `recipe/id-collision` where a pinned id meets another.
 */
export function assignIds(recipe: Recipe, previous?: LockedIds): LockedIds {
  const groups = recipe.groups.map(({ name, gid }) => ({ name, id: gid, like: undefined as string | undefined }));
  for (const user of recipe.users) {
    const own = user.group === user.name && !groups.some((group) => group.name === user.name);
    if (own) groups.push({ name: user.name, id: undefined, like: user.name });
  }
  const users = recipe.users.map(({ name, uid }) => ({ name, id: uid }));
  const uids = new Table(users, previous?.users);
  const gids = new Table(groups, previous?.groups);
  const owners = new Set(groups.map((group) => group.like));
  for (const { name } of users) {
    // A new user whose own group is new too gets a number that is free as both.
    if (!uids.has(name)) uids.take(name, (id) => owners.has(name) && !gids.has(name) && !gids.isFree(id), recipe);
  }
  for (const { name, like } of groups) {
    const wanted = like === undefined ? undefined : uids.ids.get(like);
    if (wanted !== undefined && !gids.has(name) && gids.isFree(wanted)) gids.set(name, wanted);
  }
  for (const { name } of groups) if (!gids.has(name)) gids.take(name, () => false, recipe);
  return { users: Object.fromEntries(uids.ids), groups: Object.fromEntries(gids.ids) };
}

/** Names with their ids, none twice. */
class Table {
  readonly ids = new Map<string, number>();
  private readonly taken = new Map<number, string>();

  /** Pinned ids first; then those of the previous lock that are still free. The recipe has no two equal pinned ids. */
  constructor(
    accounts: readonly { readonly name: string; readonly id: number | undefined }[],
    previous: Readonly<Record<string, number>> = {},
  ) {
    for (const { name, id } of accounts) if (id !== undefined) this.set(name, id);
    for (const { name } of accounts) {
      const kept = Object.hasOwn(previous, name) ? previous[name] : undefined;
      // An id that was pinned before and is pinned no more is kept too: files of running machines bear it.
      if (kept !== undefined && !this.has(name) && this.isFree(kept)) this.set(name, kept);
    }
  }

  has(name: string): boolean {
    return this.ids.has(name);
  }

  isFree(id: number): boolean {
    return !this.taken.has(id);
  }

  set(name: string, id: number): void {
    this.ids.set(name, id);
    this.taken.set(id, name);
  }

  take(name: string, avoid: (id: number) => boolean, recipe: Recipe): void {
    for (let id = firstId; id <= lastId; id++) {
      if (this.isFree(id) && !avoid(id)) {
        this.set(name, id);
        return;
      }
    }
    const origin = locate(recipe, ["users"]) ?? locate(recipe, ["groups"]);
    throw new AssembleError(
      "recipe/id-collision",
      `Cannot give ${name} an id (${origin === undefined ? "the recipe" : formatOrigin(origin)}): ${firstId} to ${lastId} are taken, a free one was wanted`,
      { hint: "pin the id with uid or gid" },
    );
  }
}
