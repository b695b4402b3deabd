import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Content, contentOfBytes, readContent } from "#dist/bytes/content.js";
import { dataRuns, zeroContent } from "#dist/bytes/sparse-content.js";
import { compressGzipPieces, compressGzipStream } from "#dist/codec/compress-gzip.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { writeGcpTar } from "#dist/gpt/containers/gcp.js";
import { writeQcow2 } from "#dist/gpt/containers/qcow2.js";
import { readGcpArchive } from "#dist/gpt/containers/read-gcp.js";
import { readQcow2 } from "#dist/gpt/containers/read-qcow2.js";
import { readVhd } from "#dist/gpt/containers/read-vhd.js";
import { writeDynamicVhd, writeFixedVhd } from "#dist/gpt/containers/vhd.js";
import { forMutations } from "../../fixtures/mutate/mutations.js";
import { diskWith, sha256 } from "../disk-fixture.js";

const MEBIBYTE = 1 << 20;
const GIBIBYTE = 2 ** 30;
const vhd = { uniqueId: new Uint8Array(16).fill(7), timeSeconds: 0 };
const disk = diskWith(12 * MEBIBYTE, [
  [0, 17_408],
  [MEBIBYTE, 300_000],
  [7 * MEBIBYTE + 100, 5],
  [12 * MEBIBYTE - 512, 512],
]);

const formats: Readonly<Record<string, { write(disk: Content): Content; read(bytes: Uint8Array): Content }>> = {
  qcow2: { write: writeQcow2, read: (bytes) => readQcow2(contentOfBytes(bytes)).disk },
  "fixed VHD": { write: (one) => writeFixedVhd(one, vhd), read: (bytes) => readVhd(contentOfBytes(bytes)).disk },
  "dynamic VHD": { write: (one) => writeDynamicVhd(one, vhd), read: (bytes) => readVhd(contentOfBytes(bytes)).disk },
};

describe.each(Object.entries(formats))("%s", (name, { write, read }) => {
  it("is the same bytes each time, and gives the disk back", async () => {
    const sums: Readonly<Record<string, string>> = {
      qcow2: "ff30071b3bd7a234feff68077994c853ebb9456f151721ad7075098aa7f61490",
      "fixed VHD": "19d039a162f9b7b7b05ec1edf9708d786d440a920916ea000fe79d53298ff998",
      "dynamic VHD": "979c10f89df773386ea69013e5f7f74b766950d0e1666e7ffda65a5d502d2f64",
    };
    const written = write(disk);
    const bytes = await readContent(written);
    expect(await sha256(written)).toBe(sums[name]);
    const back = read(bytes);
    expect(back.size).toBe(disk.size);
    expect(await sha256(back)).toBe(await sha256(disk));
  });

  it("gives back any disk, whole and in its extents", async () => {
    const range = fc.tuple(fc.integer({ min: 0, max: 5 * MEBIBYTE }), fc.integer({ min: 1, max: 200_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 5 }), async (gaps) => {
        let at = 0;
        const ranges = gaps.map(([gap, length]) => {
          const offset = at + gap;
          at = offset + length;
          return [offset, length] as const;
        });
        const any = diskWith(Math.ceil((at + 1) / MEBIBYTE) * MEBIBYTE, ranges);
        const back = read(await readContent(write(any)));
        const whole = await readContent(any);
        expect(Buffer.compare(await readContent(back), whole)).toBe(0);
        const copy = new Uint8Array(whole.length);
        for (const { offset, content } of back.extents!()) copy.set(await readContent(content), offset);
        expect(Buffer.compare(copy, whole)).toBe(0);
      }),
      { numRuns: 12 },
    );
  });

  it("gives an error of its own for 2,000 damaged files, or reads them", async () => {
    const good = await readContent(write(diskWith(4 * MEBIBYTE, [[0, 1000]])));
    const end = good.length - 512;
    const places = {
      qcow2: [
        [0, 104],
        [3 * 65536, 64],
        [4 * 65536, 64],
      ],
      "fixed VHD": [[end, 85]],
    }[name] ?? [
      [end, 85],
      [512, 100],
      [1536, 8],
    ];
    let refused = 0;
    await forMutations(good, { count: 2000, places: places as never }, (bytes) => {
      try {
        const back = read(bytes) as ReturnType<typeof contentOfBytes>;
        for (const at of [0, 2 * MEBIBYTE, back.size - 1]) back.read(at, 100);
      } catch (error) {
        if (!(error instanceof AssembleError)) throw error;
        expect(error.code).toMatch(/^disk\/(qcow2|vhd)-(damaged|unsupported)$/);
        refused++;
      }
    });
    expect(refused).toBeGreaterThan(300);
  });
});

describe("writeQcow2", () => {
  it("stays small for a disk of terabytes", () => {
    expect(writeQcow2(diskWith(2 ** 44, [[2 ** 43, 10]])).size).toBe((1 + 1 + 1 + 4 + 1 + 1) * 65536);
  });
  it("has tables for data beyond one of each", async () => {
    // 600 MiB of clusters need two L2 tables and more than half of a refcount block.
    const size = 600 * MEBIBYTE;
    const data = zeroContent(size);
    const dense = { size, chunks: () => data.chunks() };
    const written = writeQcow2(dense);
    expect(written.size).toBe((1 + 1 + 1 + 1 + 2 + size / 65536) * 65536);
  });
});

