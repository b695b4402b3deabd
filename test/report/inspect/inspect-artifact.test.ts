import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contentOfBytes, contentOfText, type FileContent, readContent } from "#dist/bytes/content.js";
import { catEntry } from "#dist/report/inspect/cat-entry.js";
import { extractArtifact } from "#dist/report/inspect/extract-artifact.js";
import { inspectArtifact } from "#dist/report/inspect/inspect-artifact.js";
import { artifactEntries } from "#dist/report/inspect/open-artifact.js";
import { renderEntry, renderInspection } from "#dist/report/inspect/render-inspection.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { buildDeb } from "../../fixtures/archive/build-deb.js";
import { storedGzip } from "../../fixtures/archive/stored-compression.js";
import { makeNewc, type NewcEntry } from "../../fixtures/cpio/make-newc.js";
import { storedZstd } from "../../fixtures/cpio/stored-zstd.js";
import { makeKernel, makeStub } from "../../fixtures/pe/make-pe.js";

const link = (path: string, data: string): NewcEntry => ({ path, data, mode: 0o120777 });
const folder = (path: string): NewcEntry => ({ path, mode: 0o40755 });
const archive = (...entries: NewcEntry[]): FileContent => contentOfBytes(makeNewc(entries));

const first = makeNewc([
  folder("usr"),
  folder("usr/bin"),
  { path: "usr/bin/tool", data: "old", mode: 0o100755, mtime: 1000 },
  link("bin", "usr/bin"),
]);
const second = makeNewc([
  { path: "usr/bin/tool", data: "new tool", mode: 0o100755, mtime: 1000 },
  folder("etc"),
  { path: "etc/os-release", data: "ID=x\n" },
  { path: "one", ino: 5, nlink: 2 },
  { path: "two", ino: 5, nlink: 2, data: "linked" },
  link("absolute", "/etc/os-release"),
  link("up", "../../../etc/../etc/os-release"),
  link("loop", "loop"),
  { path: "dev/null", mode: 0o20666, rdev: [1, 3] },
]);
const initrd = contentOfBytes(Buffer.concat([first, storedGzip(second), storedZstd(makeNewc([folder("empty")]))]));

let uki: FileContent;
beforeAll(async () => {
  const written = await writeUki({
    stub: contentOfBytes(makeStub()),
    kernel: contentOfBytes(makeKernel()),
    initrd,
    osRelease: contentOfText('ID=debian\nPRETTY_NAME="A \\"quoted\\" name"\n# comment\nVERSION_ID=\'13\'\n'),
    commandLine: "console=ttyS0 quiet",
  });
  uki = contentOfBytes(await readContent(written));
});

async function paths(content: FileContent): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of artifactEntries(content)) found.push(entry.path);
  return found;
}

async function cat(content: FileContent, path: string): Promise<string> {
  let text = "";
  for await (const chunk of catEntry(content, path)) text += Buffer.from(chunk).toString();
  return text;
}

describe("inspectArtifact", () => {
  it("describes a UKI", async () => {
    const inspection = await inspectArtifact(uki);
    expect(inspection).toMatchObject({
      kind: "uki",
      size: uki.size,
      sha256: createHash("sha256").update(uki.read()).digest("hex"),
      machine: "amd64",
      signed: false,
      nxCompat: true,
      stub: "systemd-stub 257",
      kernel: { release: "6.12.60+test", version: "6.12.60+test (user@host) #1 SMP" },
      uname: "6.12.60+test",
      commandLine: "console=ttyS0 quiet",
      osRelease: { ID: "debian", PRETTY_NAME: 'A "quoted" name', VERSION_ID: "13" },
      initrd: {
        tree: { files: 4, directories: 4, symlinks: 4, hardLinks: 1, special: 1, bytes: 3 + 8 + 5 + 6 },
        segments: [{ format: "newc" }, { format: "gzip" }, { format: "zstd" }],
      },
    });
    if (inspection.kind !== "uki") throw new Error("no UKI");
    expect(inspection.sbat?.[0]).toMatch(/^sbat,1/);
    const osrel = inspection.sections.find(({ name }) => name === ".cmdline")!;
    expect(osrel.sha256).toBe(createHash("sha256").update("console=ttyS0 quiet").digest("hex"));
    expect(JSON.parse(JSON.stringify(inspection))).toEqual(inspection);
    const text = renderInspection(inspection);
    for (const part of ["unified kernel image", "systemd-stub 257", 'A "quoted" name', ".initrd", "4 files", "zstd"])
      expect(text).toContain(part);
  });

  it("describes stubs and kernels", async () => {
    expect(await inspectArtifact(contentOfBytes(makeStub()))).toMatchObject({ kind: "pe", stub: "systemd-stub 257" });
    const kernel = await inspectArtifact(contentOfBytes(makeKernel()));
    expect(kernel).toMatchObject({ kind: "pe", kernel: { release: "6.12.60+test" } });
    expect(renderInspection(kernel)).toMatch(/^Linux kernel\n/);
  });

  it("describes an archive", async () => {
    const inspection = await inspectArtifact(initrd);
    expect(inspection).toMatchObject({ kind: "cpio", segments: [{ offset: 0, entries: 4 }, { entries: 9 }, {}] });
    expect(renderInspection(inspection)).toContain("4 files, 4 directories, 4 symlinks, 1 hard link, 1 device or fifo");
  });

  it("describes a package", async () => {
    const inspection = await inspectArtifact(contentOfBytes(deb()));
    expect(inspection).toMatchObject({
      kind: "deb",
      members: [{ name: "debian-binary", size: 4 }, { name: "control.tar.xz" }, { name: "data.tar.xz" }],
      control: { Package: "hello", Version: "1:2-3" },
      controlFiles: expect.arrayContaining(["control", "postinst", "md5sums"]),
      tree: { files: 1, symlinks: 1, hardLinks: 1, bytes: 3 },
    });
    expect(renderInspection(inspection)).toMatch(/^Debian package hello 1:2-3\n/);
  });

  it("does not let an artifact control the terminal", async () => {
    const evil = archive({ path: "a\x1b[31mb" }, link("l", "\x07"));
    const lines: string[] = [];
    for await (const entry of artifactEntries(evil)) lines.push(renderEntry(entry));
    expect(lines).toEqual(["-rw-r--r-- 0/0              0 a\\x1b[31mb", "lrwxrwxrwx 0/0              0 l -> \\x07"]);
  });

  it.each([
    ["text", contentOfText("hello, world")],
    ["nothing", contentOfText("")],
  ])("refuses %s", async (_, content) => {
    await expect(inspectArtifact(content)).rejects.toMatchObject({ code: "inspect/format-unknown" });
  });
});

