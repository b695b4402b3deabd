/**
 * Squashfs images against squashfs-tools: what unsquashfs lists and extracts, what mksquashfs makes of the same files, and what the
 * reader makes of mksquashfs's images. Sizes are compared in test/nightly/squashfs-sizes.test.ts.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOfBytes, readContent } from "#dist/bytes/content.js";
import type { SquashfsCompression } from "#dist/filesystem/squashfs/compression.js";
import { type SquashfsOptions, writeSquashfs } from "#dist/filesystem/squashfs/write-squashfs.js";
import { type Cache, openCache } from "#dist/io/cache.js";
import { startWorkers, type Workers } from "#dist/io/workers.js";
import type { Tree } from "#dist/rootfs/tree/tree.js";
import { describeImage } from "../filesystem/squashfs/read-image.js";
import { type Described, describeTree, richTree } from "../filesystem/squashfs/trees.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

let scratch: ReturnType<typeof oracleScratch>;
let cache: Cache;
let workers: Workers;
const run = (...command: string[]) => runInOracle(scratch.inside, command);

beforeAll(() => {
  scratch = oracleScratch();
  cache = openCache({ directory: join(scratch.outside, "cache") });
  workers = startWorkers({ jobs: 2 });
  writeFileSync(join(scratch.outside, "describe.py"), DESCRIBE);
});
afterAll(async () => {
  await workers?.close();
  cache?.close();
  scratch?.remove();
});

/** Tells of a directory what `describeTree` tells of a tree. */
const DESCRIBE = `
import hashlib, json, os, stat, sys
top = os.fsencode(sys.argv[1])
kinds = {stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "symlink", stat.S_IFCHR: "char",
         stat.S_IFBLK: "block", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket"}
first, lines = {}, []
def text(value): return value.decode("latin-1")
def tell(path):
    full = os.path.join(top, path) if path else top
    st = os.lstat(full)
    kind = kinds[stat.S_IFMT(st.st_mode)]
    detail = ""
    if kind == "file": detail = hashlib.sha256(open(full, "rb").read()).hexdigest()
    elif kind == "symlink": detail = text(os.readlink(full))
    elif kind in ("char", "block"): detail = "%d:%d" % (os.major(st.st_rdev), os.minor(st.st_rdev))
    name = first.setdefault(st.st_ino, text(path))
    names = sorted(os.listxattr(full, follow_symlinks=False))
    attributes = " ".join(n + "=" + os.getxattr(full, n, follow_symlinks=False).hex() for n in names)
    lines.append(dict(path=text(path), type=kind, mode=stat.S_IMODE(st.st_mode), uid=st.st_uid, gid=st.st_gid,
                      mtime=int(st.st_mtime), rest="%s %s %s" % (detail, name, attributes)))
    if kind == "directory":
        for child in sorted(os.listdir(full)): tell(os.path.join(path, child) if path else child)
tell(b"")
print(json.dumps(lines))
`;

/** Without the second name of a symbolic link, of which mksquashfs makes an inode of its own. */
function singleLinks(): Tree {
  const tree = richTree(ATTRIBUTE);
  tree.unlink("/usr/dangling-hard");
  return tree;
}

const describeDirectory = (name: string) => JSON.parse(run("python3", "describe.py", name)) as Described[];

async function pack(tree: Tree, name: string, settings: Partial<SquashfsOptions> = {}): Promise<Uint8Array> {
  const { content } = await writeSquashfs(tree, { cache, workers, ...settings });
  const bytes = await readContent(content);
  writeFileSync(join(scratch.outside, name), bytes);
  return bytes;
}

const TYPES: readonly SquashfsCompression[] = [
  { type: "zstd", level: 15 },
  { type: "gzip", level: 9 },
  { type: "lz4", level: 12 },
  { type: "none", level: 0 },
];
/** The same settings for mksquashfs. */
const OPTIONS: Readonly<Record<SquashfsCompression["type"], readonly string[]>> = {
  zstd: ["-comp", "zstd", "-Xcompression-level", "15"],
  gzip: ["-comp", "gzip"],
  lz4: ["-comp", "lz4", "-Xhc"],
  none: ["-no-compression"],
};
/** Bytes of a file's longest attribute: the oracle's directory may lie on an ext4, which has 4 KiB for all of a file. */
const ATTRIBUTE = 3000;
const QUIET = ["-noappend", "-quiet", "-no-progress", "-processors", "2"];

describe("unsquashfs", () => {
  it.each(TYPES)("extracts all of the tree: $type", async (compression) => {
    const tree = richTree(ATTRIBUTE);
    await pack(tree, "rich.squashfs", { compression });
    run("rm", "-rf", "out");
    run("unsquashfs", "-quiet", "-no-progress", "-d", "out", "rich.squashfs");
    expect(describeDirectory("out")).toEqual(describeTree(tree));
  });

  it.each([4096, 1 << 20])("extracts all of the tree with blocks of %d bytes", async (blockSize) => {
    const tree = richTree(ATTRIBUTE);
    await pack(tree, "rich.squashfs", { blockSize });
    run("rm", "-rf", "out");
    run("unsquashfs", "-quiet", "-no-progress", "-d", "out", "rich.squashfs");
    expect(describeDirectory("out")).toEqual(describeTree(tree));
  });

  it("lists what mksquashfs makes of the extracted files in the same words", async () => {
    await pack(singleLinks(), "rich.squashfs");
    run("rm", "-rf", "out");
    run("unsquashfs", "-quiet", "-no-progress", "-d", "out", "rich.squashfs");
    run("mksquashfs", "out", "theirs.squashfs", ...QUIET, ...OPTIONS.zstd);
    const listing = (name: string) =>
      run("unsquashfs", "-lln", name)
        .split("\n")
        // A directory's size is that of its listing, which depends on where inodes lie.
        .map((line) => (line.startsWith("d") ? line.replace(/^(\S+ \S+)\s+\d+ /, "$1 ") : line));
    const own = listing("rich.squashfs");
    expect(own.length).toBeGreaterThan(900);
    expect(own).toEqual(listing("theirs.squashfs"));
  });
});

describe("the reader", () => {
  it.each([
    ["gzip", []],
    ["xz", []],
    ["xz", ["-b", "1M", "-tailends"]],
    ["lz4", []],
    ["zstd", ["-tailends", "-b", "4K"]],
    ["zstd", ["-no-fragments", "-no-exports", "-no-duplicates"]],
    ["gzip", ["-noI", "-noF"]],
  ])("reads what mksquashfs writes: %s %s", async (type, options) => {
    const tree = singleLinks();
    await pack(tree, "rich.squashfs", { compression: { type: "zstd", level: 1 } });
    run("rm", "-rf", "out");
    run("unsquashfs", "-quiet", "-no-progress", "-d", "out", "rich.squashfs");
    run("mksquashfs", "out", "theirs.squashfs", ...QUIET, "-comp", type, ...options);
    const image = contentOfBytes(new Uint8Array(readFileSync(join(scratch.outside, "theirs.squashfs"))));
    expect(await describeImage(image)).toEqual(describeTree(tree));
  });
});
