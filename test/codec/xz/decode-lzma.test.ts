import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { decodeXzBytes } from "#dist/codec/xz/decode-xz.js";
import { sampleData } from "../sample-data.js";
import { fromBase64 } from "../support.js";
import { xzFixtures } from "./fixtures.js";
import { slidingFixture } from "./sliding-fixture.js";

const repeated = (unit: Uint8Array, size: number): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += unit.length) bytes.set(unit.subarray(0, Math.min(unit.length, size - at)), at);
  return bytes;
};

/** Runs a module in a Node of its own; what it prints, or what Node warns of. */
const runNode = (flags: readonly string[], source: string): string =>
  execFileSync(process.execPath, [...flags, "--input-type=module", "-e", source], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });

const moduleAt = (path: string) => JSON.stringify(import.meta.resolve(`#dist/codec/xz/${path}`));

describe("the LZMA loop", () => {
  it("is asm.js that V8 compiles as such", () => {
    const printed = runNode(
      ["--allow-natives-syntax"],
      `import { lzmaModule } from ${moduleAt("decode-lzma.js")};
       lzmaModule(globalThis, null, new ArrayBuffer(1 << 18));
       console.log(%IsAsmWasmCode(lzmaModule));`,
    );
    expect(printed).toBe("true\n");
  });

  it("decodes the same where asm.js is not known", () => {
    const files = Object.values(xzFixtures).map((text) => text.trim());
    const printed = runNode(
      ["--no-validate-asm"],
      `import { decodeXzBytes } from ${moduleAt("decode-xz.js")};
       for (const text of ${JSON.stringify(files)})
         process.stdout.write(decodeXzBytes(new Uint8Array(Buffer.from(text, "base64")), { maxBytes: 1e6 }));`,
    );
    expect(printed).toBe(Buffer.from(repeated(sampleData(5000, 1), 5000 * files.length)).toString());
  });

  it("slides its window, whatever the memory was used for before", () => {
    const wanted = repeated(sampleData(3001, 3), 18_000_000);
    const file = fromBase64(slidingFixture);
    for (let round = 0; round < 2; round++)
      expect(Buffer.compare(decodeXzBytes(file, { maxBytes: wanted.length }), wanted)).toBe(0);
  });

  it("lends one memory to one decoder at a time", async () => {
    const { decodeXz } = await import("#dist/codec/xz/decode-xz.js");
    const runs = Array.from({ length: 3 }, () => decodeXz([fromBase64(slidingFixture)]));
    const wanted = repeated(sampleData(3001, 3), 18_000_000);
    let at = 0;
    while (at < wanted.length) {
      const pieces = await Promise.all(runs.map((run) => run.next()));
      const [first] = pieces as [{ value: Uint8Array }];
      for (const { value } of pieces) expect(Buffer.compare(value as Uint8Array, first.value)).toBe(0);
      expect(Buffer.compare(first.value, wanted.subarray(at, at + first.value.length))).toBe(0);
      at += first.value.length;
    }
    // One that is left in the middle gives its memory back, and the next one is not disturbed.
    const left = decodeXz([fromBase64(slidingFixture)]);
    await left.next();
    await left.return();
    expect(Buffer.compare(decodeXzBytes(fromBase64(slidingFixture), { maxBytes: wanted.length }), wanted)).toBe(0);
  });
});
