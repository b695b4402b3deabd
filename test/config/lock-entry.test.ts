import { describe, expect, it } from "vitest";
import { defineImage, loadRecipe } from "#dist/config/load-recipe.js";
import { lockDigest } from "#dist/config/lock-digest.js";
import { currentEntry, findEntry, lockPath, lockState, withEntry } from "#dist/config/lock-entry.js";
import type { ImageInput } from "#dist/config/schema.js";
import { entry, lockOf } from "./locks.js";
import { errorOf, recipeFiles } from "./recipe-files.js";

const input: ImageInput = {
  image: "x",
  archive: {
    suite: "trixie",
    extra: [{ uri: "https://e.example/debian/", suite: "s", signedBy: "keys/e.asc", packages: ["foo"] }],
  },
  packages: ["kmod", "curl=8.*"],
  sources: [{ name: "s", path: "src", binary: { fromHost: "S" } }],
};
const digestOf = (more: ImageInput = {}, options = {}) => lockDigest(defineImage({ ...input, ...more }, options));

describe("lockDigest", () => {
  it("never changes for the same recipe (a new version that changes it makes every lock stale)", () => {
    expect(digestOf()).toMatchInlineSnapshot(`"89e862f9e05d7ad9fa69a973a53e012545a01d86c49ec642e4f5a954e48541b6"`);
    expect(lockDigest(defineImage({ image: "x" }))).toMatchInlineSnapshot(
      `"a0bdb0597854fa133a9eedd186352e32f1ccd679a25164ebc00d0e68c4a96db3"`,
    );
  });

  it("leaves out what the resolution does not depend on, the mirror and the host's paths", () => {
    const digest = digestOf();
    expect(
      digestOf({
        image: "y",
        version: "2",
        kernel: { commandLine: ["a"] },
        hostname: "h",
        scripts: { postinst: ["p"] },
      }),
    ).toBe(digest);
    expect(digestOf({ archive: { ...input.archive, mirror: "https://m.example/debian" } })).toBe(digest);
    expect(digestOf({}, { directory: "/somewhere/else", environment: { S: "/a/binary" } })).toBe(digest);
    expect(digestOf({ base: "essential", installRecommends: false, stub: "systemd-boot-efi", profiles: {} })).toBe(
      digest,
    );
  });

  it("takes in what the contract lists", () => {
    const changes: ImageInput[] = [
      { archive: { ...input.archive, suite: "bookworm" } },
      { archive: { ...input.archive, components: ["main", "contrib"] } },
      { archive: { ...input.archive, snapshot: "20260815T000000Z" } },
      { archive: { ...input.archive, security: false } },
      { archive: { ...input.archive, updates: false } },
      { archive: { ...input.archive, extra: [] } },
      { base: "minbase" },
      { packages: ["kmod"] },
      { packages: ["kmod", "curl=8.*", "-bar"] },
      { buildPackages: ["git"] },
      { installRecommends: true },
      { kernel: { package: "linux-image-amd64" } },
      { kernel: { image: "bzImage" } },
      { kernel: { build: { source: "linux-source-6.12", config: "c" } } },
      { stub: "systemd-boot-efi=257*" },
      { stub: "./a.stub" },
      { sources: [] },
    ];
    const digests = changes.map((change) => digestOf(change));
    expect(new Set([digestOf(), ...digests]).size).toBe(changes.length + 1);
  });
});

describe("entries of a lock", () => {
  it("are found by the list of profiles, and are stale by digest only", async () => {
    const directory = recipeFiles({ "my.yaml": "image: x\nprofiles: { a: {}, b: { packages: [q] } }\n" });
    const load = (...profiles: string[]) => loadRecipe(`${directory}/my.yaml`, { profiles });
    const plain = await load();
    const lock = lockOf(entry({ digest: lockDigest(plain) }), entry({ profiles: ["a", "b"], digest: "0".repeat(64) }));
    expect(lockPath(plain)).toBe(`${directory}/my.lock`);
    expect(lockState(lock, plain)).toBe("current");
    expect(currentEntry(lock, plain)).toBe(lock.entries[0]);
    expect(lockState(lock, await load("a", "b"))).toBe("stale");
    expect(findEntry(lock, await load("a", "b"))).toBe(lock.entries[1]);
    expect(lockState(lock, await load("b", "a"))).toBe("missing");
    expect(lockState(undefined, plain)).toBe("missing");
    const stale = await errorOf(async () => currentEntry(lock, await load("a", "b")));
    expect(stale).toMatchObject({
      code: "lock/stale",
      message: expect.stringContaining("with the profiles a, b: my.lock"),
    });
    expect(await errorOf(async () => currentEntry(lock, await load("b")))).toMatchObject({
      code: "lock/missing",
      message: expect.stringContaining("has no entry"),
    });
    expect(await errorOf(() => currentEntry(undefined, plain))).toMatchObject({
      message: expect.stringContaining("there is no my.lock"),
    });
  });

  it("are replaced one by one", () => {
    const old = lockOf(entry(), entry({ profiles: ["b"] }));
    const lock = withEntry(old, entry({ profiles: ["b"], digest: "e".repeat(64) }));
    expect(lock.entries.map((each) => [each.profiles, each.digest[0]])).toEqual([
      [["b"], "e"],
      [[], "d"],
    ]);
    expect(withEntry(undefined, entry()).entries).toHaveLength(1);
    expect(old.entries[1]?.digest[0]).toBe("d");
  });
});
