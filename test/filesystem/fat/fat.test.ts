import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Content, contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { extentsOf } from "#dist/bytes/sparse-content.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { BiosParameterBlock, Fat32BootSector, FsInfo } from "#dist/filesystem/fat/boot-sector.js";
import { fatTime, secondsOfFatTime } from "#dist/filesystem/fat/directory-entry.js";
import { planGeometry } from "#dist/filesystem/fat/geometry.js";
import { readFat } from "#dist/filesystem/fat/read-fat.js";
import { type FatEntry, type FatOptions, leastFatBytes, writeFat } from "#dist/filesystem/fat/write-fat.js";
import { forMutations } from "../../fixtures/mutate/mutations.js";

const MEBIBYTE = 1 << 20;
const options: FatOptions = { sizeBytes: 34 * MEBIBYTE, type: 32, volumeId: 0x1234abcd, label: "ESP" };
const pattern = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 9)) & 0xff);
const ENTRIES: readonly FatEntry[] = [
  { path: "EFI/BOOT/BOOTX64.EFI", content: contentOfBytes(pattern(70_001)), mtimeSeconds: 1_700_000_001 },
  { path: "loader/loader.conf", content: contentOfText("timeout 1\n") },
  { path: "loader/entries" },
  { path: "empty", content: contentOfText("") },
  { path: "Long names, with 𝄞 and Ümlaut.text", content: contentOfText("x") },
];

async function sha256(content: Content): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content.chunks()) hash.update(chunk);
  return hash.digest("hex");
}

async function listed(fat: Content): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  for (const { path, type, content } of readFat(contentOfBytes(await readContent(fat))).files())
    found[path] = type === "directory" ? undefined : Buffer.from(await readContent(content)).toString("latin1");
  return found;
}

const codeOf = (body: () => unknown): string | undefined => {
  try {
    body();
  } catch (error) {
    return (error as AssembleError).code;
  }
  return undefined;
};

