import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOfBytes, type FileContent, readContent } from "#dist/bytes/content.js";
import { packSquashfs } from "#dist/filesystem/squashfs/library.js";
import { catEntry } from "#dist/report/inspect/cat-entry.js";
import { extractArtifact } from "#dist/report/inspect/extract-artifact.js";
import { inspectArtifact } from "#dist/report/inspect/inspect-artifact.js";
import { artifactEntries } from "#dist/report/inspect/open-artifact.js";
import { renderEntry, renderInspection } from "#dist/report/inspect/render-inspection.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

let directory: string;
let image: FileContent;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "squashfs-test-"));
  const tree = new Tree({ epoch: 86400 });
  tree.mkdirs("/usr/bin");
  tree.write("/usr/bin/tool", "#!/bin/sh\n", { mode: 0o755 });
  tree.link("/usr/bin/tool", "/usr/bin/z-tool");
  tree.symlink("usr/bin", "/bin");
  tree.add("/null", { type: "char", major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0, mtime: 0, links: 0 });
  const { content, close } = await packSquashfs(tree, {
    compression: { type: "gzip", level: 6 },
    cacheDir: join(directory, "cache"),
    jobs: 1,
  });
  image = contentOfBytes(await readContent(content));
  close();
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("inspect of a squashfs image", () => {
  it("says what is inside", async () => {
    const inspection = await inspectArtifact(image);
    expect(inspection).toMatchObject({
      kind: "squashfs",
      compression: "gzip",
      blockSize: 131072,
      inodes: 6,
      fragments: 1,
      mtimeSeconds: 86400,
      tree: { files: 1, directories: 3, symlinks: 1, hardLinks: 1, special: 1, bytes: 10 },
    });
    expect(renderInspection(inspection)).toContain("gzip, blocks of 131,072 bytes");
  });

  it("lists its files", async () => {
    const lines: string[] = [];
    for await (const entry of artifactEntries(image)) lines.push(renderEntry(entry).replaceAll(/ +/g, " "));
    expect(lines).toEqual([
      "drwxr-xr-x 0/0 0 .",
      "lrwxrwxrwx 0/0 0 bin -> usr/bin",
      "crw-rw-rw- 0/0 1,3 null",
      "drwxr-xr-x 0/0 0 usr",
      "drwxr-xr-x 0/0 0 usr/bin",
      "-rwxr-xr-x 0/0 10 usr/bin/tool",
      "-rwxr-xr-x 0/0 0 usr/bin/z-tool link to usr/bin/tool",
    ]);
  });

  it("prints a file, through links", async () => {
    for (const path of ["/bin/tool", "usr/bin/z-tool"]) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of catEntry(image, path)) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe("#!/bin/sh\n");
    }
  });

  it("extracts them", async () => {
    const target = join(directory, "out");
    expect(await extractArtifact(image, target)).toEqual({ written: 6, skipped: ["null"] });
    expect(readFileSync(join(target, "bin/z-tool"), "latin1")).toBe("#!/bin/sh\n");
    expect(statSync(join(target, "usr/bin/tool"))).toMatchObject({ nlink: 2, mtimeMs: 86_400_000 });
  });
});
