/**
 * Our UKIs against trixie's ukify 257, byte by byte: both of Debian's stubs, real and synthetic inputs.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Content, contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { readBzImage } from "#dist/uki/bzimage.js";
import { authenticodeDigest } from "#dist/uki/pe/authenticode-digest.js";
import { certificateTable, readPe } from "#dist/uki/pe/read-pe.js";
import { SBAT_UKI } from "#dist/uki/sbat.js";
import { type UkiParts, writeUki } from "#dist/uki/write-uki.js";
import { debianDependency, debianFile, oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { goldenUkis } from "../fixtures/pe/golden-ukis.js";
import { pattern } from "../fixtures/pe/make-pe.js";

const STUB = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";
let scratch: ReturnType<typeof oracleScratch>;
let kernel: Content;
const stubs = new Map<string, Content>();

beforeAll(() => {
  scratch = oracleScratch();
  const kernelPackage = debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-");
  kernel = contentOfBytes(debianFile("trixie", kernelPackage, "boot/vmlinuz-"));
  for (const suite of ["bookworm", "trixie"])
    stubs.set(suite, contentOfBytes(debianFile(suite, "systemd-boot-efi", STUB)));
});
afterAll(() => scratch?.remove());

/** What ukify makes of the same parts. */
async function ukify(parts: UkiParts): Promise<Uint8Array> {
  const put = async (name: string, content: Content) => {
    writeFileSync(join(scratch.outside, name), await readContent(content));
    return name;
  };
  const args = ["ukify", "build", "--output=out.efi"];
  args.push(`--stub=${await put("stub", parts.stub)}`, `--linux=${await put("linux", parts.kernel)}`);
  const initrd = parts.initrd ?? [];
  for (const [i, one] of ("chunks" in initrd ? [initrd] : initrd).entries())
    args.push(`--initrd=${await put(`initrd${i}`, one)}`);
  args.push(`--os-release=${parts.osRelease ? `@${await put("osrel", parts.osRelease)}` : ""}`);
  args.push(`--cmdline=${parts.commandLine ? `@${await put("cmdline", contentOfText(parts.commandLine))}` : ""}`);
  if (parts.uname !== undefined) args.push(`--uname=${parts.uname || ""}`);
  if (parts.splash) args.push(`--splash=${await put("splash", parts.splash)}`);
  if (parts.microcode) args.push(`--microcode=${await put("ucode", parts.microcode)}`);
  for (const [i, { name, content }] of (parts.sections ?? []).entries())
    args.push(`--section=${name}:@${await put(`section${i}`, content)}`);
  args.push(`--sbat=${["sbat,1,SBAT Version", ...(parts.sbat ?? [SBAT_UKI])].join("\n")}`);
  runInOracle(scratch.inside, args);
  return new Uint8Array(readFileSync(join(scratch.outside, "out.efi")));
}

async function expectEqual(parts: UkiParts): Promise<void> {
  const [ours, theirs] = [await readContent(await writeUki(parts)), await ukify(parts)];
  expect(ours.length).toBe(theirs.length);
  expect(Buffer.compare(ours, theirs)).toBe(0);
}

describe("ukify 257", () => {
  it.each(goldenUkis.map((golden) => [golden.name, golden] as const))("synthetic: %s", async (_, { parts }) => {
    await expectEqual(parts);
  });

  const combinations: [string, Omit<UkiParts, "stub" | "kernel">][] = [
    ["kernel alone", { uname: false }],
    ["uname from the kernel", {}],
    ["a stated uname", { uname: "6.12.99-x" }],
    [
      "command line, os-release, initrd",
      {
        commandLine: 'console=ttyS0 a="b c"',
        osRelease: contentOfText("ID=debian\n"),
        initrd: contentOfBytes(pattern(54321)),
      },
    ],
    ["a command line in UTF-8 of 2,047 bytes", { commandLine: `é${"x".repeat(2045)}` }],
    [
      "splash and several initrds",
      {
        splash: contentOfBytes(pattern(12_289)),
        initrd: [contentOfBytes(pattern(1)), contentOfBytes(pattern(4096)), contentOfBytes(pattern(8191))],
      },
    ],
    ["further SBAT lines", { sbat: ["a,1,b", "c,2,d,e,f,g"] }],
    [
      "further sections",
      {
        uname: false,
        sections: [
          { name: ".one", content: contentOfText("1") },
          { name: ".two", content: contentOfBytes(pattern(5000)) },
        ],
      },
    ],
    [
      "as many sections as ukify adds to bookworm's stub",
      {
        uname: "1",
        commandLine: "a",
        osRelease: contentOfText("b"),
        splash: contentOfText("c"),
        initrd: contentOfText("d"),
      },
    ],
    ...[511, 512, 513, 4095, 4096, 4097, 65_535, 1_000_003].map((size): [string, Omit<UkiParts, "stub" | "kernel">] => [
      `an initrd of ${size} bytes`,
      { initrd: contentOfBytes(pattern(size)), osRelease: contentOfBytes(pattern(size % 700)) },
    ]),
  ];
  for (const suite of ["bookworm", "trixie"])
    it.each(combinations)(`${suite}'s stub: %s`, async (_, parts) => {
      await expectEqual({ stub: stubs.get(suite)!, kernel, ...parts });
    });

  it("refuses one section more than bookworm's stub has room for, as ukify does", async () => {
    const parts: UkiParts = {
      stub: stubs.get("bookworm")!,
      kernel,
      sections: Array.from({ length: 6 }, (_, i) => ({ name: `.s${i}`, content: contentOfText("x") })),
    };
    await expect(writeUki(parts)).rejects.toMatchObject({ code: "uki/section-table-full" });
    await expect(ukify(parts)).rejects.toThrow(/Not enough header space/);
  });

  it("refuses a signed stub", async () => {
    // Debian's kernel is a signed PE file
    expect(certificateTable(await readPe(kernel))).toBeDefined();
    await expect(writeUki({ stub: kernel, kernel })).rejects.toMatchObject({ code: "uki/stub-signed" });
  });
});

describe("Debian's signed kernel", () => {
  it("has our Authenticode digest inside its signature", async () => {
    const table = certificateTable(await readPe(kernel))!;
    const certificates = (await readContent(kernel)).subarray(table.offset, table.offset + table.size);
    const digest = Buffer.from(await authenticodeDigest(kernel), "hex");
    expect(Buffer.from(certificates).includes(digest)).toBe(true);
  });

  it("has the release of its package", async () => {
    const name = debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-");
    expect(`linux-image-${(await readBzImage(kernel)).release}`).toBe(name);
  });
});
