import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Content, contentOfBytes } from "#dist/bytes/content.js";
import { authenticodeDigest, authenticodeDigests } from "#dist/uki/pe/authenticode-digest.js";
import { makePe, makeStub, pattern } from "../../fixtures/pe/make-pe.js";

const CHECKSUM = 64 + 24 + 64;
const CERTIFICATE_ENTRY = 64 + 24 + 112 + 4 * 8;

function hashWithoutHoles(bytes: Uint8Array, algorithm: string): string {
  return createHash(algorithm)
    .update(bytes.subarray(0, CHECKSUM))
    .update(bytes.subarray(CHECKSUM + 4, CERTIFICATE_ENTRY))
    .update(bytes.subarray(CERTIFICATE_ENTRY + 8))
    .digest("hex");
}

describe("authenticodeDigest", () => {
  it("hashes everything but the checksum and the certificates' entry where sections follow one another", async () => {
    const bytes = makeStub();
    expect(await authenticodeDigest(contentOfBytes(bytes))).toBe(hashWithoutHoles(bytes, "sha256"));
    expect(await authenticodeDigests(contentOfBytes(bytes), ["sha384", "sha256"])).toEqual([
      hashWithoutHoles(bytes, "sha384"),
      hashWithoutHoles(bytes, "sha256"),
    ]);
  });

  it("is the same for a content that can only be streamed in small chunks", async () => {
    const bytes = makeStub();
    const streamed: Content = {
      size: bytes.length,
      async *chunks() {
        for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37);
      },
    };
    expect(await authenticodeDigest(streamed)).toBe(hashWithoutHoles(bytes, "sha256"));
  });

  it("does not change when the file is signed or its checksum set", async () => {
    const plain = makeStub();
    const signed = makeStub({ certificates: pattern(64, 9) });
    new DataView(signed.buffer).setUint32(CHECKSUM, 0x55555555, true);
    expect(signed.length).toBe(plain.length + 64);
    expect(await authenticodeDigest(contentOfBytes(signed))).toBe(await authenticodeDigest(contentOfBytes(plain)));
  });

  it("changes with any byte of headers, sections and trailing data", async () => {
    const bytes = makeStub({ trailing: pattern(100, 5) });
    const before = await authenticodeDigest(contentOfBytes(bytes));
    for (const at of [2, 0x3ff, 0x400, bytes.length - 1]) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      expect(await authenticodeDigest(contentOfBytes(changed)), `byte ${at}`).not.toBe(before);
    }
  });

  it("hashes sections in the order of their data, not of the table", async () => {
    const bytes = makePe({
      sections: [
        { name: ".a", data: pattern(512, 1) },
        { name: ".b", data: pattern(512, 2) },
      ],
    });
    const table = 64 + 24 + 240;
    const swapped = bytes.slice();
    swapped.set(bytes.subarray(table, table + 40), table + 40);
    swapped.set(bytes.subarray(table + 40, table + 80), table);
    expect(await authenticodeDigest(contentOfBytes(swapped))).toBe(hashWithoutHoles(swapped, "sha256"));
  });

  it("refuses sections that overlap", async () => {
    const bytes = makeStub();
    const view = new DataView(bytes.buffer);
    for (let i = 1; i < 5; i++) view.setUint32(64 + 24 + 240 + i * 40 + 16, bytes.length - 0x400, true);
    for (let i = 1; i < 5; i++) view.setUint32(64 + 24 + 240 + i * 40 + 20, 0x400, true);
    await expect(authenticodeDigest(contentOfBytes(bytes))).rejects.toMatchObject({ code: "uki/pe-invalid" });
  });
});
