import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openCache } from "#dist/io/cache.js";
import { startWorkers } from "#dist/io/workers.js";
import { driveReader, type HostileReader, outcomeOf } from "../../fixtures/mutate/drive-reader.js";
import { hostileReaders } from "../../fixtures/mutate/hostile-readers.js";

// On a busy machine they take their time.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** Of each; test/nightly/mutations.test.ts has 10,000. */
const MUTATIONS = 300;
const LARGEST_MAX = 64 << 20;
let readers: readonly HostileReader[];
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "hostile-test-"));
  const workers = startWorkers({ jobs: 2 });
  const cache = openCache({ directory });
  readers = await hostileReaders({ cache, workers });
  await workers.close();
  cache.close();
  rmSync(directory, { recursive: true });
});
afterAll(() => {
  readers = [];
});

it("reads what is sound", async () => {
  for (const reader of readers) expect(`${reader.name} ${await outcomeOf(reader, reader.sound)}`).toMatch(/ read$/);
});

it(`reads or refuses ${MUTATIONS} damaged copies of what each reader reads, and asks for no huge memory`, async () => {
  for (const reader of readers) {
    const { outcomes, largest } = await driveReader(reader, { count: MUTATIONS });
    const refused = MUTATIONS - (outcomes.get("read") ?? 0);
    expect(refused, reader.name).toBeGreaterThan(MUTATIONS / 30);
    expect(largest, reader.name).toBeLessThan(LARGEST_MAX);
  }
});
