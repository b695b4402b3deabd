/**
 * hwdb.bin: golden digests are of the files that `systemd-hwdb --usr update` of systemd 257 made of the same sources; the tree of the base image
 * is compared whole in test/heavy.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { compileHwdb } from "#dist/rootfs/helpers/systemd/hwdb-file.js";
import { StringTable } from "#dist/rootfs/helpers/systemd/string-table.js";

const source = (name: string, text: string) => ({
  path: `/usr/lib/udev/hwdb.d/${name}.hwdb`,
  bytes: new Uint8Array(Buffer.from(text, "latin1")),
});

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Sources that split nodes, share tails, override values and hold what is ignored. */
const SOURCES = [
  source(
    "20-one",
    "# a comment\nabc*\nabd*\n KEY=value\n OTHER=longer value  # and a comment\n\nab\n KEY=short\n\nabcdef\n KEY=value\n lost\nstray\n KEY=1\n\n",
  ),
  source("30-two", "abc*\n KEY=overridden\n   SPACED=x\n \tTABBED=y\n\nxyz\nabc\n KEY=ue\n EMPTY=\n\n\nlast\n K=v"),
];

/** Many patterns, so that the tables grow and every node has several children. */
function generated(): string {
  const lines: string[] = [];
  for (let i = 0; i < 5000; i++) {
    const hash = createHash("sha256").update(String(i)).digest("hex");
    lines.push(
      `pci:v0000${hash.slice(0, 4)}d0000${hash.slice(4, 8 - (i % 3))}*`,
      ` ID_MODEL=${hash.slice(8, 8 + (i % 40))}`,
      "",
    );
  }
  return lines.join("\n");
}

describe("compileHwdb", () => {
  it("makes what systemd-hwdb makes", () => {
    expect(digest(compileHwdb(SOURCES, 257))).toBe("2128d47df4cb69b02057f2b306ebce5034a94c1ee4a7fff035e13591fb3cb710");
  });

  it("of thousands of patterns", () => {
    expect(digest(compileHwdb([source("20-one", generated())], 257))).toBe(
      "42f659f9a1870cda5d5bab7d3d362cb2041636c86c2ddd7d9c1cd8657e6a6309",
    );
  });
});

describe("StringTable", () => {
  it("points a tail of an earlier string into it, and keeps every string readable", () => {
    const table = new StringTable(1);
    const texts = ["value", "ue", "", "lue", "x", "other value", "value"];
    const offsets = texts.map((text) => table.add(text));
    const stored = Buffer.from(table.bytes()).toString("latin1");
    for (const [i, text] of texts.entries())
      expect(stored.slice(offsets[i], stored.indexOf("\0", offsets[i]))).toBe(text);
    expect(offsets[6]).toBe(offsets[0]);
    expect(stored).toBe("\0value\0x\0other value\0");
  });
});