describe("VHD", () => {
  it("has whole MiB, and the id and the time that were given", async () => {
    const options = { uniqueId: vhd.uniqueId, timeSeconds: 1_700_000_000 };
    const fixed = readVhd(contentOfBytes(await readContent(writeFixedVhd(diskWith(1000, []), options))));
    expect(fixed).toMatchObject({ kind: "fixed", uniqueId: "07".repeat(16), timeSeconds: 1_700_000_000 });
    expect(fixed.disk.size).toBe(MEBIBYTE);
    const early = readVhd(contentOfBytes(await readContent(writeDynamicVhd(diskWith(1000, []), vhd))));
    expect(early).toMatchObject({ kind: "dynamic", timeSeconds: 946_684_800 });
  });
  it.each([0, 2041 * GIBIBYTE])("refuses %d bytes", (size) => {
    expect(() => writeFixedVhd(zeroContent(size), vhd)).toThrow(expect.objectContaining({ code: "disk/size-invalid" }));
  });
});

describe("writeGcpTar", () => {
  const ranges = Array.from({ length: 30 }, (_, i) => [i * 30 * MEBIBYTE + 1000, 5000 + i] as const);
  const tar = writeGcpTar(diskWith(GIBIBYTE, ranges), { mtimeSeconds: 0 });
  const gzipped = async (content: Content): Promise<Content> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of compressGzipStream(content.chunks(), 1)) pieces.push(piece);
    return contentOfBytes(new Uint8Array(Buffer.concat(pieces)));
  };

  it("is the same bytes each time", async () => {
    expect(await sha256(tar)).toBe("b9bc27a736db8eab0b814e4f90a1df2edce64d4f11379ac4f47b1dec81c58291");
  });

  it("gives the disk back out of its archive", async () => {
    const { disk: back, segments } = await readGcpArchive(await gzipped(tar));
    expect(back.size).toBe(GIBIBYTE);
    expect(segments).toHaveLength(30);
    const zeros = new Uint8Array(MEBIBYTE);
    let at = 0;
    let data = 0;
    for await (const chunk of back.chunks()) {
      if (Buffer.compare(chunk, zeros.subarray(0, chunk.length)) !== 0)
        for (const byte of chunk) data += byte === 0 ? 0 : 1;
      at += chunk.length;
    }
    expect(at).toBe(GIBIBYTE);
    expect(data).toBe(ranges.reduce((total, [, length]) => total + length, 0));
  });

  it("wants whole GiB", () => {
    expect(() => writeGcpTar(zeroContent(GIBIBYTE + 512), { mtimeSeconds: 0 })).toThrow(
      expect.objectContaining({ code: "disk/size-invalid" }),
    );
  });

  it("refuses damaged archives", async () => {
    const bytes = await readContent(tar);
    const open = async (damage: (copy: Uint8Array) => Uint8Array): Promise<string | undefined> => {
      try {
        const { disk: back } = await readGcpArchive(contentOfBytes(gzipSync(damage(bytes.slice()))));
        for await (const _ of back.chunks());
      } catch (error) {
        return (error as AssembleError).code;
      }
      return undefined;
    };
    expect(await open((copy) => copy.subarray(0, 5000))).toBe("disk/gcp-damaged");
    expect(await open((copy) => copy.fill(0x31, 0, 1))).toBe("disk/gcp-damaged");
    expect(await open((copy) => copy.fill(0x37, 520, 530))).toBe("disk/gcp-damaged");
    await expect(readGcpArchive(contentOfBytes(new Uint8Array(100)))).rejects.toMatchObject({
      code: "codec/gzip-corrupt",
    });
  });
});

describe("gzip", () => {
  it("gives the same bytes however its input is cut", async () => {
    const content = diskWith(700_000, [[10, 600_000]]);
    const whole = await readContent(content);
    const cut = async function* (step: number) {
      for (let at = 0; at < whole.length; at += step) yield whole.subarray(at, at + step);
    };
    const sums = new Set<string>();
    for (const step of [999, 65_536, 262_144, 700_000]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of compressGzipStream(cut(step), 1)) pieces.push(piece);
      sums.add(await sha256(contentOfBytes(new Uint8Array(Buffer.concat(pieces)))));
    }
    let at = 0;
    const read = (target: Uint8Array): void => target.set(whole.subarray(at, (at += target.length)));
    const pieces = Array.from(compressGzipPieces(whole.length, { level: 1, read }), (piece) => piece.slice());
    sums.add(await sha256(contentOfBytes(new Uint8Array(Buffer.concat(pieces)))));
    expect([...sums]).toEqual(["2599cea1533b4b202b67a43730267be97fcaf70c08689500d95976d0544e1a94"]);
  });
});

describe("dataRuns", () => {
  it("of a disk's table and ESP are few", () => {
    expect(dataRuns(disk, 65536).map(({ start, end }) => [start, end])).toEqual([
      [0, 65536],
      [MEBIBYTE, MEBIBYTE + 5 * 65536],
      [7 * MEBIBYTE, 7 * MEBIBYTE + 65536],
      [12 * MEBIBYTE - 65536, 12 * MEBIBYTE],
    ]);
  });
});
