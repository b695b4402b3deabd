import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { verifyVerity } from "#dist/filesystem/verity/verify-verity.js";
import { writeVerity } from "#dist/filesystem/verity/write-verity.js";
import { startWorkers } from "#dist/io/workers.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { seededBytes } from "../fixtures/seeded-bytes.js";
import { seededNumbers } from "../fixtures/seeded-numbers.js";

const scratch = oracleScratch();
const workers = startWorkers({ jobs: 2 });
afterAll(async () => {
  scratch.remove();
  await workers.close();
});

interface Case {
  readonly blocks: number;
  readonly dataBlockSize: number;
  readonly hashBlockSize: number;
  readonly algorithm: "sha256" | "sha512";
  readonly saltBytes: number;
}

const common = { dataBlockSize: 4096, hashBlockSize: 4096, algorithm: "sha256", saltBytes: 32 } as const;
const next = seededNumbers(2026);
const pick = <T>(...values: T[]): T => values[next() % values.length]!;
const CASES: Case[] = [
  ...[1, 2, 127, 128, 129].map((blocks) => ({ ...common, blocks })),
  ...[128 * 128, 128 * 128 + 1].map((blocks) => ({ ...common, blocks, dataBlockSize: 512 })),
  ...Array.from({ length: 30 }, () => ({
    blocks: 1 + (next() % 3000),
    dataBlockSize: pick(512, 1024, 2048, 4096),
    hashBlockSize: pick(512, 1024, 2048, 4096),
    algorithm: pick("sha256" as const, "sha512" as const),
    saltBytes: pick(1, 8, 32, 255, 256),
  })),
];

describe("verity against veritysetup", () => {
  it.each(CASES)("$blocks blocks of $dataBlockSize, $hashBlockSize, $algorithm, salt $saltBytes", async (one) => {
    const { blocks, dataBlockSize, hashBlockSize, algorithm, saltBytes } = one;
    const data = seededBytes(blocks * dataBlockSize, blocks + hashBlockSize);
    const salt = seededBytes(saltBytes, blocks);
    const uuid = "9a0b1c2d-3e4f-5061-7283-94a5b6c7d8e9";
    const made = await writeVerity(contentOfBytes(data), {
      salt,
      uuid,
      algorithm,
      dataBlockSize,
      hashBlockSize,
      workers,
    });
    const tree = await readContent(made.hashTree);
    writeFileSync(join(scratch.outside, "data"), data);
    writeFileSync(join(scratch.outside, "theirs"), "");
    const said = runInOracle(scratch.inside, [
      "veritysetup",
      "format",
      "data",
      "theirs",
      `--salt=${Buffer.from(salt).toString("hex")}`,
      `--uuid=${uuid}`,
      `--hash=${algorithm}`,
      `--data-block-size=${dataBlockSize}`,
      `--hash-block-size=${hashBlockSize}`,
    ]);
    expect(/Root hash:\s+(\S+)/.exec(said)?.[1]).toBe(made.rootHash);
    const theirs = new Uint8Array(readFileSync(join(scratch.outside, "theirs")));
    expect(Buffer.compare(theirs, tree)).toBe(0);
    writeFileSync(join(scratch.outside, "ours"), tree);
    runInOracle(scratch.inside, ["veritysetup", "verify", "data", "ours", made.rootHash]);
    await verifyVerity(contentOfBytes(data), contentOfBytes(tree), { rootHash: made.rootHash, workers });
  });
});

describe("one bit", () => {
  it("flipped, 100 times, in data or tree, is found by us and by veritysetup", async () => {
    const blocks = 600;
    const data = seededBytes(blocks * 4096, 7);
    const uuid = "9a0b1c2d-3e4f-5061-7283-94a5b6c7d8e9";
    const made = await writeVerity(contentOfBytes(data), { salt: seededBytes(32, 8), uuid });
    const good = { data, tree: await readContent(made.hashTree) };
    const verify = (): string => runInOracle(scratch.inside, ["veritysetup", "verify", "data", "ours", made.rootHash]);
    writeFileSync(join(scratch.outside, "data"), good.data);
    writeFileSync(join(scratch.outside, "ours"), good.tree);
    verify();
    for (let i = 0; i < 100; i++) {
      const part = i % 2 === 0 ? "data" : "tree";
      // The superblock is nothing that the root hash says anything about.
      const from = part === "data" ? 0 : 4096;
      const bytes = good[part].slice();
      const at = from + (next() % (bytes.length - from));
      bytes[at]! ^= 1 << (next() % 8);
      const broken = { ...good, [part]: bytes };
      const ours = verifyVerity(contentOfBytes(broken.data), contentOfBytes(broken.tree), { rootHash: made.rootHash });
      const place = part === "data" ? `block ${Math.floor(at / 4096)} of the data` : "hash block";
      await expect(ours, `${part} ${at}`).rejects.toMatchObject({
        code: "verity/corrupt",
        message: expect.stringContaining(place),
      });
      const name = part === "data" ? "data" : "ours";
      writeFileSync(join(scratch.outside, name), bytes);
      expect(verify, `${part} ${at}`).toThrow(/Verification|failed|corrupt/i);
      writeFileSync(join(scratch.outside, name), good[part]);
    }
    verify();
  });
});
