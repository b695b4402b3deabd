/**
 * The cache against a disk that is really full, and two processes that unpack the same packages at once. Needs root for the small disk.
 */

import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDeb } from "#dist/apt/deb/open-deb.js";
import { openCache } from "#dist/io/cache.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { cachedStep } from "#dist/io/step.js";
import { startWorkers } from "#dist/io/workers.js";
import { sampleData } from "../codec/sample-data.js";
import { codeOfAsync } from "../codec/support.js";
import { buildDeb } from "../fixtures/archive/build-deb.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "heavy-cache-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const deb = buildDeb({ name: "big", files: { "usr/share/big": sampleData(3_000_000) } }).bytes;
const files = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

describe("a full disk", () => {
  it("is said, and nothing is left on it", async () => {
    const disk = join(directory, "disk");
    mkdirSync(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
    const workers = startWorkers({ jobs: 1 });
    const cache = openCache({ directory: disk });
    try {
      async function* chunks() {
        for (let at = 0; at < deb.length; at += 65_536) yield deb.subarray(at, at + 65_536);
      }
      expect(await codeOfAsync(() => cache.writeBlob(sha256(deb), chunks()))).toBe("io/disk-full");
      const step = { name: "x", version: 1, key: "0" };
      expect(await codeOfAsync(() => cachedStep(cache, step, () => deb))).toBe("io/disk-full");
      const path = join(directory, "big.deb");
      writeFileSync(path, deb);
      const content = contentOfFile(cache.files, { path, size: deb.length });
      const file = { sha256: sha256(deb), what: "big 1.0", content };
      expect(await codeOfAsync(() => openDeb({ cache, workers }, file))).toBe("io/disk-full");
      cache.close();
      expect(files(disk)).toEqual([]);
    } finally {
      await workers.close();
      execFileSync("umount", [disk]);
    }
  });
});

describe("two processes on one cache", () => {
  it("both get every package", async () => {
    const packages = Array.from({ length: 8 }, (_, i) => {
      const { bytes } = buildDeb({ name: `p${i}`, files: { "usr/share/x": sampleData(400_000, i + 1) } });
      const path = join(directory, `p${i}.deb`);
      writeFileSync(path, bytes);
      return { path, size: bytes.length, sha256: sha256(bytes) };
    });
    const root = join(directory, "shared");
    const module = (name: string) => JSON.stringify(import.meta.resolve(name));
    const script = `
      const { openCache } = await import(${module("#dist/io/cache.js")});
      const { startWorkers } = await import(${module("#dist/io/workers.js")});
      const { openDeb } = await import(${module("#dist/apt/deb/open-deb.js")});
      const { contentOfFile } = await import(${module("#dist/io/file-content.js")});
      const cache = openCache({ directory: ${JSON.stringify(root)} });
      const workers = startWorkers({ jobs: 2 });
      const debs = await Promise.all(${JSON.stringify(packages)}.map(({ path, size, sha256 }) =>
        openDeb({ cache, workers }, { sha256, what: path, content: contentOfFile(cache.files, { path, size }) })));
      console.log(debs.map((deb) => deb.entries.at(-1).content.digest).join(" "));
      for (const deb of debs) deb.entries.at(-1).content.read();
      await workers.close();
      cache.close();`;
    const run = promisify(execFile);
    const start = () => run(process.execPath, ["--input-type=module", "-e", script], { timeout: 120_000 });
    const outputs = await Promise.all([start(), start(), start()]);
    const wanted = `${packages.map((_, i) => sha256(sampleData(400_000, i + 1))).join(" ")}\n`;
    expect(outputs.map(({ stdout }) => stdout)).toEqual([wanted, wanted, wanted]);
    expect(files(root)).toHaveLength(2 * packages.length);
  });
});
