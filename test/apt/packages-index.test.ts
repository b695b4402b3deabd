import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeIndexTables, encodeIndexTables, readIndexTables } from "#dist/apt/index-tables.js";
import { nameTable, provideEntries } from "#dist/apt/name-table.js";
import { parsePackagesIndex } from "#dist/apt/packages-index.js";
import { indexText } from "../fixtures/universe/universe.js";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string) => parsePackagesIndex(bytesOf(text), { archive: "here" });

const text = indexText({
  a: [
    { Version: "1", Priority: "required" },
    { Version: "2", Depends: "later | early (>= 2)" },
  ],
  b: { Essential: "yes", Provides: "virt (= 1), other,\n virt2" },
  c: { Provides: "virt", Suggests: "late" },
  foreign: { Architecture: "arm64", Essential: "yes", Provides: "virt" },
  early: { Architecture: "all", Enhances: "virt3:any" },
  late: { Description: "Package: fake" },
});

describe("parsePackagesIndex", () => {
  const index = parse(text);
  const show = (records: readonly { name: string; version: string }[]) =>
    records.map(({ name, version }) => `${name} ${version}`);

  it("finds packages by name", () => {
    expect([...index.names()]).toEqual(["a", "b", "c", "foreign", "early", "late"]);
    expect(show(index.named("a"))).toEqual(["a 1", "a 2"]);
    expect(index.named("a")[0]).toMatchObject({ archive: "here", path: "./a_1.deb", size: 1 });
    expect(index.named("a")[0]).toBe(index.named("a")[0]);
    expect(index.named("nothing")).toEqual([]);
    expect(index.size).toBe(7);
  });

  it("leaves out other architectures", () => {
    expect(index.named("foreign")).toEqual([]);
    expect(show(index.essential())).toEqual(["b 1"]);
  });

  it("finds packages by what they provide", () => {
    expect(show(index.providers("virt"))).toEqual(["b 1", "c 1"]);
    expect(show(index.providers("virt2"))).toEqual(["b 1"]);
    expect(show(index.providers("other"))).toEqual(["b 1"]);
    expect(index.providers("b")).toEqual([]);
  });

  it("finds packages by priority", () => {
    expect(show(index.withPriority("required"))).toEqual(["a 1"]);
    expect(index.withPriority("require")).toEqual([]);
  });

  it("knows where a name is mentioned first", () => {
    expect(index.firstMention("early")?.record.name).toBe("a");
    expect(index.firstMention("virt2")?.record.name).toBe("b");
    expect(index.firstMention("late")?.record.name).toBe("c");
    expect(index.firstMention("c")?.record.name).toBe("c");
    // Only `virt3:any` is mentioned, which is another name.
    expect(index.firstMention("virt3")).toBeUndefined();
    expect(index.firstMention("ate")).toBeUndefined();
  });

  it("reads an index without a newline at its end, with blank lines in front, or with nothing in it", () => {
    expect(show(parse(`\n\n${text.trimEnd()}`).named("late"))).toEqual(["late 1"]);
    expect(parse("").size).toBe(0);
  });

  it("reads a paragraph that does not start with Package", () => {
    expect(show(parse("Version: 1\nPackage: x\nArchitecture: all\n").named("x"))).toEqual(["x 1"]);
  });

  it("refuses a paragraph without a name", () => {
    expect(() => parse("Version: 1\n")).toThrow(expect.objectContaining({ code: "apt/control-invalid" }));
  });
});

describe("the tables of an index", () => {
  it("are the same after a while in the cache", () => {
    const tables = readIndexTables(bytesOf(text), "here");
    const kept = decodeIndexTables(encodeIndexTables(tables));
    expect(kept).toEqual(tables);
    const index = parsePackagesIndex(bytesOf(text), { archive: "here", tables: kept });
    expect(index.named("a")).toHaveLength(2);
    expect(index.providers("virt").map(({ name }) => name)).toEqual(["b", "c"]);
    expect(index.essential().map(({ name }) => name)).toEqual(["b"]);
    expect(index.withPriority("required").map(({ name }) => name)).toEqual(["a"]);
    expect([...index.names()]).toEqual([...parse(text).names()]);
  });

  it("are what an index is read with: nothing is looked for again", () => {
    const tables = readIndexTables(bytesOf(""), "here");
    expect(parsePackagesIndex(bytesOf(text), { archive: "here", tables }).named("a")).toEqual([]);
  });
});

describe("provideEntries", () => {
  it("finds every name of every list", () => {
    const item = fc.tuple(
      fc.stringMatching(/^[a-z][a-z0-9.+-]{1,4}$/),
      fc.constantFrom("", " (= 1)", "(= 1)", ":any"),
      fc.constantFrom(",", ", ", ",\n ", " ,"),
    );
    fc.assert(
      fc.property(fc.array(fc.array(item, { minLength: 1, maxLength: 8 }), { maxLength: 8 }), (lists) => {
        let body = "";
        const values: number[] = [];
        lists.forEach((list, owner) => {
          values.push(owner, body.length + 2);
          body += `P:${list.map(([name, version, comma]) => ` ${name}${version}${comma}`).join("")}\n`;
        });
        const table = nameTable(provideEntries(bytesOf(body), values));
        lists.forEach((list, owner) => {
          for (const [name] of list) expect(table.lookUp(name)).toContain(owner);
        });
        expect(table.lookUp("Not-there")).toEqual([]);
      }),
    );
  });
});
