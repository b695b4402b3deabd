/** Deflate against zlib of trixie, by way of Python: the same bytes at every level. */

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Deflater } from "#dist/codec/deflate.js";
import { randomNumbers, tangledData } from "../codec/sample-data.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { noise, prose } from "../fixtures/packing/trees.js";

const scratch = oracleScratch();
afterAll(() => scratch.remove());

/** Digests of what is made of the data between offsets: lines of START END LEVEL BITS. */
const SCRIPT = `
import hashlib, zlib
data = open("data", "rb").read()
assert zlib.ZLIB_RUNTIME_VERSION.startswith("1.3.1")
for line in open("runs"):
    start, end, level, bits = map(int, line.split())
    c = zlib.compressobj(level, zlib.DEFLATED, bits, 8)
    print(hashlib.sha256(c.compress(data[start:end]) + c.flush()).hexdigest())
`;
const BITS = { raw: -15, zlib: 15 } as const;
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** What is compressed, of the data between two offsets. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly level: number;
  readonly container: keyof typeof BITS;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function digestsOfZlib(data: Uint8Array, runs: readonly Run[]): string[] {
  writeFileSync(join(scratch.outside, "data"), data);
  const lines = runs.map(({ start, end, level, container }) => `${start} ${end} ${level} ${BITS[container]}\n`);
  writeFileSync(join(scratch.outside, "runs"), lines.join(""));
  return runInOracle(scratch.inside, ["python3", "-c", SCRIPT]).trim().split("\n");
}

it("makes the same bytes at every level", () => {
  const program = runInOracle(scratch.inside, ["cat", "/usr/bin/python3"], "latin1").slice(0, 600_000);
  const parts = [prose(200_000), noise(70_000), new Uint8Array(100_000), Buffer.from(program, "latin1")];
  const data = new Uint8Array(Buffer.concat(parts));
  const whole = { start: 0, end: data.length };
  const runs = LEVELS.flatMap((level) =>
    (["raw", "zlib"] as const).map((container) => ({ ...whole, level, container })),
  );
  const deflater = new Deflater();
  expect(runs.map((run) => sha256(deflater.compress(data, run)))).toEqual(digestsOfZlib(data, runs));
});

it("finds the same matches where strings come up thousands of times", () => {
  const sizes = randomNumbers(1);
  const inputs = Array.from({ length: 150 }, (_, i) => tangledData(1 + sizes(150_000), i + 1));
  const deflater = new Deflater();
  const runs: Run[] = [];
  const own: string[] = [];
  let start = 0;
  for (const input of inputs) {
    for (const level of [4, 6, 7, 8, 9]) {
      runs.push({ start, end: start + input.length, level, container: "raw" });
      own.push(sha256(deflater.compress(input, { level, container: "raw" })));
    }
    // Blocks that are filled go back to copies of the stream.
    const filled = deflater.fill(input, { level: 9, capacity: 1 + sizes(4096), guess: 1 + sizes(input.length) });
    if (filled) {
      runs.push({ start, end: start + filled.consumed, level: 9, container: "raw" });
      own.push(sha256(filled.block));
    }
    start += input.length;
  }
  expect(runs.length).toBeGreaterThan(800);
  expect(own).toEqual(digestsOfZlib(new Uint8Array(Buffer.concat(inputs)), runs));
});
