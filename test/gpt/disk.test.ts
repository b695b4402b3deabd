import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import type { RecipeDisk } from "#dist/config/recipe-parts.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { readFat } from "#dist/filesystem/fat/read-fat.js";
import { espSource } from "#dist/gpt/esp.js";
import { partitionTypeUuid } from "#dist/gpt/partition-types.js";
import { type DiskPlan, type PartitionSource, planDisk } from "#dist/gpt/plan-disk.js";
import { readGpt } from "#dist/gpt/read-gpt.js";
import { writeDisk } from "#dist/gpt/write-disk.js";
import { forMutations } from "../fixtures/mutate/mutations.js";
import { pattern, SEED, sha256 } from "./disk-fixture.js";

const MEBIBYTE = 1 << 20;
const GIBIBYTE = 2 ** 30;
const auto: RecipeDisk = { sizeBytes: "auto", espSizeBytes: "auto", layout: "standard", partitions: [] };
const PATTERN = pattern(3 * MEBIBYTE);
const source = (bytes: number, uuid?: string): PartitionSource => ({
  bytes,
  uuid,
  fill: () => contentOfBytes(PATTERN.subarray(0, bytes)),
});
const esp = new Map([["esp", source(3 * MEBIBYTE)]]);

function plan(disk: Partial<RecipeDisk>, contents: ReadonlyMap<string, PartitionSource> = esp, roundTo?: number) {
  return planDisk({ ...auto, ...disk }, { seed: SEED, contents, roundTo });
}

const codeOf = (body: () => unknown): string | undefined => {
  try {
    body();
  } catch (error) {
    return (error as AssembleError).code;
  }
  return undefined;
};

const places = ({ partitions }: DiskPlan) =>
  partitions.map(({ label, startLba, sectors }) => [label, startLba / 2048, sectors / 2048]);

