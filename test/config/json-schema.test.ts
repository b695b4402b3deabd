import { describe, expect, it } from "vitest";
import { knownKeys, pathOfKey, recipeJsonSchemaText } from "#dist/config/json-schema.js";

describe("schema.json", () => {
  it("is what the schema says (vitest -u writes it)", async () => {
    await expect(recipeJsonSchemaText()).toMatchFileSnapshot("../../schema.json");
    expect(JSON.parse(recipeJsonSchemaText())).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      additionalProperties: false,
    });
  });

  it("knows the keys of every object, through unions and references", () => {
    expect(knownKeys([])).toContain("profiles");
    expect(knownKeys(["profiles", "x", "kernel", "build"])).toEqual(["source", "config", "fragments", "patches"]);
    expect(knownKeys(["users", 3])).toContain("gecos");
    expect(knownKeys(["archive", "mirror"])).toEqual(["debian", "security"]);
    expect(knownKeys(["environment", "ANY"])).toEqual(["fromHost", "default", "secret"]);
    expect(knownKeys(["image"])).toEqual([]);
  });

  it("finds where a key lives", () => {
    expect(pathOfKey("espSize")).toEqual(["disk", "espSize"]);
    expect(pathOfKey("nowhere")).toBeUndefined();
  });
});