describe("writeFat", () => {
  it.each([
    [16, "dffc4e5739e493dbba65e20947f14c6f832abf7f31bd3c01527ff9936b4409fe"],
    [32, "87aa39075e984540329f81077dbe004649751d6f61f249d55f3f3f582b98f3ae"],
  ] as const)("makes FAT%d of the same bytes each time, in whatever order files come", async (type, sum) => {
    const fat = writeFat(ENTRIES, { ...options, type });
    expect(await sha256(fat)).toBe(sum);
    expect(await sha256(writeFat([...ENTRIES].reverse(), { ...options, type }))).toBe(sum);
  });

  it.each([16, 32] as const)("FAT%d is read back as it was written", async (type) => {
    const fat = writeFat(ENTRIES, { ...options, type });
    const volume = readFat(contentOfBytes(await readContent(fat)));
    expect(volume).toMatchObject({ type, label: "ESP", volumeId: 0x1234abcd, sizeBytes: 34 * MEBIBYTE });
    const files = [...volume.files()];
    expect(files.map(({ path }) => path)).toEqual([
      "EFI",
      "Long names, with 𝄞 and Ümlaut.text",
      "empty",
      "loader",
      "EFI/BOOT",
      "EFI/BOOT/BOOTX64.EFI",
      "loader/entries",
      "loader/loader.conf",
    ]);
    const uki = files.find(({ path }) => path.endsWith(".EFI"))!;
    expect(uki.mtimeSeconds).toBe(1_700_000_000);
    expect(Buffer.compare(await readContent(uki.content), pattern(70_001))).toBe(0);
    expect(Buffer.compare(uki.content.read(69_990, 100), pattern(70_001).subarray(69_990))).toBe(0);
    expect(files.find(({ path }) => path === "EFI/BOOT")!.shortName).toBe("BOOT");
    expect(files.find(({ path }) => path === "loader/loader.conf")).toMatchObject({
      shortName: "LOADER~1.CON",
      mtimeSeconds: 315_532_800,
    });
  });

  it("holds only what it has to: the rest is a hole", () => {
    const fat = writeFat(ENTRIES, { ...options, sizeBytes: 64 * 2 ** 30 });
    const stored = [...extentsOf(fat)].reduce((sum, { content }) => sum + content.size, 0);
    expect(fat.size).toBe(64 * 2 ** 30);
    expect(stored).toBeLessThan(100_000);
  });

  it("counts what is free, keeps a copy of its first sectors, and states where its partition begins", async () => {
    const bytes = await readContent(writeFat(ENTRIES, { ...options, hiddenSectors: 2048 }));
    const boot = Fat32BootSector.decode(bytes);
    expect(boot).toMatchObject({ hiddenSectors: 2048, totalSectors32: 34 * 2048, media: 0xf8, backupBootSector: 6 });
    expect(bytes.subarray(6 * 512, 8 * 512)).toEqual(bytes.subarray(0, 2 * 512));
    const { clusters, reservedSectors } = planGeometry(options.sizeBytes, 32);
    // 137 clusters of the UKI, 3 directories, the root, and 2 small files of one cluster.
    expect(FsInfo.decode(bytes, 512)).toMatchObject({ freeClusters: clusters - 144, lastAllocated: 145 });
    expect(new DataView(bytes.buffer).getUint32(reservedSectors * 512, true)).toBe(0x0ffffff8);
  });

  it("gives alike names numbers, and upper-case names their own", async () => {
    const names = ["longname one.text", "longname two.text", "LONGNA~1.TEX", ".hidden", "a.b.c", "plus+sign"];
    const fat = writeFat(
      names.map((path) => ({ path, content: contentOfText(path) })),
      options,
    );
    const files = [...readFat(contentOfBytes(await readContent(fat))).files()];
    expect(Object.fromEntries(files.map(({ path, shortName }) => [path, shortName]))).toEqual({
      "longname one.text": "LONGNA~2.TEX",
      "longname two.text": "LONGNA~3.TEX",
      "LONGNA~1.TEX": "LONGNA~1.TEX",
      ".hidden": "HIDDEN~1",
      "a.b.c": "AB~1.C",
      "plus+sign": "PLUS_S~1",
    });
  });

  it("keeps any files, whatever their names and sizes", async () => {
    const name = fc
      .string({ minLength: 1, maxLength: 40, unit: "grapheme" })
      .filter((text) => !/[\x00-\x1f\x7f"*/:<>?\\|]|[. ]$/.test(text) && !/\p{Surrogate}/u.test(text) && text !== "");
    const file = fc.record({
      directory: fc.constantFrom("", "a/", "a/b c/", "EFI/"),
      name,
      size: fc.integer({ min: 0, max: 20_000 }),
    });
    const files = fc.uniqueArray(file, {
      maxLength: 30,
      selector: (one) => (one.directory + one.name).toUpperCase(),
    });
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom(16 as const, 32 as const), async (list, type) => {
        const clear = list.filter((one) => !["A", "B C", "EFI"].includes(one.name.toUpperCase()));
        const entries = clear.map((one) => ({
          path: one.directory + one.name,
          content: contentOfBytes(pattern(one.size)),
        }));
        const found = await listed(writeFat(entries, { ...options, type }));
        for (const { path, content } of entries)
          expect(found[path]).toBe(Buffer.from(content.read()).toString("latin1"));
        expect(Object.values(found).filter((one) => one !== undefined)).toHaveLength(entries.length);
      }),
      { numRuns: 12 },
    );
  });

  it.each<[string, readonly FatEntry[], Partial<FatOptions>]>([
    ["fat/size-invalid", [], { sizeBytes: 30 * MEBIBYTE }],
    ["fat/size-invalid", [], { sizeBytes: 4 * MEBIBYTE, type: 16 }],
    ["fat/size-invalid", [], { sizeBytes: 5 * 2 ** 30, type: 16 }],
    ["fat/size-invalid", [], { sizeBytes: 3 * 2 ** 40 }],
    ["fat/size-invalid", [], { sizeBytes: Number.NaN }],
    ["fat/too-small", [{ path: "a", content: { size: 40 * MEBIBYTE, chunks: async function* () {} } }], {}],
    ["fat/file-too-large", [{ path: "a", content: { size: 2 ** 32, chunks: async function* () {} } }], {}],
    ["fat/name-clash", [{ path: "a/b" }, { path: "A" }], {}],
    ["fat/name-clash", [{ path: "a", content: contentOfText("") }, { path: "a/b" }], {}],
    ["fat/name-clash", [{ path: "a/b" }, { path: "a", content: contentOfText("") }], {}],
    ["fat/name-invalid", [{ path: "a:b" }], {}],
    ["fat/name-invalid", [{ path: "../x" }], {}],
    ["fat/name-invalid", [{ path: "dot." }], {}],
    ["fat/name-invalid", [{ path: "x".repeat(256) }], {}],
    ["fat/name-invalid", [{ path: "\ud800" }], {}],
    ["fat/label-invalid", [], { label: "lower" }],
    ["fat/label-invalid", [], { label: "TWELVE CHARS" }],
    ["fat/directory-full", Array.from({ length: 300 }, (_, i) => ({ path: `long name ${i}` })), { type: 16 }],
  ])("refuses with %s", (code, entries, changed) => {
    expect(codeOf(() => writeFat(entries, { ...options, ...changed }))).toBe(code);
  });

  it("finds the smallest size that files fit into", () => {
    const entries = [{ path: "x", content: contentOfBytes(new Uint8Array(50 * MEBIBYTE)) }];
    const least = leastFatBytes(entries, options);
    expect(codeOf(() => writeFat(entries, { ...options, sizeBytes: least }))).toBeUndefined();
    expect(codeOf(() => writeFat(entries, { ...options, sizeBytes: least - MEBIBYTE }))).toBe("fat/too-small");
    expect(least / MEBIBYTE).toBe(51);
  });
});

