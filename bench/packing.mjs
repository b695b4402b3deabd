/**
 * What the benchmarks of file systems share: one tree from a tar archive, packed by us cold and warm and by a reference tool in the oracle,
 * as ratios of one run. Needs root and test/oracles.sh.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { readTar } from "#dist/codec/tar/read-tar.js";
import { openCache } from "#dist/io/cache.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { startWorkers } from "#dist/io/workers.js";
import { importTarEntries } from "#dist/rootfs/tree/import-entries.js";
import { Tree } from "#dist/rootfs/tree/tree.js";

export const JOBS = 2;

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
async function packOurs(path, { cacheDir, write }) {
  const cache = openCache({ directory: cacheDir });
  const workers = startWorkers({ jobs: JOBS });
  const tree = readTree(path, cache);
  const before = process.cpuUsage();
  const content = await write(tree, { cache, workers });
  const chunks = [];
  for await (const chunk of content.chunks()) chunks.push(chunk.length);
  const { user, system } = process.cpuUsage(before);
  await workers.close();
  cache.close();
  return { bytes: chunks.reduce((sum, length) => sum + length, 0), seconds: (user + system) / 1e6 };
}

/** Runs a program of the oracle; returns the bytes of the file `theirs` that it wrote, and its seconds of processor time. */
function packTheirs({ oracle, scratch, command }) {
  const argv = ["-f", "%U %S", "-o", join(scratch, "time"), "chroot", oracle, ...command];
  const run = spawnSync("/usr/bin/time", argv, { stdio: "ignore" });
  if (run.status !== 0) throw new Error(`${command[0]} ended with ${run.status}`);
  const last = execFileSync("tail", ["-n", "1", join(scratch, "time")], { encoding: "utf8" });
  const [user, system] = last.trim().split(" ");
  return { bytes: statSync(join(scratch, "theirs")).size, seconds: Number(user) + Number(system) };
}

/**
 * Prints a row for each case: `name`, `write` (tree and resources to content), and `command`, which makes of a tree's path and an image's
 * path the arguments of the other tool.
 */
export async function comparePacking(path, { tool, cases }) {
  const oracle =
    process.env.TDX_ASSEMBLE_ORACLE ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tdx-assemble", "oracle", "trixie");
  const scratch = mkdtempSync(join(oracle, "tmp", "bench-"));
  const inside = scratch.slice(oracle.length);
  try {
    execFileSync("sh", ["-c", `mkdir "$1/tree" && tar -C "$1/tree" -xf "$2"`, "sh", scratch, path]);
    console.log(
      `| settings | ours, bytes | ${tool} | size | CPU cold | CPU warm |\n| --- | --- | --- | --- | --- | --- |`,
    );
    for (const [i, { name, write, command }] of cases.entries()) {
      const own = { write, cacheDir: join(scratch, `cache-${i}`) };
      const cold = await packOurs(path, own);
      rmSync(join(scratch, "theirs"), { force: true });
      const theirs = packTheirs({ oracle, scratch, command: command(`${inside}/tree`, `${inside}/theirs`) });
      const warm = await packOurs(path, own);
      const ratio = (value) => (value / theirs.seconds).toFixed(2);
      const size = (cold.bytes / theirs.bytes).toFixed(4);
      console.log(
        `| ${name} | ${cold.bytes} | ${theirs.bytes} | ${size} | ${ratio(cold.seconds)} | ${ratio(warm.seconds)} |`,
      );
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
