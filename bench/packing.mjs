/**
 * Makes one file system, hash tree or disk of an input, in a process of its own so that its memory is its own:
 *
 *     node bench/packing.mjs KIND SETTING INPUT CACHE OUTPUT
 *
 * The input is a tar archive of a tree (squashfs, erofs, ext4) or a raw disk (verity, qcow2, vhd). Prints bytes, seconds of processor time and of
 * the clock from the reading of the tree on, and the peak of memory.
 */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { readTar } from "#dist/codec/tar/read-tar.js";
import { writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import { writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import { writeSquashfs } from "#dist/filesystem/squashfs/write-squashfs.js";
import { writeVerity } from "#dist/filesystem/verity/write-verity.js";
import { writeQcow2 } from "#dist/gpt/containers/qcow2.js";
import { writeDynamicVhd, writeFixedVhd } from "#dist/gpt/containers/vhd.js";
import { writeFileAtomically } from "#dist/io/atomic-file.js";
import { openCache } from "#dist/io/cache.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { startWorkers } from "#dist/io/workers.js";
import { importTarEntries } from "#dist/rootfs/tree/import-entries.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

export const JOBS = 2;
export const UUID = "11111111-2222-3333-4444-555555555555";
const AHEAD_BYTES = 16 << 10;
const VHD = { uniqueId: new Uint8Array(16), timeSeconds: 0 };

const squashfs = (type, level) => async (tree, resources) =>
  (await writeSquashfs(tree, { compression: { type, level }, ...resources })).content;
const erofs = (type, level, clusterBytes) => (tree, resources) => {
  const packing = type === undefined ? undefined : { compression: { type, level }, clusterBytes, ...resources };
  return writeErofs(tree, { uuid: UUID, time: 0, packing });
};

/** Trees to images. */
const TREES = {
  squashfs: {
    zstd: squashfs("zstd", 15),
    gzip: squashfs("gzip", 9),
    lz4: squashfs("lz4", 12),
    none: squashfs("none", 0),
  },
  erofs: {
    zstd: erofs("zstd", 15, 65536),
    deflate: erofs("deflate", 9, 65536),
    lz4: erofs("lz4", 12, 65536),
    "lz4-4k": erofs("lz4", 12, 4096),
    none: erofs(),
  },
  ext4: { smallest: (tree) => writeExt4(tree, { uuid: UUID, hashSeed: UUID, time: 0 }) },
};

/** Raw disks to others. */
const DISKS = {
  verity: {
    sha256: async (disk, { workers }) =>
      (await writeVerity(disk, { salt: new Uint8Array(32), uuid: UUID, workers })).hashTree,
  },
  qcow2: { convert: (disk) => writeQcow2(disk) },
  vhd: { fixed: (disk) => writeFixedVhd(disk, VHD), dynamic: (disk) => writeDynamicVhd(disk, VHD) },
};

function readTree(path, cache) {
  const descriptor = openSync(path);
  const { size } = fstatSync(descriptor);
  // A little is read ahead: most files are small.
  const ahead = new Uint8Array(AHEAD_BYTES);
  let [start, end] = [0, 0];
  const read = (offset, length) => {
    if (offset < start || offset + length > end) {
      start = offset;
      end = offset + readSync(descriptor, ahead, 0, AHEAD_BYTES, offset);
    }
    return ahead.subarray(offset - start, Math.min(offset + length, end) - start);
  };
  const tree = new Tree();
  importTarEntries(tree, withContents(readTar({ size, read })), { source: path, target: "/" });
  closeSync(descriptor);
  return tree;

  function* withContents(entries) {
    for (const entry of entries) {
      if (entry.type === "file")
        entry.content = contentOfFile(cache.files, { path, offset: entry.offset, size: entry.size });
      yield entry;
    }
  }
}

function openDisk(path, cache) {
  const descriptor = openSync(path);
  const { size } = fstatSync(descriptor);
  closeSync(descriptor);
  return contentOfFile(cache.files, { path, offset: 0, size });
}

async function main([kind, setting, input, cacheDir, output]) {
  const cache = openCache({ directory: cacheDir });
  const workers = startWorkers({ jobs: JOBS });
  const before = process.cpuUsage();
  const start = performance.now();
  const content =
    kind in TREES
      ? await TREES[kind][setting](readTree(input, cache), { cache, workers })
      : await DISKS[kind][setting](openDisk(input, cache), { cache, workers });
  const { size } = await writeFileAtomically(output, content);
  await workers.close();
  cache.close();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const mib = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ bytes: size, cpu: (user + system) / 1e6, wall, mib }));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
