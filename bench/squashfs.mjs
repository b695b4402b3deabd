/**
 * Squashfs images of one tree, ours (cold and warm) and mksquashfs's at the same settings: bytes, and processor time as ratios of one run.
 * Needs root and test/oracles.sh.
 *
 *     node bench/squashfs.mjs TREE.tar [zstd|gzip|lz4|none …]
 */

import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { readTar } from "#dist/codec/tar/read-tar.js";
import { writeSquashfs } from "#dist/filesystem/squashfs/write-squashfs.js";
import { openCache } from "#dist/io/cache.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { startWorkers } from "#dist/io/workers.js";
import { importTarEntries } from "#dist/rootfs/tree/import-entries.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

const JOBS = 2;
const SETTINGS = {
  zstd: { level: 15, options: ["-comp", "zstd"] },
  gzip: { level: 9, options: ["-comp", "gzip"] },
  lz4: { level: 12, options: ["-comp", "lz4", "-Xhc"] },
  none: { level: 0, options: ["-no-compression"] },
};

function readTree(path, cache) {
  const descriptor = openSync(path);
  const { size } = fstatSync(descriptor);
  const read = (offset, length) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    readSync(descriptor, bytes, 0, bytes.length, offset);
    return bytes;
  };
  const tree = new Tree();
  const contentOf = ({ offset, size: bytes }) => contentOfFile(cache.files, { path, offset, size: bytes });
  const entries = [...readTar({ size, read })].map((entry) =>
    entry.type === "file" ? { ...entry, content: contentOf(entry) } : entry,
  );
  importTarEntries(tree, entries, { source: path, target: "/" });
  closeSync(descriptor);
  return tree;
}

/** Packs once, workers included; returns bytes and seconds of processor time. */
async function pack(path, { compression, cacheDir }) {
  const cache = openCache({ directory: cacheDir });
  const workers = startWorkers({ jobs: JOBS });
  const tree = readTree(path, cache);
  const before = process.cpuUsage();
  const { content } = await writeSquashfs(tree, { compression, cache, workers });
  const chunks = [];
  for await (const chunk of content.chunks()) chunks.push(chunk.length);
  const { user, system } = process.cpuUsage(before);
  await workers.close();
  cache.close();
  return { bytes: chunks.reduce((sum, length) => sum + length, 0), seconds: (user + system) / 1e6 };
}

async function main(path, types) {
  const oracle =
    process.env.TDX_ASSEMBLE_ORACLE ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tdx-assemble", "oracle", "trixie");
  const scratch = mkdtempSync(join(oracle, "tmp", "bench-"));
  const inside = scratch.slice(oracle.length);
  try {
    execFileSync("sh", ["-c", `mkdir "$1/tree" && tar -C "$1/tree" -xf "$2"`, "sh", scratch, path]);
    console.log(
      "| settings | ours, bytes | mksquashfs | size | CPU cold | CPU warm |\n| --- | --- | --- | --- | --- | --- |",
    );
    for (const type of types) {
      const { level, options } = SETTINGS[type];
      const own = { compression: { type, level }, cacheDir: join(scratch, `cache-${type}`) };
      const cold = await pack(path, own);
      const theirs = packTheirs({ oracle, scratch, inside, options });
      const warm = await pack(path, own);
      const ratio = (value) => (value / theirs.seconds).toFixed(2);
      console.log(
        `| ${type} ${level || ""} | ${cold.bytes} | ${theirs.bytes} | ${(cold.bytes / theirs.bytes).toFixed(4)} | ${ratio(cold.seconds)} | ${ratio(warm.seconds)} |`,
      );
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function packTheirs({ oracle, scratch, inside, options }) {
  const quiet = ["-noappend", "-quiet", "-no-progress", "-processors", String(JOBS), "-all-time", "0"];
  const command = ["chroot", oracle, "mksquashfs", `${inside}/tree`, `${inside}/theirs`, ...quiet, ...options];
  const run = spawnSync("/usr/bin/time", ["-f", "%U %S", "-o", join(scratch, "time"), ...command], { stdio: "ignore" });
  if (run.status !== 0) throw new Error(`mksquashfs ended with ${run.status}`);
  const [user, system] = execFileSync("tail", ["-n", "1", join(scratch, "time")], { encoding: "utf8" })
    .trim()
    .split(" ");
  return { bytes: statSync(join(scratch, "theirs")).size, seconds: Number(user) + Number(system) };
}

const [path, ...types] = process.argv.slice(2);
if (path === undefined) throw new Error("node bench/squashfs.mjs TREE.tar [zstd|gzip|lz4|none …]");
await main(path, types.length > 0 ? types : Object.keys(SETTINGS));