describe("fatTime", () => {
  it("clamps to what FAT can say", () => {
    expect(fatTime(0)).toEqual({ date: (1 << 5) | 1, time: 0, tenths: 0 });
    expect(fatTime(2 ** 40)).toEqual({
      date: (127 << 9) | (12 << 5) | 31,
      time: (23 << 11) | (59 << 5) | 29,
      tenths: 0,
    });
    expect(fatTime(1_700_000_001).tenths).toBe(100);
  });
  it("is read back to two seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 315_532_800, max: 4_354_819_198 }), (seconds) => {
        const { date, time } = fatTime(seconds);
        expect(secondsOfFatTime(date, time)).toBe(seconds - (seconds % 2));
      }),
    );
  });
});

describe("readFat", () => {
  it("gives an error of its own for 1,000 damaged file systems, or reads them", async () => {
    const good = await readContent(writeFat(ENTRIES, { ...options, type: 16, sizeBytes: 9 * MEBIBYTE }));
    const { reservedSectors, sectorsPerFat, firstDataSector } = planGeometry(9 * MEBIBYTE, 16);
    const tables = reservedSectors * 512;
    const places = [
      [0, 64],
      [tables, 300],
      [tables + 2 * sectorsPerFat * 512, 512],
      [firstDataSector * 512, 4096],
    ] as const;
    let refused = 0;
    await forMutations(good, { count: 1000, places }, async (bytes) => {
      try {
        let total = 0;
        for (const { content } of readFat(contentOfBytes(bytes)).files())
          if (content.size < MEBIBYTE) total += (await readContent(content)).length;
        expect(total).toBeLessThan(64 * MEBIBYTE);
      } catch (error) {
        if (!(error instanceof AssembleError)) throw error;
        expect(error.code).toMatch(/^fat\/(damaged|not-fat)$/);
        refused++;
      }
    });
    expect(refused).toBeGreaterThan(100);
  });

  it.each([
    ["a chain that leads into itself", (view: DataView, table: number) => view.setUint16(table + 2 * 2, 2, true)],
    ["a chain that leads outside", (view: DataView, table: number) => view.setUint16(table + 2 * 2, 0xfff0, true)],
    ["a chain that leads to a free cluster", (view: DataView, table: number) => view.setUint16(table + 2 * 2, 0, true)],
  ])("refuses %s", async (_, damage) => {
    const bytes = await readContent(writeFat([{ path: "d/e" }], { ...options, type: 16, sizeBytes: 9 * MEBIBYTE }));
    const { reservedSectors } = BiosParameterBlock.decode(bytes);
    damage(new DataView(bytes.buffer), reservedSectors * 512);
    expect(codeOf(() => [...readFat(contentOfBytes(bytes)).files()])).toBe("fat/damaged");
  });

  it("refuses what is no FAT", () => {
    expect(codeOf(() => readFat(contentOfBytes(new Uint8Array(4096))))).toBe("fat/not-fat");
    expect(codeOf(() => readFat(contentOfBytes(new Uint8Array(0))))).toBe("fat/not-fat");
  });
});
