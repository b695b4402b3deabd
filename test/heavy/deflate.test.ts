/** Deflate against zlib of trixie, by way of Python: the same bytes at every level. */

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Deflater } from "#dist/codec/deflate.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { noise, prose } from "../fixtures/packing/trees.js";

const scratch = oracleScratch();
afterAll(() => scratch.remove());

const SCRIPT = `
import hashlib, sys, zlib
data = open("data", "rb").read()
assert zlib.ZLIB_RUNTIME_VERSION.startswith("1.3.1")
for level in range(1, 10):
    for bits in (-15, 15):
        c = zlib.compressobj(level, zlib.DEFLATED, bits, 8)
        print(hashlib.sha256(c.compress(data) + c.flush()).hexdigest())
`;

it("makes the same bytes at every level", () => {
  const program = runInOracle(scratch.inside, ["cat", "/usr/bin/python3"], "latin1").slice(0, 600_000);
  const parts = [prose(200_000), noise(70_000), new Uint8Array(100_000), Buffer.from(program, "latin1")];
  const data = new Uint8Array(Buffer.concat(parts));
  writeFileSync(join(scratch.outside, "data"), data);
  const theirs = runInOracle(scratch.inside, ["python3", "-c", SCRIPT]).trim().split("\n");
  const deflater = new Deflater();
  const own = Array.from({ length: 9 }, (_, i) =>
    (["raw", "zlib"] as const).map((container) =>
      createHash("sha256")
        .update(deflater.compress(data, { level: i + 1, container }))
        .digest("hex"),
    ),
  ).flat();
  expect(own).toEqual(theirs);
});
