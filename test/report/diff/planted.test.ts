import { describe, expect, it } from "vitest";
import { contentOfBytes, contentOfText, type FileContent, readContent } from "#dist/bytes/content.js";
import { writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import { writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import { writeFat } from "#dist/filesystem/fat/write-fat.js";
import { writeQcow2 } from "#dist/gpt/containers/qcow2.js";
import { writeGpt } from "#dist/gpt/write-gpt.js";
import { diffArtifacts } from "#dist/report/diff/diff-artifacts.js";
import { formatDifference } from "#dist/report/diff/difference.js";
import type { Manifest } from "#dist/report/manifest.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { buildDeb, type FixturePackage } from "../../fixtures/archive/build-deb.js";
import { deflateGzip } from "../../fixtures/archive/deflate-gzip.js";
import { storedGzip } from "../../fixtures/archive/stored-compression.js";
import { makeNewc, type NewcEntry } from "../../fixtures/cpio/make-newc.js";
import { storedZstd } from "../../fixtures/cpio/stored-zstd.js";
import { makeKernel, makePe, makeStub, pattern, type StubSpec } from "../../fixtures/pe/make-pe.js";

const folder = (path: string): NewcEntry => ({ path, mode: 0o40755 });
const TEXT = "one\ntwo\nthree\nfour\n";

/** A program of two sections: nothing that runs. */
function makeElf(text: Uint8Array, data: Uint8Array): Uint8Array {
  const names = Buffer.from("\0.text\0.rodata\0.shstrtab\0");
  const [textAt, dataAt] = [64, 64 + text.length];
  const namesAt = dataAt + data.length;
  const table = (namesAt + names.length + 7) & ~7;
  const bytes = Buffer.alloc(table + 4 * 64);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(bytes);
  for (const [offset, value] of [
    [16, 2],
    [18, 62],
    [52, 64],
    [54, 56],
    [58, 64],
    [60, 4],
    [62, 3],
  ] as const)
    bytes.writeUInt16LE(value, offset);
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(table), 40);
  bytes.set(text, textAt);
  bytes.set(data, dataAt);
  bytes.set(names, namesAt);
  const section = (i: number, name: number, type: number, [offset, size]: readonly [number, number]) => {
    const at = table + i * 64;
    bytes.writeUInt32LE(name, at);
    bytes.writeUInt32LE(type, at + 4);
    bytes.writeBigUInt64LE(BigInt(offset), at + 24);
    bytes.writeBigUInt64LE(BigInt(size), at + 32);
  };
  section(1, 1, 1, [textAt, text.length]);
  section(2, 7, 1, [dataAt, data.length]);
  section(3, 15, 3, [namesAt, names.length]);
  return new Uint8Array(bytes);
}

const elf = (byte = 0): Uint8Array => makeElf(pattern(64, 3), new Uint8Array(32).fill(byte));
const status = (version: string) =>
  `Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\nPackage: sed\nStatus: install ok installed\nArchitecture: amd64\nVersion: 4.9\n`;

/** The files of the archive, by path, so that a plant changes one of them. */
function entries(change: Record<string, Partial<NewcEntry> | null> = {}): NewcEntry[] {
  const all: NewcEntry[] = [
    folder("etc"),
    { path: "etc/motd", data: TEXT },
    { path: "etc/note", data: "note\n", mtime: 1000 },
    folder("usr"),
    folder("usr/bin"),
    { path: "usr/bin/tool", data: elf(), mode: 0o100755 },
    { path: "usr/bin/blob", data: pattern(3000) },
    { path: "usr/bin/link", data: "../lib/x", mode: 0o120777 },
    { path: "usr/doc.gz", data: deflateGzip(contentText(TEXT)) },
    { path: "null", mode: 0o20666, rdev: [1, 3] },
    folder("var"),
    folder("var/lib"),
    folder("var/lib/dpkg"),
    { path: "var/lib/dpkg/status", data: status("2.41-12") },
  ];
  return all.flatMap((entry) => (change[entry.path] === null ? [] : [{ ...entry, ...change[entry.path] }]));
}
function contentText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
const cpio = (change?: Record<string, Partial<NewcEntry> | null>): FileContent =>
  contentOfBytes(storedZstd(makeNewc(entries(change))));
const moved = (list: NewcEntry[]): NewcEntry[] => [...list.slice(1, 3), list[0]!, ...list.slice(3)];

interface UkiSpec {
  readonly stub?: StubSpec;
  readonly kernel?: Uint8Array;
  readonly initrd?: FileContent;
  readonly commandLine?: string;
  readonly osRelease?: string;
  readonly patch?: (bytes: Uint8Array) => Uint8Array;
}
async function uki(spec: UkiSpec = {}): Promise<FileContent> {
  const written = await writeUki({
    stub: contentOfBytes(makeStub(spec.stub)),
    kernel: contentOfBytes(spec.kernel ?? makeKernel()),
    initrd: spec.initrd ?? cpio(),
    osRelease: contentOfText(spec.osRelease ?? "ID=debian\nVERSION_ID=13\n"),
    commandLine: spec.commandLine ?? "console=ttyS0 quiet",
  });
  const bytes = await readContent(written);
  return contentOfBytes(spec.patch === undefined ? bytes : spec.patch(bytes));
}

const UUID = "11111111-2222-3333-4444-555555555555";
interface DiskSpec {
  readonly label?: string;
  readonly uuid?: string;
  readonly volumeId?: number;
  readonly files?: Readonly<Record<string, FileContent>>;
  readonly second?: FileContent;
  readonly gap?: number;
  readonly bootCode?: number;
}
async function disk(spec: DiskSpec = {}): Promise<FileContent> {
  const [size, start, sectors, second] = [24 << 20, 2048, 18432, 22528];
  const bytes = new Uint8Array(size);
  const esp = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
  const linux = "0fc63daf-8483-4772-8e79-3d69d8477de4";
  const common = { attributes: 0n, sectors };
  const { head, tail } = writeGpt({
    diskBytes: size,
    diskUuid: UUID,
    firstUsableLba: 34,
    partitions: [
      { ...common, typeUuid: esp, uuid: UUID.replace("1", "2"), label: "esp", startLba: start },
      {
        ...common,
        typeUuid: linux,
        uuid: spec.uuid ?? UUID.replace("1", "3"),
        label: spec.label ?? "data",
        startLba: second,
        sectors: 8192,
      },
    ],
  });
  bytes.set(head);
  bytes.set(tail, size - tail.length);
  const files = spec.files ?? { "EFI/BOOT/BOOTX64.EFI": await uki(), "loader.conf": contentOfText("timeout 0\n") };
  const fat = writeFat(
    Object.entries(files).map(([path, content]) => ({ path, content })),
    { sizeBytes: sectors * 512, volumeId: spec.volumeId ?? 1, type: 16 },
  );
  bytes.set(await readContent(fat), start * 512);
  if (spec.second !== undefined) bytes.set(spec.second.read(), second * 512);
  if (spec.gap !== undefined) bytes[(start + sectors + 5) * 512] = spec.gap;
  if (spec.bootCode !== undefined) bytes[10] = spec.bootCode;
  return contentOfBytes(bytes);
}

async function erofs({ motd = "hi\n", label = "a" }: { motd?: string; label?: string } = {}): Promise<FileContent> {
  const tree = new Tree({ epoch: 0 });
  tree.write("/motd", motd);
  return contentOfBytes(await readContent(await writeErofs(tree, { uuid: UUID, time: 0, label })));
}

async function ext4(
  change: (tree: Tree) => void = () => undefined,
  label = "root",
  hashSeed = UUID,
): Promise<FileContent> {
  const tree = new Tree({ epoch: 1000 });
  tree.mkdirs("/usr/bin");
  tree.write("/usr/bin/tool", "the tool\n", { mode: 0o755 });
  tree.write("/motd", TEXT);
  change(tree);
  return contentOfBytes(await readContent(await writeExt4(tree, { uuid: UUID, hashSeed, time: 0, label })));
}

const deb = (spec: Partial<FixturePackage> = {}): FileContent =>
  contentOfBytes(
    buildDeb({
      name: "tool",
      files: { "/usr/bin/tool": "#!/bin/sh\n" },
      scripts: { postinst: "#!/bin/sh\nset -e\n" },
      ...spec,
    }).bytes,
  );

const manifest = (version: string): Manifest =>
  ({
    packages: [{ name: "curl", version, architecture: "amd64", sha256: "0".repeat(64), role: "root" }],
  }) as unknown as Manifest;

async function lines(
  left: FileContent,
  right: FileContent,
  manifests?: readonly [Manifest, Manifest],
): Promise<string[]> {
  const found: string[] = [];
  for await (const difference of diffArtifacts(
    { name: "a", source: { content: left }, manifest: manifests?.[0] },
    { name: "b", source: { content: right }, manifest: manifests?.[1] },
  ))
    found.push(formatDifference(difference));
  return found;
}

type Plant = readonly [
  name: string,
  left: () => FileContent | Promise<FileContent>,
  right: () => FileContent | Promise<FileContent>,
  line: RegExp,
];
const inInitrd = (change: Record<string, Partial<NewcEntry> | null>) => () => uki({ initrd: cpio(change) });
const at = (bytes: Uint8Array, offset: number, value: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[offset] = value;
  return copy;
};

const PLANTS: readonly Plant[] = [
  // PE
  [
    "a word of the command line",
    uki,
    () => uki({ commandLine: "console=ttyS0 debug" }),
    /^\.cmdline › line 1: "console=ttyS0 quiet.*" ≠ "console=ttyS0 debug/,
  ],
  [
    "a line of os-release",
    uki,
    () => uki({ osRelease: "ID=debian\nVERSION_ID=14\n" }),
    /^\.osrel › line 2: "VERSION_ID=13" ≠ "VERSION_ID=14"$/,
  ],
  [
    "another SBAT",
    uki,
    () =>
      uki({
        stub: { sbat: "sbat,1,SBAT Version,sbat,1,https://example.org/\nother,1,X,systemd,257,https://example.org/\n" },
      }),
    /^\.sbat › line 2: "systemd-stub/,
  ],
  [
    "a byte of the kernel",
    uki,
    () => uki({ kernel: at(makeKernel(), 0x1100, 7) }),
    /^\.linux › \.setup: .* \(from byte 256 on; 1 of 4096 bytes differ\)$/,
  ],
  [
    "the time stamp of the header",
    () => contentOfBytes(makePe({ sections: [] })),
    () => contentOfBytes(at(makePe({ sections: [] }), 64 + 8, 1)),
    /^PE header › timeDateStamp: 0x12345678 ≠ 0x12345601$/,
  ],
  [
    "memory protection",
    () => contentOfBytes(makeStub()),
    () => contentOfBytes(makeStub({ dllCharacteristics: 0 })),
    /^PE header › dllCharacteristics: 0x160 ≠ 0x0$/,
  ],
  [
    "a signature",
    () => contentOfBytes(makeStub()),
    () => contentOfBytes(makeStub({ certificates: new Uint8Array(64).fill(9) })),
    /^signatures: only in the second: 64 bytes$/,
  ],
  [
    "padding behind a section",
    () => contentOfBytes(makeStub()),
    () => contentOfBytes(at(makeStub(), 0x400 + 1505, 1)),
    /^\.text › padding: .*1 of \d+ bytes differ\)$/,
  ],
  // cpio in the UKI
  [
    "a line of a file",
    uki,
    inInitrd({ "etc/motd": { data: TEXT.replace("two", "2") } }),
    /^\.initrd › etc\/motd › line 2: "two" ≠ "2"$/,
  ],
  [
    "lines added to a file",
    uki,
    inInitrd({ "etc/motd": { data: `${TEXT}five\nsix\n` } }),
    /^\.initrd › etc\/motd › line 5: nothing ≠ "five" \(0 lines ≠ 2 lines\)$/,
  ],
  [
    "a section of a program",
    uki,
    inInitrd({ "usr/bin/tool": { data: elf(5) } }),
    /^\.initrd › usr\/bin\/tool › section \.rodata: 0{16} ≠ (05){8} /,
  ],
  [
    "a byte of a binary file",
    uki,
    inInitrd({ "usr/bin/blob": { data: at(pattern(3000), 2000, 1) } }),
    /^\.initrd › usr\/bin\/blob: \S+ ≠ \S+ \(from byte 2000 on; 1 of 3000 bytes differ\)$/,
  ],
  ["a mode", uki, inInitrd({ "usr/bin/tool": { mode: 0o100700 } }), /^\.initrd › usr\/bin\/tool: mode 0755 ≠ 0700$/],
  ["an owner", uki, inInitrd({ "etc/note": { uid: 7 } }), /^\.initrd › etc\/note: owner 0:0 ≠ 7:0$/],
  [
    "a time",
    uki,
    inInitrd({ "etc/note": { mtime: 1001 } }),
    /^\.initrd › etc\/note: mtime 1000 \(1970-01-01T00:16:40Z\) ≠ 1001 /,
  ],
  [
    "a link's target",
    uki,
    inInitrd({ "usr/bin/link": { data: "../lib/y" } }),
    /^\.initrd › usr\/bin\/link: target \.\.\/lib\/x ≠ \.\.\/lib\/y$/,
  ],
  ["a device's number", uki, inInitrd({ null: { rdev: [1, 5] } }), /^\.initrd › null: device 1:3 ≠ 1:5$/],
  [
    "another kind of file",
    uki,
    inInitrd({ "etc/note": { mode: 0o40755, data: "", mtime: 1000 } }),
    /^\.initrd › etc\/note: type file, 5 bytes, mode 0644 ≠ directory$/,
  ],
  [
    "a file that is gone",
    uki,
    inInitrd({ "etc/note": null }),
    /^\.initrd › etc\/note: only in the first: file, 5 bytes, mode 0644$/,
  ],
  [
    "a directory that is gone",
    uki,
    inInitrd({ "usr/bin": null, "usr/bin/tool": null, "usr/bin/blob": null, "usr/bin/link": null }),
    /^\.initrd › usr\/bin: only in the first: directory with 3 below it$/,
  ],
  [
    "the order",
    () => contentOfBytes(makeNewc(entries())),
    () => contentOfBytes(makeNewc(moved(entries()))),
    /^etc: order first ≠ after etc\/note \(3 entries are at another place\)$/,
  ],
  [
    "inode numbers alone",
    () => contentOfBytes(makeNewc(entries())),
    () => contentOfBytes(makeNewc(entries({ "etc/note": { ino: 99 } }))),
    /^the archive's form alone differs \(inode numbers, padding\)/,
  ],
  [
    "compressed bytes alone",
    uki,
    () => uki({ initrd: contentOfBytes(storedGzip(makeNewc(entries()))) }),
    /^\.initrd: compressed bytes alone differ: they unpack to the same archive/,
  ],
  [
    "compressed bytes alone, of a file",
    uki,
    inInitrd({ "usr/doc.gz": { data: storedGzip(contentText(TEXT)) } }),
    /^\.initrd › usr\/doc\.gz: compressed bytes alone differ: they unpack to the same/,
  ],
  [
    "a line inside a compressed file",
    uki,
    inInitrd({ "usr/doc.gz": { data: storedGzip(contentText("one\n")) } }),
    /^\.initrd › usr\/doc\.gz › unpacked › line 2: "two" ≠ nothing \(3 lines ≠ 0 lines\)$/,
  ],
  [
    "a package's version",
    uki,
    inInitrd({ "var/lib/dpkg/status": { data: status("2.41-13") } }),
    /^\.initrd › var\/lib\/dpkg\/status › packages: libc6:amd64 2\.41-12 → libc6:amd64 2\.41-13$/,
  ],
  // Packages
  [
    "a maintainer script",
    () => deb(),
    () => deb({ scripts: { postinst: "#!/bin/sh\nset -eu\n" } }),
    /^DEBIAN\/postinst › line 2: "set -e" ≠ "set -eu"$/,
  ],
  // Disks
  ["a partition's label", disk, () => disk({ label: "other" }), /^partition 2 \(\S+\) › label: data ≠ other$/],
  ["a partition's UUID", disk, () => disk({ uuid: UUID }), /^partition 2 \(\S+\) › UUID: 3\S+ ≠ 1\S+$/],
  [
    "a line in the UKI on the ESP",
    disk,
    async () =>
      disk({
        files: {
          "EFI/BOOT/BOOTX64.EFI": await uki({ initrd: cpio({ "etc/motd": { data: TEXT.replace("four", "4") } }) }),
          "loader.conf": contentOfText("timeout 0\n"),
        },
      }),
    /^partition 1 \(esp\) › EFI\/BOOT\/BOOTX64\.EFI › \.initrd › etc\/motd › line 4: "four" ≠ "4"$/,
  ],
  [
    "a file of the ESP",
    disk,
    async () => disk({ files: { "EFI/BOOT/BOOTX64.EFI": await uki(), "loader.conf": contentOfText("timeout 9\n") } }),
    /^partition 1 \(esp\) › loader\.conf › line 1: "timeout 0" ≠ "timeout 9"$/,
  ],
  ["the ESP's volume id", disk, () => disk({ volumeId: 2 }), /^partition 1 \(esp\) › FAT volume id: 1 ≠ 2$/],
  ["a byte between partitions", disk, () => disk({ gap: 1 }), /^between partitions, from sector 20480: /],
  ["a boot code", disk, () => disk({ bootCode: 1 }), /^MBR boot code: /],
  [
    "a file in ext4 on a partition",
    async () => disk({ second: await ext4() }),
    async () => disk({ second: await ext4((tree) => tree.write("/motd", "one\n")) }),
    /^partition 2 \(\S+\) › motd › line 2: /,
  ],
  [
    "another container",
    disk,
    async () => contentOfBytes(await readContent(writeQcow2(await disk()))),
    /^container: raw ≠ qcow2$/,
  ],
  // File systems
  ["the label of a file system", () => ext4(), () => ext4(undefined, "data"), /^label: root ≠ data$/],
  [
    "the layout alone",
    () => ext4(),
    () => ext4(undefined, "root", UUID.replace("1", "9")),
    /^the layout alone differs/,
  ],
  [
    "an extended attribute",
    () => ext4(),
    () =>
      ext4((tree) => {
        (tree.lookup("/motd") as { xattrs?: Map<string, Uint8Array> }).xattrs = new Map([["user.x", Uint8Array.of(1)]]);
      }),
    /^motd: xattrs nothing ≠ user\.x=01$/,
  ],
  ["a line in an EROFS image", () => erofs(), () => erofs({ motd: "1\n" }), /^motd › line 1: "hi" ≠ "1"$/],
  ["the label of an EROFS image", () => erofs(), () => erofs({ label: "b" }), /^label: a ≠ b$/],
];

