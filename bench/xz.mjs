/**
 * Speed of the xz decoder, checks included, as ratios to `xz -T1 -dc` in the same run: one thread, and all files in two workers.
 *
 *     node bench/xz.mjs FILE.xz|FILE.deb …
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";
import { readAr } from "#dist/codec/ar.js";
import { decodeBytes } from "#dist/codec/decoder.js";
import { randomAccessOf } from "#dist/codec/random-access.js";
import { xzDecoder } from "#dist/codec/xz/decode-xz.js";
import { defineTask, startWorkers } from "#dist/io/workers.js";

const ROUNDS = 7;
const decodeTask = defineTask(import.meta.url, "decodeFile");

/** Decodes one file; returns how many bytes came out. */
export function decodeFile(path) {
  let size = 0;
  decodeBytes(
    (queue) => xzDecoder(queue),
    readFileSync(path),
    (piece) => {
      size += piece.length;
    },
  );
  return size;
}

/** The least CPU time of several runs of each, in turn: other work on the machine does not count, the threads of a run do. */
async function best(...runs) {
  const least = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of runs.entries()) {
      const before = cpuMilliseconds();
      await run();
      least[i] = Math.min(least[i], cpuMilliseconds() - before);
    }
  }
  return least;
}

/** CPU time of this process, its threads, and the programs that it has waited for. */
function cpuMilliseconds() {
  const fields = readFileSync("/proc/self/stat", "latin1").split(") ")[1].split(" ");
  // utime, stime, cutime and cstime (proc_pid_stat(5)), in hundredths of a second.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

async function main(paths) {
  const directory = mkdtempSync(join(tmpdir(), "bench-xz-"));
  const workers = startWorkers({ jobs: 2 });
  const xz = (...files) => spawnSync("xz", ["-T1", "-dc", ...files], { stdio: ["ignore", "ignore", "inherit"] });
  try {
    const files = paths.map((path, i) => {
      const bytes = new Uint8Array(readFileSync(path));
      const members = path.endsWith(".deb") ? [...readAr(randomAccessOf(bytes))] : [];
      const { offset, size } = members.find(({ name }) => name === "data.tar.xz") ?? { offset: 0, size: bytes.length };
      const file = join(directory, `${i}.xz`);
      writeFileSync(file, bytes.subarray(offset, offset + size));
      return { name: path.split("/").at(-1), file };
    });
    let total = 0;
    for (const { name, file } of files) {
      const size = decodeFile(file);
      total += size;
      const [own, program] = await best(
        () => decodeFile(file),
        () => xz(file),
      );
      report(name, { size, own, program });
    }
    const all = files.map(({ file }) => file);
    const [own, program] = await best(
      () => Promise.all(all.map((file) => workers.run(decodeTask, file))),
      () => xz(...all),
    );
    report("all of them, two workers", { size: total, own, program });
  } finally {
    await workers.close();
    rmSync(directory, { recursive: true });
  }
}

function report(name, { size, own, program }) {
  const speed = (ms) => `${(size / 1000 / ms).toFixed(1).padStart(6)} MB/s`;
  const ratio = (program / own).toFixed(2);
  console.log(`${name.slice(0, 40).padEnd(40)} ${speed(own)}   xz -T1 ${speed(program)}   ratio ${ratio}`);
}

if (isMainThread && process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
