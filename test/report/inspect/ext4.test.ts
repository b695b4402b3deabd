import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentOfBytes, type FileContent, readContent } from "#dist/bytes/content.js";
import { writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import { catEntry } from "#dist/report/inspect/cat-entry.js";
import { extractArtifact } from "#dist/report/inspect/extract-artifact.js";
import { inspectArtifact } from "#dist/report/inspect/inspect-artifact.js";
import { artifactEntries } from "#dist/report/inspect/open-artifact.js";
import { renderEntry, renderInspection } from "#dist/report/inspect/render-inspection.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

let image: FileContent;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "tdx-inspect-ext4-"));
  const tree = new Tree({ epoch: 1000 });
  tree.mkdirs("/usr/bin");
  tree.write("/usr/bin/tool", "the tool", { mode: 0o755 });
  tree.link("/usr/bin/tool", "/usr/bin/zweit");
  tree.symlink("usr/bin", "/bin");
  tree.add("/null", { type: "char", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0, mtime: 0, links: 0 });
  const uuid = "11111111-2222-3333-4444-555555555555";
  image = contentOfBytes(await readContent(await writeExt4(tree, { uuid, hashSeed: uuid, time: 0, label: "root" })));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("inspect of ext4", () => {
  it("says what it is", async () => {
    const inspection = await inspectArtifact(image);
    expect(inspection).toMatchObject({
      kind: "ext4",
      uuid: "11111111-2222-3333-4444-555555555555",
      label: "root",
      blockSize: 4096,
      tree: { files: 1, directories: 4, symlinks: 1, hardLinks: 1, special: 1, bytes: 8 },
    });
    const text = renderInspection(inspection);
    for (const part of ["ext4 file system", "metadata_csum", "label", "1 file"]) expect(text).toContain(part);
  });

  it("lists, shows and extracts its files", async () => {
    const lines = [];
    for await (const entry of artifactEntries(image)) lines.push(renderEntry(entry).replace(/ +/g, " "));
    expect(lines).toEqual([
      "drwxr-xr-x 0/0 0 .",
      "lrwxrwxrwx 0/0 0 bin -> usr/bin",
      "drwx------ 0/0 0 lost+found",
      "crw-rw-rw- 0/0 1,3 null",
      "drwxr-xr-x 0/0 0 usr",
      "drwxr-xr-x 0/0 0 usr/bin",
      "-rwxr-xr-x 0/0 8 usr/bin/tool",
      "-rwxr-xr-x 0/0 0 usr/bin/zweit link to usr/bin/tool",
    ]);
    let text = "";
    for await (const chunk of catEntry(image, "/bin/zweit")) text += Buffer.from(chunk).toString();
    expect(text).toBe("the tool");
    const target = join(directory, "out");
    expect((await extractArtifact(image, target)).skipped).toEqual(["null"]);
    expect(readFileSync(join(target, "bin/zweit"), "utf8")).toBe("the tool");
    expect(readlinkSync(join(target, "bin"))).toBe("usr/bin");
    expect(statSync(join(target, "usr/bin/tool")).nlink).toBe(2);
  });
});
