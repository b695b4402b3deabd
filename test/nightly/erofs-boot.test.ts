/**
 * EROFS roots of each compressor, mounted and read whole by Debian's kernels: as the root on disk under verity, inside the initramfs, and as disks of a
 * tree with everything in it. Linux 6.1 refuses what it cannot read.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import type { Image, ImageInput } from "#dist/index.js";
import { writeFileAtomically } from "#dist/io/atomic-file.js";
import type { Node } from "#dist/rootfs/tree/node.js";
import type { Tree } from "#dist/rootfs/tree/tree.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { buildBusyboxRoot } from "../fixtures/boot/busybox-root.js";
import { packingRoom } from "../fixtures/packing/packing-room.js";
import { noise, prose, richTree, sha256 } from "../fixtures/packing/trees.js";

const BOOT_MILLISECONDS = 1_000_000;

/** Where busybox is in a tree of nothing else. */
const BUSYBOX = { trixie: "/usr/bin/busybox", bookworm: "/bin/busybox" } as const;
const SCRIPT = `
export PATH=/usr/bin:/bin LC_ALL=C
busybox mount -t devtmpfs -o nosuid,noexec dev /dev
busybox mount -t proc -o nosuid,nodev,noexec proc /proc
busybox mount -t sysfs -o nosuid,nodev,noexec sys /sys
list() {
    busybox find . -xdev "$@" -print0 | busybox sort -z
}
tell() {
    sum=$(echo "$3" | busybox sha256sum)
    echo "test: $1 of $2: \${sum%% *}"
}
sums() {
    cd "$2"
    tell files "$1" "$(list -type f | busybox xargs -0 busybox sha256sum)"
}
echo "test: $(busybox uname -r), $(busybox grep ' / ' /proc/mounts)"
sums root /
for entry in /sys/class/block/vd*/serial; do
    read -r serial <"$entry"
    case $serial in erofs-*) ;; *) continue ;; esac
    disk=\${entry%/serial}
    if busybox mount -t erofs -o ro "/dev/\${disk##*/}" /mnt; then
        sums "$serial" /mnt
        tell directories "$serial" "$(list -type d | busybox xargs -0 busybox stat -c '%f %u %g %Y %n')"
        tell nodes "$serial" "$(list '!' -type d | busybox xargs -0 busybox stat -c '%f %u %g %Y %s %t:%T %n')"
        tell links "$serial" "$(list -type l | busybox xargs -0 -n 1 busybox readlink)"
        cd /
        busybox umount /mnt
    else
        echo "test: $serial is refused"
    fi
done
echo "test: ready"
busybox poweroff -f
`;

const TYPE_BITS: Readonly<Record<Node["type"], number>> = {
  fifo: 0x1000,
  char: 0x2000,
  directory: 0x4000,
  block: 0x6000,
  file: 0x8000,
  symlink: 0xa000,
  socket: 0xc000,
};

const room = packingRoom();
const directory = mkdtempSync(join(tmpdir(), "erofs-boot-"));
const images: Image[] = [];
afterAll(async () => {
  for (const image of images) await image.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What the script says of a tree, from the tree itself. */
function toldOf(tree: Tree): Readonly<Record<"files" | "directories" | "nodes" | "links", string>> {
  const lines = { files: [], directories: [], nodes: [], links: [] } as Record<string, string[]>;
  const nodes = [{ path: "", node: tree.root as Node }, ...tree.walk()].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, node } of nodes) {
    const name = path === "" ? "." : `.${path}`;
    const common = [(TYPE_BITS[node.type] | node.mode).toString(16), node.uid, node.gid, node.mtime].join(" ");
    if (node.type === "directory") {
      lines["directories"]!.push(`${common} ${name}`);
      continue;
    }
    const size = node.type === "file" ? node.content.size : node.type === "symlink" ? node.target.length : 0;
    const [major, minor] = node.type === "char" || node.type === "block" ? [node.major, node.minor] : [0, 0];
    lines["nodes"]!.push(`${common} ${size} ${major.toString(16)}:${minor.toString(16)} ${name}`);
    if (node.type === "symlink") lines["links"]!.push(node.target);
    if (node.type === "file") lines["files"]!.push(`${sha256(node.content.read())}  ${name}`);
  }
  const sum = (name: string): string => sha256(Buffer.from(`${lines[name]!.join("\n")}\n`, "latin1"));
  return { files: sum("files"), directories: sum("directories"), nodes: sum("nodes"), links: sum("links") };
}

