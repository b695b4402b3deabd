import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultMemory } from "#dist/sandbox/qemu/default-memory.js";

const GIB = 2 ** 30;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "memory-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("defaultMemory", () => {
  it.each([
    [`{"leastMemoryBytes": ${5 * GIB}}`, 5 * GIB],
    [`{"leastMemoryBytes": 1000}`, 2 * GIB],
    [`{"leastMemoryBytes": "lots"}`, 2 * GIB],
    ["{}", 2 * GIB],
    ["null", 2 * GIB],
    ["not JSON", 2 * GIB],
  ])("reads the manifest %s", async (text, expected) => {
    writeFileSync(join(directory, "image_1.0.manifest.json"), text);
    expect(await defaultMemory(join(directory, "image_1.0.efi"))).toBe(expected);
  });

  it("does without a manifest", async () => {
    expect(await defaultMemory(join(directory, "image.efi"))).toBe(2 * GIB);
    expect(await defaultMemory("image")).toBe(2 * GIB);
  });
});