describe("planDisk", () => {
  it("makes a partition for each content, as large as it, and the disk around them", () => {
    const contents = new Map([...esp, ["root", source(MEBIBYTE + 1)], ["root-verity", source(4096)]]);
    const made = plan({}, contents);
    expect(places(made)).toEqual([
      ["esp", 1, 3],
      ["root", 4, 2],
      ["root-verity", 6, 1],
    ]);
    expect(made.diskBytes).toBe(8 * MEBIBYTE);
    expect(made.firstUsableLba).toBe(34);
  });

  it("takes ids from the seed and the label, or from the content", () => {
    const uuid = "00112233-4455-6677-8899-aabbccddeeff";
    const partitions = [{ type: "esp" }, { type: "root" }, { type: "var", sizeBytes: 1, label: "data" }] as const;
    const made = plan({ partitions }, new Map([...esp, ["root", source(1, uuid)]]));
    expect(made.diskUuid).toBe("4b9a772f-428f-816b-97fb-2230fe61bb56");
    expect(made.partitions.map((one) => one.uuid)).toEqual([
      "8dd937cf-5671-85a2-a470-567f758eb947",
      uuid,
      expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    ]);
    expect(made.partitions.map((one) => one.typeUuid)).toEqual(["esp", "root", "var"].map(partitionTypeUuid));
    const twice = plan({
      partitions: [{ type: "esp" }, { type: "swap", sizeBytes: 1 }, { type: "swap", sizeBytes: 1 }],
    });
    expect(new Set(twice.partitions.map((one) => one.uuid)).size).toBe(3);
  });

  it("gives what is left to the one partition without a size", () => {
    const partitions = [
      { type: "esp" },
      { type: "linux-generic", label: "data" },
      { type: "swap", sizeBytes: MEBIBYTE },
    ];
    const made = plan({ sizeBytes: 100 * MEBIBYTE, partitions });
    expect(places(made)).toEqual([
      ["esp", 1, 3],
      ["data", 4, 94],
      ["swap", 98, 1],
    ]);
    expect(made.diskBytes).toBe(100 * MEBIBYTE);
  });

  it("rounds the disk, and makes an ESP as large as the recipe says", () => {
    expect(plan({}, esp, GIBIBYTE).diskBytes).toBe(GIBIBYTE);
    expect(places(plan({ espSizeBytes: 10 * MEBIBYTE }))).toEqual([["esp", 1, 10]]);
    expect(plan({ sizeBytes: 5 * MEBIBYTE + 1 }).diskBytes).toBe(6 * MEBIBYTE);
  });

  it("makes exactly the measured layout", () => {
    const uki = contentOfBytes(pattern(1000));
    const layout = "gcp-flashbots";
    const made = plan(
      { layout },
      new Map([["esp", espSource(uki, { seed: SEED, mtimeSeconds: 0, layout, auto: true })]]),
    );
    expect(made).toMatchObject({
      diskBytes: GIBIBYTE,
      diskUuid: "12345678-1234-5678-1234-567812345678",
      firstUsableLba: 2048,
    });
    expect(made.partitions).toMatchObject([
      {
        typeUuid: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
        uuid: "87654321-4321-8765-4321-876543218765",
        label: "esp",
        startLba: 2048,
        sectors: 260 * 2048,
        attributes: 0n,
      },
    ]);
    const large = { size: 300_000_001, chunks: uki.chunks };
    const source = espSource(large, { seed: SEED, mtimeSeconds: 0, layout, auto: true });
    expect(source.bytes).toBe(Math.ceil((300_000_001 + 32 * MEBIBYTE) / 4096) * 4096);
  });

  it.each<[string, Partial<RecipeDisk>]>([
    ["disk/content-missing", { partitions: [{ type: "esp" }, { type: "esp" }] }],
    ["disk/content-missing", { partitions: [{ type: "esp" }, { type: "root" }] }],
    ["disk/content-without-partition", { partitions: [{ type: "var", sizeBytes: 1 }] }],
    ["disk/partition-size", { partitions: [{ type: "esp" }, { type: "var" }] }],
    ["disk/partition-size", { sizeBytes: GIBIBYTE, partitions: [{ type: "esp" }, { type: "var" }, { type: "srv" }] }],
    ["disk/partition-size", { espSizeBytes: MEBIBYTE }],
    ["disk/partition-size", { partitions: [{ type: "esp", sizeBytes: MEBIBYTE }] }],
    ["disk/too-small", { sizeBytes: 4 * MEBIBYTE }],
    ["disk/too-small", { sizeBytes: 5 * MEBIBYTE, partitions: [{ type: "esp" }, { type: "var" }] }],
    ["disk/too-many-partitions", { partitions: Array.from({ length: 129 }, () => ({ type: "esp" })) }],
    ["disk/layout-fixed", { layout: "gcp-flashbots", partitions: [{ type: "esp" }, { type: "var", sizeBytes: 1 }] }],
  ])("refuses with %s", (code, disk) => {
    expect(codeOf(() => plan(disk))).toBe(code);
  });
});