describe("diff finds what was planted, in one line", () => {
  it.each(PLANTS)("%s", async (_, left, right, line) => {
    const found = await lines(await left(), await right());
    expect(found).toEqual([expect.stringMatching(line)]);
  });

  it("a package in the manifests", async () => {
    expect(await lines(await uki(), await uki(), [manifest("8.1"), manifest("8.2")])).toEqual([
      "packages: curl:amd64 8.1 → curl:amd64 8.2",
    ]);
  });

  it("has thirty of them or more, and says nothing of equal ones", async () => {
    expect(PLANTS.length).toBeGreaterThanOrEqual(30);
    expect(await lines(await disk(), await disk())).toEqual([]);
  });

  it("several at once", async () => {
    const change = {
      "etc/motd": { data: TEXT.replace("one", "1") },
      "etc/note": { uid: 3 },
      "usr/bin/tool": { mode: 0o104755 },
    };
    const found = await lines(await uki(), await uki({ initrd: cpio(change), commandLine: "x" }));
    expect(found.map((line) => line.split(":")[0])).toEqual([
      ".cmdline › line 1",
      ".initrd › etc/note",
      ".initrd › usr/bin/tool",
      ".initrd › etc/motd › line 1",
    ]);
  });

  it("in what cannot be read further", async () => {
    const whole = cpio();
    const cut = contentOfBytes(whole.read().slice(0, whole.size - 40));
    expect(await lines(whole, cut)).toEqual([
      expect.stringMatching(/^Cannot decode zstd data: it ends in the middle.*from byte \d+ on/),
    ]);
    expect(await lines(contentOfText("a\n"), contentOfBytes(pattern(10)))).toHaveLength(1);
  });
});
