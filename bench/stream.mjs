/**
 * Writes a qcow2 disk with a root of many MiB (a file system and its hash tree of dm-verity, in a GPT) and says how much memory and processor time that took.
 *
 *     node bench/stream.mjs FILE MIB [ext4|squashfs|erofs]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import { writeExt4 } from "#dist/filesystem/ext4/write-ext4.js";
import { writeSquashfs } from "#dist/filesystem/squashfs/write-squashfs.js";
import { writeVerity } from "#dist/filesystem/verity/write-verity.js";
import { writeQcow2 } from "#dist/gpt/containers/qcow2.js";
import { planDisk } from "#dist/gpt/plan-disk.js";
import { writeDisk } from "#dist/gpt/write-disk.js";
import { writeFileAtomically } from "#dist/io/atomic-file.js";
import { openCache } from "#dist/io/cache.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { startWorkers } from "#dist/io/workers.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

const [file, mebibytes, format = "ext4"] = process.argv.slice(2);
const MIB = 2 ** 20;
const FILE_MIB = 256;
const uuid = "630b5f72-a36a-4e83-b23d-6ef47c82fd9c";

/** Bytes that no two files share, and that do not compress: a hash would be slower than what is measured. */
function contentOf(number, size) {
  const read = (offset = 0, length = size - offset) => {
    const count = Math.max(0, Math.min(length, size - offset));
    const first = offset - (offset % 4);
    const words = new Uint32Array(Math.ceil((offset + count - first) / 4));
    for (let i = 0; i < words.length; i++) {
      const x = Math.imul(first / 4 + i + Math.imul(number, 0x9e3779b1), 0x85ebca6b);
      words[i] = Math.imul(x ^ (x >>> 15), 0xc2b2ae35) ^ number;
    }
    return new Uint8Array(words.buffer, offset - first, count);
  };
  const chunks = async function* () {
    for (let at = 0; at < size; at += MIB) yield read(at, Math.min(MIB, size - at));
  };
  return { size, read, chunks };
}

const scratch = mkdtempSync(join(tmpdir(), "stream-"));
const cache = openCache({ directory: join(scratch, "cache") });
const workers = startWorkers({ jobs: 2 });
try {
  const tree = new Tree({ epoch: 0 });
  if (format !== "ext4") {
    // The compressors run in threads, which read files of the cache.
    const path = join(scratch, "data");
    await writeFileAtomically(path, contentOf(1, Number(mebibytes) * MIB));
    for (let i = 0, at = 0; at < mebibytes; i++, at += FILE_MIB) {
      const size = Math.min(FILE_MIB, mebibytes - at) * MIB;
      tree.write(`/file-${i}`, contentOfFile(cache.files, { path, offset: at * MIB, size }));
    }
  } else
    for (let i = 0, at = 0; at < mebibytes; i++, at += FILE_MIB)
      tree.write(`/file-${i}`, contentOf(i, Math.min(FILE_MIB, mebibytes - at) * MIB));
  const compression = { type: "zstd", level: 1 };
  const writers = {
    ext4: () => writeExt4(tree, { uuid, hashSeed: uuid, time: 0 }),
    squashfs: async () => (await writeSquashfs(tree, { compression, cache, workers })).content,
    erofs: () => writeErofs(tree, { uuid, time: 0, packing: { compression, cache, workers } }),
  };
  const image = await writers[format]();
  // As between the stages of a build.
  await workers.rest();
  const { hashTree } = await writeVerity(image, { salt: new Uint8Array(32), uuid, workers });
  const of = (content) => ({ bytes: content.size, fill: () => content });
  const contents = new Map([
    ["root", of(image)],
    ["root-verity", of(hashTree)],
  ]);
  const disk = { sizeBytes: "auto", espSizeBytes: "auto", layout: "standard", partitions: [] };
  const qcow2 = writeQcow2(writeDisk(planDisk(disk, { seed: uuid, contents })));
  const { size } = await writeFileAtomically(file, qcow2);
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const peakMiB = Math.round(maxRSS / 1024);
  console.log(
    JSON.stringify({ format, bytes: size, peakMiB, cpuSeconds: Math.round((userCPUTime + systemCPUTime) / 1e6) }),
  );
} finally {
  await workers.close();
  cache.close();
  rmSync(scratch, { recursive: true, force: true });
}