/** Data whose clusters are of every shape: much and little compression, a hole of more than one extent, sizes around one block. */
function largeTree(): Tree {
  const tree = richTree();
  const mixed = Buffer.concat([prose(1_500_001), noise(90_000), new Uint8Array(1_200_000), prose(9), noise(5000, 3)]);
  tree.write("/mixed", mixed);
  for (let size = 4090; size < 4103; size++) tree.write(`/around-${size}`, prose(size, size));
  // Ends that are stored as they are, of one cluster or two.
  for (let i = 0; i < 60; i++)
    tree.write(`/end-${i}`, Buffer.concat([prose(9000 + 307 * i, i + 1), noise(700 + 97 * i, i + 1)]));
  return tree;
}

const disks: { readonly file: string; readonly serial: string; readonly readOnly: true }[] = [];
const tree = largeTree();
const told = toldOf(tree);

beforeAll(async () => {
  const { cache, workers } = room;
  for (const [serial, type, level, clusterBytes, indexes] of [
    ["erofs-plain", undefined, 0, 4096],
    ["erofs-lz4-4k", "lz4", 12, 4096],
    ["erofs-lz4-64k", "lz4", 12, 65_536],
    ["erofs-lz4-1m", "lz4", 12, 1 << 20],
    ["erofs-lz4-full", "lz4", 12, 16_384, "full"],
    ["erofs-deflate-4k", "deflate", 9, 4096],
    ["erofs-deflate-64k", "deflate", 9, 65_536],
    ["erofs-zstd-64k", "zstd", 15, 65_536],
  ] as const) {
    const file = join(directory, `${serial}.raw`);
    const packing =
      type === undefined ? undefined : { compression: { type, level }, clusterBytes, indexes, cache, workers };
    const image = await writeErofs(tree, { uuid: "11111111-2222-3333-4444-555555555555", time: 0, packing });
    await writeFileAtomically(file, image);
    disks.push({ file, serial, readOnly: true });
  }
});

/** What a machine with such a root says, all disks attached or none; its root is read as it was written. */
async function boot(
  name: string,
  { root, suite, attached }: { root: ImageInput["root"]; suite: "trixie" | "bookworm"; attached: typeof disks },
): Promise<string> {
  mkdirSync(join(directory, "root/mnt"), { recursive: true });
  const { disk, image } = await buildBusyboxRoot({
    directory,
    name,
    init: `#!${BUSYBOX[suite]} sh${SCRIPT}`,
    root,
    suite,
  });
  images.push(image);
  const machine = await bootImage(disk, { network: false, disks: attached, onNotice: console.warn });
  try {
    await machine.waitFor(/test: ready/, BOOT_MILLISECONDS);
  } finally {
    await machine.kill();
  }
  const output = machine.output().replaceAll("\r", "");
  console.info(/test: \d.*/.exec(output)?.[0]);
  expect(output).toContain(`test: files of root: ${toldOf(image.tree).files}\n`);
  return output;
}

const isRead = (output: string, { serial }: { readonly serial: string }): void => {
  for (const [what, sum] of Object.entries(told)) expect(output).toContain(`test: ${what} of ${serial}: ${sum}\n`);
};

describe("Debian's kernel of trixie", () => {
  it("reads a root of deflate under verity, and disks of every compressor", async () => {
    const root = { format: "erofs", compression: { type: "gzip" }, overlay: "none" } as const;
    const output = await boot("deflate", { root, suite: "trixie", attached: disks });
    expect(output).toMatch(/test: 6\.12\S*, \/dev\/mapper\/root \/ erofs ro,/);
    for (const disk of disks) isRead(output, disk);
  });

  it("reads a root of zstd that the initramfs carries", async () => {
    const root = { format: "erofs", location: "initramfs", overlay: "none" } as const;
    const output = await boot("carried", { root, suite: "trixie", attached: [] });
    expect(output).toContain("init: the root is erofs, overlay none");
    expect(output).toMatch(/test: 6\.12\S*, \/dev\/loop0 \/ erofs ro,/);
  });
});

describe("Debian's kernel of bookworm", () => {
  it("reads a root of lz4 under verity, and refuses disks of what came later", async () => {
    const root = { format: "erofs", compression: { type: "lz4" }, overlay: "none" } as const;
    const output = await boot("older", { root, suite: "bookworm", attached: disks });
    expect(output).toMatch(/test: 6\.1\.\S*, \/dev\/mapper\/root \/ erofs ro,/);
    for (const disk of disks)
      if (/plain|lz4/.test(disk.serial)) isRead(output, disk);
      else expect(output).toContain(`test: ${disk.serial} is refused\n`);
  });
});
