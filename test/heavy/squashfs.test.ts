/**
 * Squashfs images against squashfs-tools: what unsquashfs lists and extracts, what mksquashfs makes of the same files, and what the
 * reader makes of mksquashfs's images. Sizes are compared in test/nightly/squashfs-sizes.test.ts.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contentOfBytes } from "#dist/bytes/content.js";
import type { SquashfsOptions } from "#dist/filesystem/squashfs/write-squashfs.js";
import type { Tree } from "#dist/rootfs/tree/tree.js";
import { COMPRESSIONS, MKSQUASHFS_OPTIONS, MKSQUASHFS_QUIET, packIntoOracle } from "../fixtures/packing/mksquashfs.js";
import { oracleRoom } from "../fixtures/packing/packing-room.js";
import { describeImage } from "../fixtures/packing/read-image.js";
import { type Described, describeTree, richTree } from "../fixtures/packing/trees.js";

const room = oracleRoom();
const { scratch, run } = room;
writeFileSync(join(scratch.outside, "describe.py"), describeScript());

/** Tells of a directory what `describeTree` tells of a tree. */
function describeScript(): string {
  return `
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
}

/** Without the second name of a symbolic link, of which mksquashfs makes an inode of its own. */
function singleLinks(): Tree {
  const tree = richTree(ATTRIBUTE);
  tree.unlink("/usr/dangling-hard");
  return tree;
}

const describeDirectory = (name: string) => JSON.parse(run("python3", "describe.py", name)) as Described[];

const pack = (tree: Tree, name: string, settings: Partial<SquashfsOptions> = {}): Promise<Uint8Array> =>
  packIntoOracle(tree, { room, name, ...settings });

/** Bytes of a file's longest attribute: the oracle's directory may lie on an ext4, which has 4 KiB for all of a file. */
const ATTRIBUTE = 3000;

describe("unsquashfs", () => {
  it.each(COMPRESSIONS)("extracts all of the tree: $type", async (compression) => {
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
    run("mksquashfs", "out", "theirs.squashfs", ...MKSQUASHFS_QUIET, ...MKSQUASHFS_OPTIONS.zstd);
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
    run("mksquashfs", "out", "theirs.squashfs", ...MKSQUASHFS_QUIET, "-comp", type, ...options);
    const image = contentOfBytes(new Uint8Array(readFileSync(join(scratch.outside, "theirs.squashfs"))));
    expect(await describeImage(image)).toEqual(describeTree(tree));
  });
});