describe("renderEntry", () => {
  it("shows modes like ls", async () => {
    const modes = [0o104755, 0o104644, 0o102755, 0o41777, 0o60660, 0o10600, 0o140777];
    const lines: string[] = [];
    for await (const entry of artifactEntries(
      archive(...modes.map((mode) => ({ path: "x", mode, rdev: [8, 1] as const }))),
    ))
      lines.push(renderEntry(entry).slice(0, 10));
    expect(lines).toEqual([
      "-rwsr-xr-x",
      "-rwSr--r--",
      "-rwxr-sr-x",
      "drwxrwxrwt",
      "brw-rw----",
      "prw-------",
      "srwxrwxrwx",
    ]);
  });
});

describe("catEntry", () => {
  it("finds files of each kind of artifact", async () => {
    expect(await cat(uki, ".cmdline")).toBe("console=ttyS0 quiet");
    expect(await cat(uki, "sections/.uname")).toBe("6.12.60+test");
    expect(await cat(uki, "/etc/os-release")).toBe("ID=x\n");
    expect(await cat(uki, "root/etc/os-release")).toBe("ID=x\n");
    expect(await cat(initrd, "etc/os-release")).toBe("ID=x\n");
    expect(await cat(initrd, "/etc//./os-release")).toBe("ID=x\n");
    expect(await cat(contentOfBytes(deb()), "/usr/share/a")).toBe("abc");
    expect(await cat(contentOfBytes(deb()), "usr/share/hard")).toBe("abc");
    expect(await cat(contentOfBytes(deb()), "DEBIAN/postinst")).toBe("#!/bin/sh\n");
  });

  it("takes the last of several, and follows links inside the tree", async () => {
    expect(await cat(uki, "/bin/tool")).toBe("new tool");
    for (const path of ["/absolute", "/up"]) expect(await cat(uki, path)).toBe("ID=x\n");
    for (const path of ["absolute", "up"]) expect(await cat(initrd, path)).toBe("ID=x\n");
    for (const path of ["one", "two"]) expect(await cat(initrd, path)).toBe("linked");
  });

  it("says what is wrong with a path", async () => {
    await expect(cat(initrd, "etc")).rejects.toMatchObject({ code: "inspect/path-not-file" });
    for (const path of ["none", "loop", "etc/passwd/x", ""])
      await expect(cat(initrd, path), path).rejects.toMatchObject({ code: "inspect/path-missing" });
  });
});

