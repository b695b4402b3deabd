import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Content, contentOfBytes, readContent } from "#dist/bytes/content.js";
import { readVeritySuperblock, verifyVerity } from "#dist/filesystem/verity/verify-verity.js";
import { type VerityOptions, writeVerity } from "#dist/filesystem/verity/write-verity.js";
import { startWorkers } from "#dist/io/workers.js";
import { seededBytes } from "../../fixtures/seeded-bytes.js";
import { seededNumbers } from "../../fixtures/seeded-numbers.js";

const SALT = new Uint8Array(Buffer.from("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "hex"));
const UUID = "11111111-2222-3333-4444-555555555555";
const make = (data: Content, options: Partial<VerityOptions> = {}) =>
  writeVerity(data, { salt: SALT, uuid: UUID, ...options });
const blocks = (count: number, size = 4096): Content => contentOfBytes(seededBytes(count * size, count + 1));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("writeVerity", () => {
  it("makes the bytes that veritysetup made", async () => {
    const found = [];
    for (const [count, options] of [
      [1, {}],
      [2, {}],
      [129, {}],
      [40, { dataBlockSize: 1024, hashBlockSize: 512, algorithm: "sha512" }],
    ] as const) {
      const { hashTree, rootHash } = await make(blocks(count, 4096), options);
      found.push({ rootHash, tree: sha256(await readContent(hashTree)) });
    }
    expect(found).toMatchInlineSnapshot(`
      [
        {
          "rootHash": "345bd8f7912924dd35a0e625c7fbcbd59b155b152ce646103c201d842762b3d1",
          "tree": "9f3dc00c002b8f76b9613614d92e56edccf8a1c24b12d1f0adc86a16b97c6761",
        },
        {
          "rootHash": "d7ca4f1a8dfcdee6915de83fae70f123f8022f790435adc95529d08a97b9aa11",
          "tree": "051240f601a5e1db23c14baa5a06da30a889563e5448aae4067647a05c759093",
        },
        {
          "rootHash": "4c936735d972cfe4e3d8cd01a171c5dbb41632397aaa7d256c6bf4645893d9d8",
          "tree": "7172fe6c346185c79f1bc27f8a776279f59b212696984ae9fa6fb587adbab7d0",
        },
        {
          "rootHash": "e4c37c88ffda13b71890d1bd792bee4baa98cf2abde7605584c66566f26ffd8523c8610d48c13abcea150e125add3c5988b0f367eeb981acc892e34d0c601240",
          "tree": "7a5db11d76973e03c7407201b9b2f6a52c17cd4a85d6638790e0b80311491da1",
        },
      ]
    `);
  });

  it("gives the same bytes with workers and without, with the lowest level kept and not", async () => {
    const workers = startWorkers({ jobs: 2 });
    try {
      const data = blocks(1000);
      const plain = await make(data);
      const tree = await readContent(plain.hashTree);
      for (const options of [{ workers }, { keepBytes: 0 }, { workers, keepBytes: 0 }]) {
        const other = await make(data, options);
        expect(other.rootHash).toBe(plain.rootHash);
        expect(await readContent(other.hashTree)).toEqual(tree);
      }
    } finally {
      await workers.close();
    }
  });

  it("refuses data that changes before the tree is read", async () => {
    const bytes = seededBytes(300 * 4096, 7);
    const { hashTree } = await make(contentOfBytes(bytes), { keepBytes: 0 });
    bytes[200 * 4096]! ^= 1;
    await expect(readContent(hashTree)).rejects.toMatchObject({ code: "verity/data-changed" });
  });

  it("refuses what it cannot make", async () => {
    await expect(make(contentOfBytes(new Uint8Array(4097)))).rejects.toMatchObject({ code: "verity/size-unaligned" });
    await expect(make(contentOfBytes(new Uint8Array(0)))).rejects.toMatchObject({ code: "verity/unsupported" });
    await expect(make(blocks(1), { salt: new Uint8Array(257) })).rejects.toMatchObject({ code: "verity/unsupported" });
    await expect(make(blocks(3), { hashBlockSize: 3000 })).rejects.toMatchObject({ code: "verity/unsupported" });
  });
});

describe("verifyVerity", () => {
  it("accepts what was written and tells its salt and UUID", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom(512, 1024, 4096),
        fc.constantFrom("sha256" as const, "sha512" as const),
        async (count, hashBlockSize, algorithm) => {
          const data = blocks(count, 512);
          const { hashTree, rootHash } = await make(data, { dataBlockSize: 512, hashBlockSize, algorithm });
          const description = await verifyVerity(data, hashTree, { rootHash });
          expect(description.salt).toEqual(SALT);
          expect(description.uuid).toBe(UUID);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("names the block of each of 100 flipped bits, in data and tree", async () => {
    const count = 700;
    const size = 512;
    const data = seededBytes(count * size, 3);
    const { hashTree, rootHash } = await make(contentOfBytes(data), { dataBlockSize: size, hashBlockSize: size });
    const tree = await readContent(hashTree);
    const next = seededNumbers(99);
    for (let i = 0; i < 100; i++) {
      const inData = i % 2 === 0;
      const target = inData ? data : tree;
      // The UUID is the one field of the hash area that nothing vouches for.
      let at = next() % target.length;
      while (!inData && at >= 16 && at < 32) at = next() % target.length;
      const bit = 1 << (next() % 8);
      target[at]! ^= bit;
      const error = await verifyVerity(contentOfBytes(data), contentOfBytes(tree), { rootHash }).then(
        () => undefined,
        (cause: { code: string; message: string }) => cause,
      );
      if (inData) expect(error?.message).toContain(`block ${Math.floor(at / size)} of the data`);
      else expect(error?.code).toMatch(/^verity\/(corrupt|superblock-invalid)$/);
      target[at]! ^= bit;
    }
    await verifyVerity(contentOfBytes(data), contentOfBytes(tree), { rootHash });
  });

  it("refuses a tree that is cut off, data that is cut off, and another root hash", async () => {
    const data = seededBytes(10 * 4096, 1);
    const { hashTree, rootHash } = await make(contentOfBytes(data));
    const tree = await readContent(hashTree);
    const verify = (d: Uint8Array, t: Uint8Array, hash: string) =>
      verifyVerity(contentOfBytes(d), contentOfBytes(t), { rootHash: hash });
    await expect(verify(data, tree.subarray(0, 4096), rootHash)).rejects.toMatchObject({
      code: "verity/superblock-invalid",
    });
    await expect(verify(data, tree.subarray(0, 100), rootHash)).rejects.toMatchObject({
      code: "verity/superblock-invalid",
    });
    await expect(verify(data.subarray(0, 4096), tree, rootHash)).rejects.toMatchObject({ code: "verity/corrupt" });
    await expect(verify(data, tree, "00".repeat(32))).rejects.toMatchObject({ code: "verity/corrupt" });
    await expect(verify(data, tree, "00")).rejects.toMatchObject({ code: "verity/corrupt" });
  });

  it("ends with an error or a description for 2,000 damaged superblocks", async () => {
    const { hashTree } = await make(blocks(3));
    const tree = await readContent(hashTree);
    const next = seededNumbers(5);
    for (let i = 0; i < 2000; i++) {
      const copy = tree.slice();
      for (let n = next() % 4; n >= 0; n--) copy[next() % 100] = next() & 0xff;
      await readVeritySuperblock(contentOfBytes(copy)).catch((error: { code?: string }) => {
        expect(error.code).toBe("verity/superblock-invalid");
      });
    }
  });
});
