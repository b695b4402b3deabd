import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineImage } from "#dist/config/load-recipe.js";
import { assignIds } from "#dist/config/lock-ids.js";
import type { ImageInput } from "#dist/config/schema.js";
import { errorOf } from "./recipe-files.js";

const idsOf = (input: ImageInput, previous?: Parameters<typeof assignIds>[1]) =>
  assignIds(defineImage({ image: "x", ...input }), previous);

describe("ids of recipe accounts", () => {
  it("are the pinned ones, and else count from 400, the user's own group alike", () => {
    expect(
      idsOf({
        groups: [{ name: "eth" }, { name: "pinned", gid: 980 }],
        users: [
          { name: "reth", groups: ["eth"] },
          { name: "lighthouse", uid: 400 },
          { name: "builder", group: "eth" },
          { name: "rbuilder" },
        ],
      }),
    ).toEqual({
      users: { lighthouse: 400, reth: 401, builder: 402, rbuilder: 403 },
      groups: { pinned: 980, eth: 402, reth: 401, lighthouse: 400, rbuilder: 403 },
    });
  });

  it("stay when accounts come, go and change order", () => {
    const first = idsOf({ users: [{ name: "a" }, { name: "b" }, { name: "c" }] });
    expect(first).toEqual({ users: { a: 400, b: 401, c: 402 }, groups: { a: 400, b: 401, c: 402 } });
    const second = idsOf({ users: [{ name: "new" }, { name: "c" }, { name: "b" }] }, first);
    expect(second).toEqual({ users: { new: 400, b: 401, c: 402 }, groups: { new: 400, b: 401, c: 402 } });
    // One that is pinned now takes its number, also from who had it.
    const third = idsOf({ users: [{ name: "b" }, { name: "d", uid: 401 }] }, second);
    expect(third.users).toEqual({ d: 401, b: 400 });
  });

  it("are never given twice", () => {
    const account = fc.record({
      name: fc.stringMatching(/^[a-e]$/),
      id: fc.option(fc.integer({ min: 398, max: 404 }), { nil: undefined }),
    });
    const accounts = fc
      .uniqueArray(account, { selector: (each) => each.name, maxLength: 5 })
      .map((list) =>
        list.map((each, i) =>
          list.findIndex((other) => other.id === each.id) < i ? { ...each, id: undefined } : each,
        ),
      );
    const table = fc.dictionary(fc.stringMatching(/^[a-e]$/), fc.integer({ min: 399, max: 402 }));
    fc.assert(
      fc.property(accounts, accounts, fc.record({ users: table, groups: table }), (users, groups, previous) => {
        const ids = idsOf(
          {
            users: users.map(({ name, id }) => ({ name, uid: id })),
            groups: groups.map(({ name, id }) => ({ name, gid: id })),
          },
          previous,
        );
        for (const each of [ids.users, ids.groups])
          expect(new Set(Object.values(each)).size).toBe(Object.keys(each).length);
        for (const user of users) expect(ids.users[user.name]).toBeGreaterThanOrEqual(398);
        for (const { name, id } of users) if (id !== undefined) expect(ids.users[name]).toBe(id);
        for (const { name, id } of groups) if (id !== undefined) expect(ids.groups[name]).toBe(id);
        for (const { name } of users) expect(ids.groups).toHaveProperty(name);
      }),
    );
  });

  it("run out with an error", async () => {
    const users = Array.from({ length: 501 }, (_, i) => ({ name: `u${i}` }));
    expect(await errorOf(() => idsOf({ users }))).toMatchObject({ code: "recipe/id-collision" });
  });
});
