import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadRecipe } from "#dist/config/load-recipe.js";
import { describeRecipe, showRecipe } from "#dist/config/show-recipe.js";
import { recipeFiles } from "./recipe-files.js";

const files = {
  "image.yaml": `include: [base.yaml]
image: x
version: "1.0"
users: [{ name: a, groups: [b, c] }]
overrides:
  - { package: p, script: postinst, sha256: ${"ab".repeat(32)}, reason: "a: b # c", effects: [{ path: /x, type: file, content: "1\\n2\\n" }] }
environment: { T: { fromHost: true, secret: true, default: hidden } }
profiles: { p: { packages: [y] } }
`,
  "base.yaml": "packages: [a]\npermissions: { /etc/x: { mode: '0600' } }\n",
};

describe("showRecipe", () => {
  it("is a recipe again, each value with its file and line", async () => {
    const directory = recipeFiles(files);
    const recipe = await loadRecipe(directory, { profiles: ["p"], environment: { T: "value-of-t" } });
    const text = showRecipe(recipe).replaceAll(`${directory}/`, "");
    expect(text).toContain('version: "1.0" # image.yaml:3\n');
    expect(text).toContain("packages:\n  - a # base.yaml:1\n  - y # image.yaml:8\n");
    expect(text).toContain(
      "users:\n  - name: a # image.yaml:4\n    groups:\n      - b # image.yaml:4\n      - c # image.yaml:4\n",
    );
    expect(text).toContain('permissions:\n  /etc/x:\n    mode: "0600" # base.yaml:2\n');
    expect(text).toContain("  package: linux-image-cloud-amd64 # default\n");
    expect(text).toContain("installRecommends: false # default\n");
    expect(parse(text)).toEqual(recipe.provenance.merged);
    expect(text).not.toMatch(/value-of-t|hidden/);
    const again = await loadRecipe(recipeFiles({ "image.yaml": text }));
    expect({ ...again, provenance: 0, profiles: 0, outputName: 0, environment: 0 }).toEqual({
      ...recipe,
      provenance: 0,
      profiles: 0,
      outputName: 0,
      environment: 0,
    });
  });

  it("as data: the merged recipe and the origins by JSON pointer", async () => {
    const directory = recipeFiles(files);
    const shown = describeRecipe(await loadRecipe(directory));
    expect(shown).toMatchObject({ profiles: [], recipe: { image: "x", base: "essential" } });
    expect(shown.origins["/permissions/~1etc~1x/mode"]).toEqual({
      file: `${directory}/base.yaml`,
      line: 2,
      column: 32,
    });
    expect(shown.origins["/base"]).toBeUndefined();
  });
});