describe("writeDisk", () => {
  const partitions = [{ type: "esp" }, { type: "linux-generic", label: "persistent", sizeBytes: 2 * MEBIBYTE }];
  const disk = writeDisk(plan({ partitions }));

  it("is the same bytes each time, and read back as it was written", async () => {
    expect(await sha256(disk)).toBe("5fb3e694a038ecb0a90a04942843398f45feaefa551dcb2825a8396e81855f11");
    const bytes = contentOfBytes(await readContent(disk));
    const gpt = readGpt(bytes);
    const planned = plan({ partitions });
    expect(gpt).toMatchObject({
      diskUuid: planned.diskUuid,
      firstUsableLba: 34,
      lastUsableLba: 7 * 2048 - 34,
      problems: [],
    });
    expect(gpt.partitions).toEqual(planned.partitions.map(({ content: _, ...one }, i) => ({ number: i + 1, ...one })));
    expect(Buffer.compare(bytes.read(MEBIBYTE, 3 * MEBIBYTE), pattern(3 * MEBIBYTE))).toBe(0);
  });

  it("holds an ESP that firmware finds its program in", async () => {
    const uki = contentOfBytes(pattern(100_000));
    const options = { seed: SEED, mtimeSeconds: 0, layout: "standard", auto: true } as const;
    const made = plan({}, new Map([["esp", espSource(uki, options)]]));
    const { content, sectors, startLba } = made.partitions[0]!;
    expect(sectors * 512).toBe(66 * MEBIBYTE);
    const volume = readFat(contentOfBytes(await readContent(content!)));
    expect(volume).toMatchObject({ type: 32, label: "ESP" });
    const found = [...volume.files()].find(({ path }) => path === "EFI/BOOT/BOOTX64.EFI")!;
    expect(Buffer.compare(found.content.read(), uki.read())).toBe(0);
    expect(startLba).toBe(2048);
  });

  it("costs nothing where there is nothing", async () => {
    const huge = writeDisk(plan({ sizeBytes: 2 ** 44, partitions: [{ type: "esp" }, { type: "var" }] }));
    expect(huge.size).toBe(2 ** 44);
    const stored = [...huge.extents!()].reduce((sum, { content }) => sum + content.size, 0);
    expect(stored).toBeLessThan(4 * MEBIBYTE);
  });

  it("refuses plans of partitions that overlap each other or a table, or leave the disk", () => {
    const good = plan({ partitions });
    const moved = (number: number, change: Partial<DiskPlan["partitions"][number]>): DiskPlan => ({
      ...good,
      partitions: good.partitions.map((one, i) => (i === number ? { ...one, content: undefined, ...change } : one)),
    });
    const [first, second] = good.partitions as [DiskPlan["partitions"][number], DiskPlan["partitions"][number]];
    const wrong = [
      moved(0, { startLba: 33 }),
      moved(0, { sectors: second.startLba - first.startLba + 1 }),
      moved(1, { startLba: first.startLba + first.sectors - 1 }),
      moved(1, { startLba: first.startLba }),
      moved(1, { sectors: 0 }),
      moved(1, { sectors: good.diskBytes / 512 - 33 - second.startLba + 1 }),
    ];
    for (const one of wrong) expect(codeOf(() => writeDisk(one))).toBe("disk/partitions-overlap");
    expect(codeOf(() => writeDisk(moved(1, { sectors: good.diskBytes / 512 - 33 - second.startLba })))).toBeUndefined();
    expect(codeOf(() => writeDisk(moved(0, { startLba: 34, sectors: second.startLba - 34 })))).toBeUndefined();
  });

  it("is read from its second table where the first is damaged, and says so", async () => {
    const bytes = await readContent(disk);
    bytes[512 + 60]! ^= 1;
    const gpt = readGpt(contentOfBytes(bytes));
    expect(gpt.problems).toEqual(["the first header has a wrong checksum"]);
    expect(gpt.partitions).toHaveLength(2);
    const grown = new Uint8Array(bytes.length + MEBIBYTE);
    grown.set(await readContent(disk));
    expect(readGpt(contentOfBytes(grown)).problems).toEqual([
      "the disk goes on after its last header, by 2048 sectors",
    ]);
    bytes[bytes.length - 512]! ^= 1;
    expect(codeOf(() => readGpt(contentOfBytes(bytes)))).toBe("gpt/damaged");
  });

  it("gives an error of its own for 1,000 damaged tables, or reads them", async () => {
    const good = await readContent(writeDisk(plan({}, new Map([["esp", source(512)]]))));
    let refused = 0;
    const places = [
      [512, 92],
      [1024, 128],
      [good.length - 512, 92],
    ] as const;
    await forMutations(good, { count: 1000, places }, (bytes) => {
      try {
        const { partitions, problems } = readGpt(contentOfBytes(bytes));
        expect(partitions.length + problems.length).toBeGreaterThan(0);
      } catch (error) {
        if (!(error instanceof AssembleError)) throw error;
        refused++;
      }
    });
    expect(refused).toBeGreaterThan(30);
  });
});
