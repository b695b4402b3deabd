import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LockEntry, LockedPackage } from "#dist/config/lock.js";
import { formatLock, parseLock } from "#dist/config/lock-file.js";
import { entry, lockOf, row } from "./locks.js";
import { errorOf } from "./recipe-files.js";

describe("the lock's text", () => {
  it("has one package a line, sorted, in a table that entries share", () => {
    const text = formatLock(
      lockOf(entry(), entry({ profiles: ["devtools"], packages: [{ package: row("curl"), stage: 2, why: "recipe" }] })),
    );
    expect(text).toMatchSnapshot();
    expect(JSON.parse(text)).toMatchObject({ lockVersion: 1 });
    expect(text.split("\n").filter((line) => line.includes('"name":"curl"'))).toHaveLength(1);
    expect(parseLock(text, "image.lock").entries).toHaveLength(2);
  });

  it("changes one line where one package moves", () => {
    const moved = entry().packages.map((use) =>
      use.package.name === "curl" ? { ...use, package: row("curl", "1.0-2") } : use,
    );
    const lines = (lock: string) => new Set(lock.split("\n"));
    const [before, after] = [lines(formatLock(lockOf(entry()))), lines(formatLock(lockOf(entry({ packages: moved }))))];
    expect([...after].filter((line) => !before.has(line))).toHaveLength(1);
  });

  it("drops rows that no entry uses any more", () => {
    const before = formatLock(
      lockOf(entry(), entry({ profiles: ["p"], packages: [{ package: row("strace"), stage: 2, why: "recipe" }] })),
    );
    const { entries } = parseLock(before, "image.lock");
    const after = formatLock(lockOf(...entries.filter((each) => each.profiles.length === 0)));
    expect(before).toContain("strace");
    expect(after).not.toContain("strace");
  });

  it("tells rows of one name and version apart by all that they hold", () => {
    const twins = [
      row("foo"),
      row("foo", "1.0-1", { sha256: "e".repeat(64) }),
      row("foo", "1.0-1", { archive: "security trixie-security" }),
      row("foo", "1.0-1", { priority: "standard" }),
    ];
    const lock = lockOf(
      entry({ packages: twins.map((each) => ({ package: each, stage: 2 as const, why: "recipe" })) }),
    );
    const again = parseLock(formatLock(lock), "image.lock");
    expect(again.entries[0]?.packages.map((use) => use.package)).toEqual(expect.arrayContaining(twins));
    expect(formatLock(again)).toBe(formatLock(lock));
  });

  it("reads back to the same lock, and the same lock is the same text whatever the order", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9+.-]{1,8}$/);
    const version = fc.stringMatching(/^[0-9][0-9A-Za-z.+~:-]{0,6}$/);
    const anyRow = fc
      .tuple(name, version, fc.constantFrom("debian trixie", "security trixie-security"))
      .map(([each, number, archive]): LockedPackage => row(each, number, { archive }));
    const use = fc.record({
      package: anyRow,
      stage: fc.constantFrom(1 as const, 2 as const),
      why: fc.constantFrom("base", 'a Depends b (>= "1")'),
    });
    const anyEntry = fc
      .record({
        profiles: fc.uniqueArray(name, { maxLength: 2 }),
        packages: fc.array(use, { maxLength: 6 }),
        buildPackages: fc.array(use, { maxLength: 2 }),
        kernel: fc.array(anyRow, { maxLength: 2 }),
        stub: fc.option(anyRow, { nil: undefined }),
        ids: fc.record({ users: fc.dictionary(name, fc.nat(999)), groups: fc.dictionary(name, fc.nat(999)) }),
        sources: fc.array(fc.record({ name, pin: fc.constant("git:abc") }), { maxLength: 2 }),
      })
      .map((more) => entry(more));
    const entries = fc.uniqueArray(anyEntry, { maxLength: 3, selector: (each) => each.profiles.join(" ") });
    fc.assert(
      fc.property(entries, (list) => {
        const text = formatLock(lockOf(...list));
        const read = parseLock(text, "image.lock");
        expect(formatLock(read)).toBe(text);
        const reversed = list.map(
          (each): LockEntry => ({
            ...each,
            packages: [...each.packages].reverse(),
            suites: [...each.suites].reverse(),
          }),
        );
        expect(formatLock(lockOf(...reversed.reverse()))).toBe(text);
        for (const each of list) {
          const same = read.entries.find((other) => other.profiles.join(" ") === each.profiles.join(" "));
          expect(same?.packages).toEqual(expect.arrayContaining([...each.packages]));
          expect(same).toMatchObject({ digest: each.digest, ids: each.ids, stub: each.stub });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a lock that is broken", () => {
  const text = formatLock(lockOf(entry()));
  const edited = (from: string | RegExp, to: string) => {
    expect(text.replace(from, to)).not.toBe(text);
    return text.replace(from, to);
  };

  it.each([
    ["cut short", () => text.slice(0, -20), /it is not JSON/],
    ["with a conflict of git", () => edited('"profiles"', '<<<<<<< HEAD\n"profiles"'), /it is not JSON/],
    ["of a later version", () => edited('"lockVersion":1', '"lockVersion":2'), /its version is 2/],
    ["without a version", () => edited('"lockVersion":1,', ""), /lockVersion/],
    ["with an unknown key", () => edited('"lockVersion":1', '"lockVersion":1,"more":2'), /more is not a key/],
    [
      "with a short hash",
      () => edited(/"sha256":"6375726c.*?"/, '"sha256":"6375"'),
      /packages\[0\]\.sha256: 64 lower-case/,
    ],
    ["with a path upward", () => edited("pool/main/c/curl", "pool/../../etc"), /packages\[0\]\.path: a relative path/],
    ["with an absolute path", () => edited("pool/main/c/curl", "/etc"), /packages\[0\]\.path: a relative path/],
    ["with a size of nothing", () => edited('"size":1004', '"size":0'), /packages\[0\]\.size/],
    [
      "with a row gone",
      () => edited(/\{"architecture":"amd64","archive":"debian trixie","name":"curl".*\n/, ""),
      /curl:amd64 is used but not in its table/,
    ],
    [
      "with a row twice",
      () => edited(/(\{"architecture":"amd64","archive":"debian trixie","name":"curl".*\n)/, "$1$1"),
      /has a package twice/,
    ],
    [
      "with an archive of no suite",
      () => edited('"archive":"debian trixie","name":"curl"', '"archive":"debian sid","name":"curl"'),
      /comes from debian sid, which is no suite/,
    ],
    ["with a suite of another id", () => edited('"id":"debian trixie"', '"id":"debian sid"'), /a suite whose id says/],
    ["with a third stage", () => edited('"stage":2', '"stage":3'), /stage/],
    ["with a date without a zone", () => edited("08:12:13Z", "08:12:13"), /date: a time such as/],
    ["that is a list", () => "[]", /the lock/],
    ["that is null", () => "null", /the lock/],
  ])("%s is refused", async (_, broken, message) => {
    const error = await errorOf(() => parseLock(broken(), "image.lock"));
    expect(error).toMatchObject({ code: "lock/invalid" });
    expect(error.message).toMatch(/^Cannot read image\.lock: /);
    expect(error.message).toMatch(message);
  });

  it("with two entries for the same profiles is refused", async () => {
    const twice = text.replace(
      /"entries":\[([\s\S]*)\],\n"lockVersion"/,
      (_, body: string) => `"entries":[${body},${body}],\n"lockVersion"`,
    );
    expect(await errorOf(() => parseLock(twice, "image.lock"))).toMatchObject({
      message: expect.stringContaining("two entries"),
    });
  });
});
