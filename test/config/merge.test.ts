import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "#dist/config/canonical-json.js";
import { mergeNodes } from "#dist/config/merge.js";
import { nodeOf, plainOf, type RecipeNode, withReplacedLists } from "#dist/config/node.js";

const layer = (value: unknown) => withReplacedLists(nodeOf(value, { file: "x" }));
const merge = (...values: unknown[]) => plainOf(values.map(layer).reduce((base, over) => mergeNodes(base, over)));

describe("merging", () => {
  it("lets the later scalar win, and keeps what only one states", () => {
    expect(merge({ image: "a", base: "none" }, { image: "b", hostname: "h" })).toEqual({
      image: "b",
      base: "none",
      hostname: "h",
    });
    expect(merge({ archive: { suite: "a", security: true } }, { archive: { suite: "b" } })).toEqual({
      archive: { suite: "b", security: true },
    });
  });

  it("appends lists and drops exact duplicates", () => {
    expect(merge({ packages: ["a", "b"] }, { packages: ["b", "c", "c"] })).toEqual({ packages: ["a", "b", "c"] });
    const tree = { source: "x", target: "/y" };
    expect(merge({ extraTrees: [tree, "z"] }, { extraTrees: [{ target: "/y", source: "x" }, "w"] })).toEqual({
      extraTrees: [tree, "z", "w"],
    });
  });

  it("lets the later of name and -name stand in lists of packages", () => {
    expect(merge({ packages: ["a", "b"] }, { packages: ["-a"] }, { packages: ["a"] })).toEqual({
      packages: ["b", "-a", "a"],
    });
    expect(merge({ buildPackages: ["-a", "b"] }, { buildPackages: ["a=1"] }, { buildPackages: ["-a"] })).toEqual({
      buildPackages: ["b", "a=1", "-a"],
    });
  });

  it("keeps equal objects of one list: two partitions of a kind are meant", () => {
    const partitions = [{ type: "swap" }, { type: "swap" }];
    expect(merge({}, { disk: { partitions } })).toEqual({ disk: { partitions } });
    expect(merge({ disk: { partitions: [] } }, { disk: { partitions } })).toEqual({ disk: { partitions } });
  });

  it("merges objects with a name by name, in their place", () => {
    expect(
      merge(
        { users: [{ name: "a", uid: 1, groups: ["x"] }, { name: "b" }] },
        { users: [{ name: "c" }, { name: "a", shell: "/bin/sh", groups: ["y"] }] },
      ),
    ).toEqual({
      users: [{ name: "a", uid: 1, groups: ["x", "y"], shell: "/bin/sh" }, { name: "b" }, { name: "c" }],
    });
  });

  it("replaces a list with { replace: [...] }, and appends to that afterwards", () => {
    expect(merge({ packages: ["a"] }, { packages: { replace: ["b"] } }, { packages: ["c"] })).toEqual({
      packages: { replace: ["b", "c"] },
    });
    expect(merge({ packages: ["a"] }, { packages: { replace: [] } })).toEqual({ packages: { replace: [] } });
  });

  it("lets a list win over a word and a word over a list", () => {
    expect(merge({ kernel: { modules: ["a"] } }, { kernel: { modules: "all" } })).toEqual({
      kernel: { modules: "all" },
    });
    expect(merge({ kernel: { modules: "all" } }, { kernel: { modules: ["a"] } })).toEqual({
      kernel: { modules: { replace: ["a"] } },
    });
    expect(merge({ environment: { A: "x" } }, { environment: { A: { fromHost: true } } })).toEqual({
      environment: { A: { fromHost: true } },
    });
  });

  it("drops the other ways to a kernel", () => {
    const image = { image: "b", version: "6.12", modulesFrom: "m", commandLine: ["a"] };
    expect(merge({ kernel: image }, { kernel: { package: "linux-image-amd64" } })).toEqual({
      kernel: { package: "linux-image-amd64", commandLine: ["a"] },
    });
    expect(merge({ kernel: { package: "p", load: [] } }, { kernel: { build: { source: "s" } } })).toEqual({
      kernel: { load: [], build: { source: "s" } },
    });
    expect(merge({ kernel: { build: { source: "s" } } }, { kernel: { image: "b" } })).toEqual({
      kernel: { image: "b" },
    });
    expect(merge({ kernel: image }, { kernel: { version: "6.13" } })).toEqual({
      kernel: { ...image, version: "6.13" },
    });
  });

  it("drops the other origins of a source, also inside profiles", () => {
    const git = { name: "s", git: { url: "u", tag: "t" }, build: "make" };
    const own = { name: "s", path: "p" };
    expect(merge({ sources: [git] }, { sources: [own] })).toEqual({ sources: [{ ...own, build: "make" }] });
    expect(merge({ profiles: { x: { sources: [own] } } }, { profiles: { x: { sources: [git] } } })).toEqual({
      profiles: { x: { sources: [git] } },
    });
    expect(
      merge({ profiles: { x: { kernel: { image: "a" } } } }, { profiles: { x: { kernel: { package: "b" } } } }),
    ).toEqual({
      profiles: { x: { kernel: { package: "b" } } },
    });
  });

  it("does not take an environment's or an install's keys for a way to a source", () => {
    const both = { sources: [{ name: "s", environment: { git: "1", path: "2" } }] };
    expect(merge(both, both)).toEqual(both);
  });
});

const word = fc.constantFrom("a", "b", "c", "d");
const words = fc.uniqueArray(word, { maxLength: 3 });
const listed = fc.oneof(words, fc.record({ replace: words }));
const user = fc.record({ name: word, uid: fc.nat(5), shell: word, groups: listed }, { requiredKeys: ["name"] });
const users = fc.uniqueArray(user, { maxLength: 3, selector: (each) => each.name });
const part = fc.record(
  {
    image: word,
    packages: listed,
    users: fc.oneof(users, fc.record({ replace: users })),
    archive: fc.record({ suite: word, components: listed }, { requiredKeys: [] }),
    environment: fc.dictionary(word, fc.oneof(word, fc.record({ default: word }))),
    kernel: fc.record({ commandLine: listed, modules: fc.oneof(fc.constant("all"), listed) }, { requiredKeys: [] }),
    profiles: fc.dictionary(word, fc.record({ packages: listed }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);

describe("merging of any recipes", () => {
  const text = (node: RecipeNode) => canonicalJson(plainOf(node));

  it("does not depend on what is merged first, as long as the order stands", () => {
    fc.assert(
      fc.property(part, part, part, (a, b, c) => {
        const [x, y, z] = [layer(a), layer(b), layer(c)];
        expect(text(mergeNodes(mergeNodes(x, y), z))).toBe(text(mergeNodes(x, mergeNodes(y, z))));
      }),
      { numRuns: 500 },
    );
  });

  it("of a recipe with itself or with nothing changes nothing, and never changes its inputs", () => {
    fc.assert(
      fc.property(part, part, (a, b) => {
        const [x, y] = [layer(a), layer(b)];
        const before = text(x);
        expect(text(mergeNodes(x, layer({})))).toBe(before);
        expect(text(mergeNodes(layer({}), x))).toBe(before);
        expect(text(mergeNodes(x, x))).toBe(before);
        mergeNodes(x, y);
        expect(text(x)).toBe(before);
      }),
    );
  });
});
