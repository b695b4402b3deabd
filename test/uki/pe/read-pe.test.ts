import { describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { readBzImage } from "#dist/uki/bzimage.js";
import { authenticodeDigest } from "#dist/uki/pe/authenticode-digest.js";
import { findSection, parsePe, readPe, sectionContent } from "#dist/uki/pe/read-pe.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { makeKernel, makePe, makeStub } from "../../fixtures/pe/make-pe.js";

describe("readPe", () => {
  it("reads headers, directories and sections", async () => {
    const stub = contentOfBytes(makeStub());
    const image = await readPe(stub);
    expect(image.coff.machine).toBe(0x8664);
    expect(image.optional.imageBase).toBe(0x14df90000n);
    expect(image.dataDirectories).toHaveLength(16);
    expect(image.sections.map((section) => section.name)).toEqual([".text", ".rodata", ".sbat", ".sdmagic", ".reloc"]);
    const magic = await readContent(sectionContent(stub, findSection(image, ".sdmagic")!));
    expect(new TextDecoder().decode(magic)).toBe("#### LoaderInfo: systemd-stub 257 ####");
  });

  const broken: [string, (bytes: Uint8Array, view: DataView) => void, RegExp][] = [
    ["another magic", (b) => b.set([0x7f, 0x45]), /start with MZ/],
    ["a header beyond the file", (_, v) => v.setUint32(60, 0x7fffffff, true), /CoffHeader at/],
    ["a header inside the DOS header", (_, v) => v.setUint32(60, 4, true), /PE header is at 4/],
    ["no PE signature", (b) => b.set([0x4e], 64), /no PE signature/],
    ["PE32", (_, v) => v.setUint16(64 + 24, 0x10b, true), /magic 0x10b/],
    ["too many directories", (_, v) => v.setUint32(64 + 24 + 108, 17, true), /17 data directories/],
    ["a short optional header", (_, v) => v.setUint16(64 + 20, 112, true), /optional header of 112 bytes/],
    ["an odd alignment", (_, v) => v.setUint32(64 + 24 + 36, 513, true), /fileAlignment is 513/],
    ["65,535 sections", (_, v) => v.setUint16(64 + 6, 0xffff, true), /section table ends at/],
    ["headers that end in the table", (_, v) => v.setUint32(64 + 24 + 60, 400, true), /headers are 400 bytes/],
    ["a section beyond the file", (_, v) => v.setUint32(64 + 24 + 240 + 16, 0xffffffff, true), /".text" ends at/],
    ["certificates beyond the file", (_, v) => v.setUint32(64 + 24 + 112 + 36, 0xffffffff, true), /certificates end/],
  ];
  it.each(broken)("refuses %s", (_, damage, message) => {
    const bytes = makeStub();
    damage(bytes, new DataView(bytes.buffer));
    expect(() => parsePe(bytes)).toThrow(expect.objectContaining({ code: "uki/pe-invalid" }));
    expect(() => parsePe(bytes)).toThrow(message);
  });

  it("refuses every truncation of the headers", () => {
    const bytes = makeStub();
    for (let size = 0; size < 0x400; size++) expect(() => parsePe(bytes.subarray(0, size))).toThrow(AssembleError);
  });
});

describe("hostile input", () => {
  it("ends in a result or a named error for 10,000 mutations", async () => {
    const stub = makeStub({ symbols: 7 });
    const kernel = makeKernel({ sbat: "sbat,1,x\nlinux,1,y\n" });
    let state = 0x2545f491;
    const next = (below: number) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    };
    const counts = { done: 0, refused: 0 };
    for (let round = 0; round < 10_000; round++) {
      const which = round % 2 === 0;
      let bytes = (which ? stub : kernel).slice();
      for (let n = next(4); n >= 0; n--) {
        const at = next(8) === 0 ? next(bytes.length) : next(0x270);
        const value = [0, 0xff, 0x7f, 0x80, next(256)][next(5)]!;
        bytes.fill(value, at, at + [1, 1, 2, 4][next(4)]!);
      }
      if (next(10) === 0) bytes = bytes.subarray(0, next(bytes.length));
      const content = contentOfBytes(bytes);
      try {
        if (which) {
          await authenticodeDigest(content);
          const uki = await writeUki({ stub: content, kernel: contentOfBytes(kernel), commandLine: "a" });
          expect(uki.size).toBeLessThan(32 << 20);
        } else {
          await readBzImage(content);
          await writeUki({ stub: contentOfBytes(stub), kernel: content });
        }
        counts.done++;
      } catch (error) {
        if (!(error instanceof AssembleError)) throw error;
        expect(error.code).toMatch(/^uki\//);
        counts.refused++;
      }
    }
    expect(counts.refused).toBeGreaterThan(1000);
    expect(counts.done).toBeGreaterThan(1000);
  });

  it("reads a stub with sections in any order of their data", async () => {
    const bytes = makePe({ sections: [{ name: ".a", data: new Uint8Array(10) }] });
    expect(parsePe(bytes).sections[0]!.pointerToRawData).toBe(0x400);
  });
});
