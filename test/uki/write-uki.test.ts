import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Content, concatContents, contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { findSection, parsePe, readPe, sectionContent } from "#dist/uki/pe/read-pe.js";
import { type UkiParts, writeUki } from "#dist/uki/write-uki.js";
import { goldenUkis } from "../fixtures/pe/golden-ukis.js";
import { makeKernel, makeStub, pattern } from "../fixtures/pe/make-pe.js";

const stub = contentOfBytes(makeStub());
const kernel = contentOfBytes(makeKernel());

async function sha256(content: Content): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content.chunks()) hash.update(chunk);
  return hash.digest("hex");
}

async function sections(parts: UkiParts): Promise<Map<string, string>> {
  const uki = await writeUki(parts);
  const texts = new Map<string, string>();
  for (const header of (await readPe(uki)).sections)
    texts.set(header.name, Buffer.from(await readContent(sectionContent(uki, header))).toString("latin1"));
  return texts;
}

describe("writeUki", () => {
  it.each(goldenUkis.map((golden) => [golden.name, golden] as const))("%s", async (_, golden) => {
    expect(await sha256(await writeUki(golden.parts))).toBe(golden.sha256);
    expect(await sha256(await writeUki(golden.parts))).toBe(golden.sha256);
  });

  it("orders sections like ukify and leaves out what is empty", async () => {
    const all = await sections({
      stub,
      kernel,
      osRelease: contentOfText("ID=x\n"),
      commandLine: "a b",
      splash: contentOfText("BM"),
      pcrPublicKey: contentOfText("KEY"),
      initrd: contentOfText("INITRD"),
      microcode: contentOfText("UCODE"),
      sections: [{ name: ".foo", content: contentOfText("bar") }],
      sbat: ["mine,1,me", "sbat,1,not twice", "other,2,you"],
    });
    expect([...all.keys()]).toEqual(
      ".text .rodata .sbat .sdmagic .reloc .osrel .cmdline .uname .splash .pcrpkey .linux .initrd .ucode .foo".split(
        " ",
      ),
    );
    expect(all.get(".uname")).toBe("6.12.60+test");
    expect(all.get(".cmdline")).toBe("a b");
    expect(all.get(".initrd")).toBe("INITRD");
    expect(all.get(".sbat")).toBe(
      "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md\n" +
        "systemd-stub,1,X,systemd,257,https://example.org/\nmine,1,me\nother,2,you\n\0",
    );
    const few = await sections({ stub, kernel, uname: false, commandLine: "", initrd: contentOfText("") });
    expect([...few.keys()]).toEqual([".text", ".rodata", ".sbat", ".sdmagic", ".reloc", ".linux"]);
  });

  it("states headers that fit the file", async () => {
    const uki = await writeUki({ stub, kernel, initrd: contentOfBytes(pattern(70_001)) });
    const bytes = await readContent(uki);
    const { coff, optional, sections: headers } = parsePe(bytes);
    expect(bytes.length).toBe(uki.size);
    expect(coff.timeDateStamp).toBe(0x12345678);
    expect(optional.checkSum).toBe(0);
    let end = 0;
    for (const header of headers) {
      expect(header.virtualAddress % optional.sectionAlignment).toBe(0);
      expect(header.virtualAddress).toBeGreaterThanOrEqual(end);
      expect(header.pointerToRawData % optional.fileAlignment).toBe(0);
      end = header.virtualAddress + header.virtualSize;
    }
    expect(optional.sizeOfImage).toBe(Math.ceil(end / 0x1000) * 0x1000);
    const linux = findSection(parsePe(bytes), ".linux")!;
    expect(linux.characteristics).toBe(0x40000020);
    expect(findSection(parsePe(bytes), ".initrd")!.characteristics).toBe(0x40000040);
    expect(optional.sizeOfInitializedData).toBe(0x2345 + kernel.size + 70_001 + "6.12.60+test".length);
  });

  it("keeps NX_COMPAT where stub and kernel have it", async () => {
    const characteristics = async (nxStub: number, nxCompat: boolean) =>
      (
        await readPe(
          await writeUki({
            stub: contentOfBytes(makeStub({ dllCharacteristics: nxStub })),
            kernel: contentOfBytes(makeKernel({ nxCompat })),
          }),
        )
      ).optional.dllCharacteristics;
    expect(await characteristics(0x160, true)).toBe(0x160);
    expect(await characteristics(0x160, false)).toBe(0x60);
    expect(await characteristics(0x60, true)).toBe(0x60);
  });

  it("streams: never holds kernel or initrd", async () => {
    let given = 0;
    const large: Content = {
      size: 300 << 20,
      async *chunks() {
        const chunk = new Uint8Array(1 << 20);
        for (let at = 0; at < 300; at++) {
          given += chunk.length;
          yield chunk;
        }
      },
    };
    const uki = await writeUki({ stub, kernel, initrd: large });
    expect(given).toBe(0);
    let taken = 0;
    let small = 0;
    for await (const chunk of uki.chunks()) {
      taken += chunk.length;
      if (chunk.length < 1 << 16) small++;
      expect(given - taken).toBeLessThan(2 << 20);
    }
    expect(taken).toBe(uki.size);
    expect(small).toBeLessThanOrEqual(1);
  });

  it("gives the same bytes for a source in any chunks", async () => {
    const initrd = pattern(200_003);
    const chunked = (step: number): Content => ({
      size: initrd.length,
      async *chunks() {
        for (let at = 0; at < initrd.length; at += step) yield initrd.subarray(at, at + step);
      },
    });
    const digests = new Set<string>();
    for (const step of [999, 65536, 65537, 200_003])
      digests.add(await sha256(await writeUki({ stub, kernel, initrd: chunked(step) })));
    expect(digests.size).toBe(1);
  });

  it("fails when a source has not the size that it stated", async () => {
    for (const [stated, real] of [
      [10, 9],
      [10, 11],
    ] as const) {
      const liar: Content = { size: stated, chunks: () => contentOfBytes(new Uint8Array(real)).chunks() };
      const uki = await writeUki({ stub, kernel, initrd: liar });
      await expect(readContent(uki)).rejects.toThrow(RangeError);
    }
  });

  const refused: [string, string, Partial<UkiParts>][] = [
    ["uki/stub-signed", "a signed stub", { stub: contentOfBytes(makeStub({ certificates: pattern(16) })) }],
    ["uki/stub-invalid", "a stub for arm64", { stub: contentOfBytes(makeStub({ machine: 0xaa64 })) }],
    [
      "uki/stub-invalid",
      "bytes after the symbols",
      { stub: contentOfBytes(makeStub({ symbols: 3, trailing: pattern(5) })) },
    ],
    ["uki/stub-invalid", "a huge stub", { stub: { size: 1 << 30, chunks: stub.chunks } }],
    ["uki/pe-invalid", "a stub that is text", { stub: contentOfText("#!/bin/sh\n") }],
    ["uki/kernel-invalid", "a kernel that is text", { kernel: contentOfText("#!/bin/sh\n") }],
    ["uki/kernel-invalid", "a PE file that is no kernel", { kernel: stub }],
    ["uki/command-line-too-long", "a long command line", { commandLine: "é".repeat(1024) }],
    ["uki/command-line-invalid", "a line break", { commandLine: "a\nb" }],
    ["uki/section-name", "a long name", { sections: [{ name: ".ninechar", content: contentOfText("x") }] }],
    ["uki/section-name", "a section twice", { sections: [{ name: ".linux", content: contentOfText("x") }] }],
    ["uki/sbat-too-large", "more SBAT than the stub has room for", { sbat: [`x,1,${"y".repeat(500)}`] }],
    [
      "uki/section-table-full",
      "more sections than the headers hold",
      { sections: Array.from({ length: 20 }, (_, i) => ({ name: `.s${i}`, content: contentOfText("x") })) },
    ],
    ["uki/too-large", "4 GiB of initrd", { initrd: { size: 0xfffff000, chunks: stub.chunks } }],
  ];
  it.each(refused)("%s: refuses %s", async (code, _, parts) => {
    await expect(writeUki({ stub, kernel, ...parts })).rejects.toMatchObject({ code, name: "AssembleError" });
  });

  it("takes as many sections as the headers hold", async () => {
    // 0x400 bytes of headers from 328 on hold 17 entries: 5 of the stub, .uname, .linux, and 10 more
    const extra = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ name: `.s${i}`, content: contentOfText("x") }));
    expect((await readPe(await writeUki({ stub, kernel, sections: extra(10) }))).sections).toHaveLength(17);
    await expect(writeUki({ stub, kernel, sections: extra(11) })).rejects.toMatchObject({
      code: "uki/section-table-full",
    });
  });

  it("appends an SBAT where the stub has none", async () => {
    const bare = contentOfBytes(makeStub({ sbat: false }));
    const names = [...(await sections({ stub: bare, kernel })).keys()];
    expect(names.at(-1)).toBe(".sbat");
  });

  it("keeps one initrd as it is and takes a concatenation as one", async () => {
    const one = contentOfText("12345");
    expect((await sections({ stub, kernel, initrd: [one] })).get(".initrd")).toBe("12345");
    expect((await sections({ stub, kernel, initrd: concatContents([one, one]) })).get(".initrd")).toBe("1234512345");
    expect((await sections({ stub, kernel, initrd: [one, one] })).get(".initrd")).toBe("12345\0\0\0".repeat(2));
  });
});