describe("extractArtifact", () => {
  let top: string;
  let directory: string;
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "extract-"));
    directory = join(top, "a/b");
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  it("writes files, links, modes and times", async () => {
    const result = await extractArtifact(initrd, directory);
    expect(result).toEqual({ written: 13, skipped: ["dev/null"] });
    const tool = join(directory, "usr/bin/tool");
    expect(readFileSync(tool, "utf8")).toBe("new tool");
    expect(statSync(tool).mode & 0o7777).toBe(0o755);
    expect(statSync(tool).mtimeMs).toBe(1_000_000);
    expect(readlinkSync(join(directory, "bin"))).toBe("usr/bin");
    expect(readFileSync(join(directory, "one"), "utf8")).toBe("linked");
    expect(statSync(join(directory, "one")).ino).toBe(statSync(join(directory, "two")).ino);
    expect(statSync(join(directory, "usr")).mtimeMs).toBe(0);
  });

  it("gives the bytes to all links, also in a second archive", async () => {
    const links = [1, 2, 3].map((i) => ({ path: `f${i}`, ino: 7, nlink: 3, data: i === 3 ? "shared" : "" }));
    await extractArtifact(contentOfBytes(Buffer.concat([makeNewc(links), makeNewc(links)])), directory);
    const inodes = new Set(links.map(({ path }) => statSync(join(directory, path)).ino));
    expect(inodes.size).toBe(1);
    for (const { path } of links) expect(readFileSync(join(directory, path), "utf8")).toBe("shared");
  });

  it("writes a UKI as sections and root, a package with its control files", async () => {
    await extractArtifact(uki, directory);
    expect(readdirSync(directory).sort()).toEqual(["root", "sections"]);
    expect(readFileSync(join(directory, "root/etc/os-release"), "utf8")).toBe("ID=x\n");
    expect(readFileSync(join(directory, "sections/.cmdline"), "utf8")).toBe("console=ttyS0 quiet");
    await extractArtifact(contentOfBytes(deb()), join(top, "deb"));
    expect(readdirSync(join(top, "deb")).sort()).toEqual(["DEBIAN", "usr"]);
  });

  it("writes through links of the archive, inside the directory", async () => {
    const content = archive(
      folder("usr"),
      link("abs", "/usr"),
      link("deep", "../../../../usr"),
      {
        path: "abs/a",
        data: "1",
      },
      { path: "deep/b", data: "2" },
    );
    await extractArtifact(content, directory);
    expect(readdirSync(join(directory, "usr")).sort()).toEqual(["a", "b"]);
    expect(readdirSync(top)).toEqual(["a"]);
  });

  it("never writes outside", async () => {
    const outside = join(top, "outside");
    writeFileSync(outside, "mine");
    const attacks: NewcEntry[][] = [
      [{ path: "../outside", data: "x" }],
      [{ path: "a/../../../outside", data: "x" }],
      [link("l", outside), { path: "l", data: "x" }],
      [link("l", top), { path: "l/outside", data: "x" }],
      [link("l", "../.."), { path: "l/outside", data: "x" }],
      [link("l", ".."), link("m", "l/.."), { path: "m/outside", data: "x" }],
      [
        link("a", outside),
        { path: "b", ino: 9, nlink: 2 },
        link("b", outside),
        { path: "c", ino: 9, nlink: 2, data: "x" },
      ],
      [
        { path: "f", data: "x" },
        { path: "f/g", data: "x" },
      ],
      [folder("d"), { path: "d", data: "x" }],
      [link("x", "y"), link("y", "x"), { path: "x/z", data: "x" }],
      [{ path: `${outside}`, data: "x" }],
      [
        { path: "a", ino: 9, nlink: 3 },
        link("b", outside),
        link("a", outside),
        { path: "c", ino: 9, nlink: 3, data: "x" },
      ],
    ];
    for (const [i, entries] of attacks.entries()) {
      const into = join(top, `t${i}/u`);
      await extractArtifact(archive(...entries), into).catch((error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^inspect\/(path-unsafe|extract-failed)$/) });
      });
      expect(readFileSync(outside, "utf8"), `attack ${i}`).toBe("mine");
      expect(readdirSync(join(top, `t${i}`)), `attack ${i}`).toEqual(["u"]);
    }
    expect(readdirSync(top).sort()).toEqual([...attacks.map((_, i) => `t${i}`), "outside"].sort());
  });

  it("wants an empty directory", async () => {
    mkdirSync(directory, { recursive: true });
    await extractArtifact(archive(folder("x")), directory);
    await expect(extractArtifact(initrd, directory)).rejects.toMatchObject({ code: "inspect/directory-not-empty" });
  });
});

describe("artifactEntries", () => {
  it("lists a UKI's sections before its files", async () => {
    const listed = await paths(uki);
    expect(listed.slice(0, 3)).toEqual(["sections/.text", "sections/.rodata", "sections/.sbat"]);
    expect(listed).toContain("root/usr/bin/tool");
    expect(listed.findIndex((path) => path.startsWith("root/"))).toBe(
      listed.filter((path) => path.startsWith("sections/")).length,
    );
  });
});

function deb(): Uint8Array {
  return buildDeb({
    name: "hello",
    version: "1:2-3",
    scripts: { postinst: "#!/bin/sh\n" },
    files: {
      "usr/share/a": "abc",
      "usr/share/hard": { type: "link", target: "usr/share/a" },
      "usr/share/soft": { type: "symlink", target: "a" },
    },
  }).bytes;
}
