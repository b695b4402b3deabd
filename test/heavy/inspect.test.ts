/**
 * What inspect sees and extracts, against GNU cpio, GNU find, dpkg-deb and ukify's own `inspect`.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byteStringToText, contentOfBytes, contentOfText, type FileContent, readContent } from "#dist/bytes/content.js";
import type { ArtifactEntry } from "#dist/report/inspect/artifact-entry.js";
import { extractArtifact } from "#dist/report/inspect/extract-artifact.js";
import { inspectArtifact } from "#dist/report/inspect/inspect-artifact.js";
import { artifactEntries } from "#dist/report/inspect/open-artifact.js";
import { writeUki } from "#dist/uki/write-uki.js";
import {
  debianDependency,
  debianFile,
  debianPackage,
  oracleScratch,
  runInOracle,
} from "../fixtures/oracle/oracle-tree.js";

const TREE = `
mkdir -p tree/deep/er "tree/with space" tree/é
printf hello > tree/file; chmod 4755 tree/file
ln tree/file tree/z-hard; ln tree/file tree/deep/hard
ln -s ../file tree/deep/soft; ln -s /nowhere tree/dangling
head -c 300000 /dev/zero | tr '\\0' 'q' > tree/deep/er/large
printf x > "tree/with space/$(printf 'n%.0s' $(seq 200))"
chmod 1777 tree/é; chown 12:34 tree/é; mkfifo tree/pipe; mknod tree/null c 1 3
find tree -exec touch -h -d @1234567 {} +
cd tree && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0o -H newc > ../one.cpio
cd .. && gzip -9 -k one.cpio && zstd -q -19 -k one.cpio && zstd -q -1 --no-check one.cpio -o two.zst && xz -k one.cpio
cat one.cpio one.cpio.gz one.cpio.zst two.zst one.cpio.xz > all.img
`;

let scratch: ReturnType<typeof oracleScratch>;
const shell = (script: string) => runInOracle(scratch.inside, ["sh", "-euc", script]);
const output = (name: string): FileContent => contentOfBytes(new Uint8Array(readFileSync(join(scratch.outside, name))));

beforeAll(() => {
  scratch = oracleScratch();
  shell(TREE);
});
afterAll(() => scratch?.remove());

async function listing(content: FileContent, prefix = ""): Promise<string[]> {
  const letters = { file: "f", directory: "d", symlink: "l", char: "c", block: "b", fifo: "p", socket: "s" } as const;
  const lines: string[] = [];
  const line = (entry: ArtifactEntry) => {
    const mode = entry.mode.toString(8);
    const path = byteStringToText(entry.path.slice(prefix.length));
    return `${letters[entry.type]} ${mode} ${entry.uid}/${entry.gid} ${entry.mtimeSeconds} ${path} ${entry.target ?? ""}`;
  };
  for await (const entry of artifactEntries(content))
    if (entry.path.startsWith(prefix) && entry.path !== "") lines.push(line(entry));
  return lines;
}

/** The same of files on disk. */
const found = (directory: string) =>
  shell(`cd ${directory} && find . -printf '%y %m %U/%G %T@ %P %l\\n'`)
    .replace(/(\d)\.0000000000 /g, "$1 ")
    .split("\n")
    .filter((line) => line !== "" && !/ {2}$/.test(line)) // the top itself has no path
    .sort();

describe("an initramfs", () => {
  it("lists what cpio packed, in every compression", async () => {
    const expected = found("tree");
    expect((await listing(output("one.cpio"))).sort()).toEqual(expected);
    const all = await listing(output("all.img"));
    expect(all).toHaveLength(expected.length * 5);
    expect(all.slice(-expected.length).sort()).toEqual(expected);
    const inspection = await inspectArtifact(output("all.img"));
    if (inspection.kind !== "cpio") throw new Error("no archive");
    expect(inspection.segments.map(({ format }) => format)).toEqual(["newc", "gzip", "zstd", "zstd", "xz"]);
    const size = output("one.cpio").size;
    for (const { unpackedSize } of inspection.segments) expect(size - unpackedSize).toBeLessThan(512);
  });

  it("extracts what cpio extracts", async () => {
    await extractArtifact(output("all.img"), join(scratch.outside, "ours"));
    shell("mkdir theirs && cd theirs && cpio --quiet -idm < ../one.cpio && rm pipe null");
    expect(shell("diff -r --no-dereference ours theirs || true")).toBe("");
    const asUser = (line: string) => line.replace(/^f 4755/, "f 755").replace(/^d 1777 12\/34/, "d 777 0/0");
    const expected = found("tree").filter((line) => !/^[cp]/.test(line));
    expect(found("ours")).toEqual(expected.map(asUser).sort());
    expect(shell("stat -c %h ours/file").trim()).toBe("3");
  });
});

describe("a package", () => {
  it.each([
    ["trixie", "systemd-boot-efi"],
    ["bookworm", "systemd-boot-efi"],
    ["trixie", "busybox-static"],
  ])("%s's %s: lists and extracts what dpkg-deb does", async (suite, name) => {
    const deb = contentOfBytes(debianPackage(suite, name));
    writeFileSync(join(scratch.outside, "p.deb"), deb.read());
    shell("rm -rf t o && dpkg-deb -R p.deb t");
    const shownByOracle = found("t").filter((line) => !/ DEBIAN(\/| |$)/.test(line));
    expect((await listing(deb)).filter((line) => !line.includes(" DEBIAN/")).sort()).toEqual(shownByOracle);
    await extractArtifact(deb, join(scratch.outside, "o"));
    expect(shell("diff -r --no-dereference t o || true")).toBe("");
    const fields = shell("dpkg-deb -f p.deb Package Version Architecture").trim().split("\n");
    const { control } = (await inspectArtifact(deb)) as { control: Record<string, string> };
    expect(["Package", "Version", "Architecture"].map((key) => `${key}: ${control[key]}`)).toEqual(fields);
  });
});

describe("a UKI", () => {
  it("has the sections and digests that ukify sees", async () => {
    const kernel = debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-");
    const uki = await writeUki({
      stub: contentOfBytes(debianFile("trixie", "systemd-boot-efi", "usr/lib/systemd/boot/efi/linuxx64.efi.stub")),
      kernel: contentOfBytes(debianFile("trixie", kernel, "boot/vmlinuz-")),
      initrd: output("all.img"),
      osRelease: contentOfText("ID=debian\n"),
      commandLine: "console=ttyS0",
    });
    writeFileSync(join(scratch.outside, "u.efi"), await readContent(uki));
    const inspection = await inspectArtifact(output("u.efi"));
    if (inspection.kind !== "uki") throw new Error("no UKI");
    const seen = JSON.parse(shell("ukify --json=short inspect u.efi")) as Record<
      string,
      { size: number; sha256: string }
    >;
    const ours = inspection.sections.filter(({ name }) => name in seen);
    expect(ours.length).toBeGreaterThanOrEqual(6);
    expect(Object.fromEntries(ours.map(({ name, size, sha256 }) => [name, { size, sha256 }]))).toEqual(
      Object.fromEntries(Object.entries(seen).map(([name, { size, sha256 }]) => [name, { size, sha256 }])),
    );
    expect((await listing(output("u.efi"), "root/")).filter((line) => line.includes(" file "))).toHaveLength(5);
  });
});
