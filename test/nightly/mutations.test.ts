/**
 * 10,000 damaged copies for each reader of what others made: an error of its own or a tree, never another exception, an endless loop or a huge
 * block of memory. Prints what came of them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openCache } from "#dist/io/cache.js";
import { startWorkers } from "#dist/io/workers.js";
import { driveReader } from "../fixtures/mutate/drive-reader.js";
import { hostileReaders } from "../fixtures/mutate/hostile-readers.js";

const MUTATIONS = 10_000;
const LARGEST_MAX = 64 << 20;
/** Of processor time for one copy: more is no better than a hang. */
const SECONDS_MAX = 10;

it(`reads or refuses ${MUTATIONS} damaged copies of what each reader reads`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "mutations-"));
  const workers = startWorkers({ jobs: 2 });
  const cache = openCache({ directory });
  const readers = await hostileReaders({ cache, workers });
  await workers.close();
  cache.close();
  rmSync(directory, { recursive: true });
  const failed: string[] = [];
  for (const reader of readers) {
    try {
      const { outcomes, largest, slowest } = await driveReader(reader, { count: MUTATIONS, seed: 2026 });
      const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${count} ${code}`);
      const mebibytes = (largest / 2 ** 20).toFixed(1);
      console.info(`${reader.name}: ${counts.join(", ")}; at most ${mebibytes} MiB at once, ${slowest.toFixed(2)} s`);
      if (largest > LARGEST_MAX) failed.push(`${reader.name} asked for ${largest} bytes`);
      if (slowest > SECONDS_MAX) failed.push(`${reader.name} took ${slowest} s for one copy`);
    } catch (error) {
      failed.push(`${reader.name}: ${(error as Error).stack}`);
    }
  }
  expect(failed).toEqual([]);
}, 3_600_000);
