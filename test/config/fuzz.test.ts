import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recipeJsonSchema, schemasAt } from "#dist/config/json-schema.js";
import { defineImage, loadRecipe } from "#dist/config/load-recipe.js";
import type { ImageInput } from "#dist/config/schema.js";
import { showRecipe } from "#dist/config/show-recipe.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { recipeFiles } from "./recipe-files.js";

/** The error, if any, of a call that may fail but only with an AssembleError that says what and where. */
async function failureOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof AssembleError)) throw error;
    expect(error.message).toMatch(/^Cannot (read|use) .+: .+/);
    return error.code;
  }
}

/** Values that are near to a recipe: its keys, with values of any kind under them. */
const keys = Object.keys(recipeJsonSchema.properties ?? {}).filter((key) => key !== "include");
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, 0, -1, 1.5, "", "a", "a/b", "../x", "/x", "all", "auto", "zstd", "512M", "0644"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom("name", "replace", "type", "path", "source", "fromHost", "level", "a", "git", "image"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;

describe("any input", () => {
  it("of any shape is a recipe or an AssembleError", async () => {
    const input = fc.dictionary(fc.constantFrom(...keys), anyValue, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        await failureOf(() => showRecipe(defineImage({ image: "x", ...value } as unknown as ImageInput)));
      }),
      { numRuns: 600 },
    );
  });

  it("is the contract's example with anything cut out of it", async () => {
    const text = readFileSync(new URL("contract-example.yaml", import.meta.url), "utf8")
      .replace(/^include.*\n/m, "")
      .replaceAll("<hex>", "ab".repeat(32));
    const position = fc.nat(text.length);
    const outcomes = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(
        position,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom("", "x", "\t", "[", '"'),
        async (at, length, put) => {
          const directory = recipeFiles({ "image.yaml": text.slice(0, at) + put + text.slice(at + length) });
          outcomes.add(await failureOf(() => loadRecipe(directory)));
        },
      ),
      { numRuns: 100 },
    );
    expect(outcomes.size).toBeGreaterThan(3);
  });

  it("finds something to know about every key", () => {
    for (const key of keys) expect(schemasAt([key]).length).toBeGreaterThan(0);
  });
});
