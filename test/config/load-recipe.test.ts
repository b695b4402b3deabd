import path from "node:path";
import { describe, expect, it } from "vitest";
import { checkEnvironment } from "#dist/config/check-environment.js";
import { defineImage, loadRecipe } from "#dist/config/load-recipe.js";
import { formatOrigin } from "#dist/config/origin.js";
import { locate } from "#dist/config/recipe.js";
import { errorOf, recipeFiles } from "./recipe-files.js";

const names = (packages: readonly { text: string }[]) => packages.map((each) => each.text);

describe("loadRecipe", () => {
  it("takes a file, or a directory with image.yaml or image.json", async () => {
    const directory = recipeFiles({
      "a/image.yaml": "image: yaml\n",
      "b/image.json": '{ "image": "json" }',
      "c/other.yaml": "image: other\n",
      "d/image.yaml": "image: x\n",
      "d/image.json": "{}",
      "e/readme": "",
    });
    expect((await loadRecipe(`${directory}/a`)).image).toBe("yaml");
    expect((await loadRecipe(`${directory}/b`)).image).toBe("json");
    const other = await loadRecipe(`${directory}/c/other.yaml`);
    expect(other).toMatchObject({ image: "other", provenance: { stem: "other", directory: `${directory}/c` } });
    expect(await errorOf(() => loadRecipe(`${directory}/d`))).toMatchObject({ code: "recipe/ambiguous" });
    expect(await errorOf(() => loadRecipe(`${directory}/e`))).toMatchObject({ code: "recipe/not-found" });
    expect(await errorOf(() => loadRecipe(`${directory}/none.yaml`))).toMatchObject({ code: "recipe/not-found" });
  });

  it("lays includes, the file and the profiles on each other, in order", async () => {
    const directory = recipeFiles({
      "image.yaml": `include: [one.yaml, two]
image: top
packages: [top]
profiles: { late: { packages: [late], hostname: late }, other: { hostname: other } }
`,
      "one.yaml":
        "include: [zero.yaml]\nimage: one\nversion: one\npackages: [one]\nprofiles: { late: { packages: [early], timezone: UTC } }\n",
      "zero.yaml": "image: zero\nversion: zero\nlocale: C.UTF-8\npackages: [zero]\n",
      "two/image.yaml": "version: two\npackages: [two, one]\n",
    });
    const recipe = await loadRecipe(directory, { profiles: ["other", "late", "other"] });
    expect(recipe).toMatchObject({
      image: "top",
      version: "two",
      locale: "C.UTF-8",
      hostname: "late",
      timezone: "UTC",
      profiles: ["other", "late"],
      outputName: "top_two+other+late",
    });
    expect(names(recipe.packages)).toEqual(["zero", "one", "two", "top", "early", "late"]);
    expect(names((await loadRecipe(directory)).packages)).toEqual(["zero", "one", "two", "top"]);
  });

  it("reads a file once that is included twice: its later place would undo what came between", async () => {
    const directory = recipeFiles({
      "image.yaml": "image: x\ninclude: [left.yaml, right.yaml]\n",
      "left.yaml": "include: [base.yaml]\nhostname: left\n",
      "right.yaml": "include: [./base.yaml]\npackages: [right]\n",
      "base.yaml": "hostname: base\npackages: [base]\n",
    });
    const recipe = await loadRecipe(directory);
    expect(recipe.hostname).toBe("left");
    expect(names(recipe.packages)).toEqual(["base", "right"]);
  });

  it("refuses circles and files that are not there, naming where they are included", async () => {
    const directory = recipeFiles({
      "image.yaml": "image: x\ninclude: [a.yaml]\n",
      "a.yaml": "include: [sub/b.yaml]\n",
      "sub/b.yaml": "packages: []\ninclude:\n  - ../a.yaml\n",
      "self.yaml": "include: [self.yaml]\n",
      "gone.yaml": "image: x\ninclude: [nowhere.yaml]\n",
    });
    const circle = await errorOf(() => loadRecipe(directory));
    expect(circle.code).toBe("recipe/include-cycle");
    expect(circle.message).toContain(`${directory}/sub/b.yaml:3:5`);
    expect(circle.message).toMatch(/a\.yaml → \S*b\.yaml → \S*a\.yaml/);
    expect(await errorOf(() => loadRecipe(`${directory}/self.yaml`))).toMatchObject({ code: "recipe/include-cycle" });
    const gone = await errorOf(() => loadRecipe(`${directory}/gone.yaml`));
    expect(gone).toMatchObject({ code: "recipe/not-found", message: expect.stringMatching(/gone\.yaml:2:11/) });
  });

  it("names a mistake in an included file by that file", async () => {
    const directory = recipeFiles({
      "top/image.yaml": "image: x\ninclude: [../base]\n",
      "base/image.yaml": "pakages: []\n",
    });
    const error = await errorOf(() => loadRecipe(`${directory}/top`));
    expect(error.message).toContain(`${directory}/base/image.yaml:1:1: "pakages"`);
  });

  it("takes relative paths from the file that states them, and names them from the recipe", async () => {
    const directory = recipeFiles({
      "top/image.yaml": "include: [../base]\nimage: x\nskeletonTrees: [skel]\nprofiles: { p: { extraTrees: [top] } }\n",
      "base/image.yaml": `skeletonTrees: [skel, ../top/skel/, { source: ./tree.tar, target: /opt/ }]
templates: { data: env.json }
scripts: { finalize: [a.chroot, { run: b, in: sandbox }] }
kernel: { build: { source: linux-source-6.12, config: config, fragments: [f/a.config], patches: [p.patch] } }
stub: ./stub.efi
archive: { extra: [{ suite: x, uri: "https://e.example/d", signedBy: k.asc }] }
secureBoot: { key: db.key, certificate: /etc/db.crt }
pcrSigning: { key: pcr.key, phases: [enter-initrd] }
sources: [{ name: s, path: src }]
profiles: { p: { extraTrees: [base], kernel: { image: bz, modulesFrom: mods } } }
`,
    });
    const file = (name: string) => ({ name, path: path.resolve(directory, "top", name) });
    const recipe = await loadRecipe(`${directory}/top`);
    expect(recipe.skeletonTrees.map((tree) => tree.source)).toEqual([
      file("../base/skel"),
      file("skel"),
      file("../base/tree.tar"),
    ]);
    expect(recipe.skeletonTrees[2]?.target).toBe("/opt");
    expect(recipe.templates?.data).toEqual(file("../base/env.json"));
    expect(recipe.scripts.finalize).toEqual([
      { file: file("../base/a.chroot"), in: "shell", chroot: true },
      { file: file("../base/b"), in: "sandbox", chroot: false },
    ]);
    expect(recipe.kernel.source).toMatchObject({
      config: file("../base/config"),
      fragments: [file("../base/f/a.config")],
      patches: [file("../base/p.patch")],
    });
    expect(recipe.stub).toEqual({ file: file("../base/stub.efi") });
    expect(recipe.archive.extra[0]?.signedBy).toEqual(file("../base/k.asc"));
    expect(recipe.secureBoot).toMatchObject({ key: file("../base/db.key"), certificate: { path: "/etc/db.crt" } });
    expect(recipe.pcrSigning?.key).toEqual(file("../base/pcr.key"));
    expect(recipe.sources[0]?.origin).toEqual({ kind: "path", path: file("../base/src") });
    const profiled = await loadRecipe(`${directory}/top`, { profiles: ["p"] });
    expect(profiled.extraTrees.map((tree) => tree.source.name)).toEqual(["../base/base", "top"]);
    expect(profiled.kernel.source).toMatchObject({ image: file("../base/bz"), modulesFrom: file("../base/mods") });
    expect(JSON.stringify(profiled.provenance.merged)).not.toContain(directory);
  });

  it("leaves a package's name alone where a path could stand", async () => {
    const directory = recipeFiles({
      "top/image.yaml": "include: [../base]\nimage: x\n",
      "base/image.yaml": "stub: systemd-boot-efi=257*\n",
    });
    expect((await loadRecipe(`${directory}/top`)).stub).toMatchObject({
      package: { name: "systemd-boot-efi", version: "257*" },
    });
  });

  it("keeps the place of every value", async () => {
    const directory = recipeFiles({
      "image.yaml":
        'include: [base.yaml]\nimage: x\nkernel:\n  commandLine:\n    - quiet\nusers: [{ name: a, shell: /bin/sh }]\npermissions: { /etc/x: { mode: "0600" } }\n',
      "base.yaml":
        "packages: [a,\n  b]\nkernel: { commandLine: [debug], load: [m] }\nusers:\n  - name: a\n    uid: 7\n",
    });
    const recipe = await loadRecipe(directory);
    const place = (...at: (string | number)[]) => {
      const origin = locate(recipe, at);
      return origin && formatOrigin(origin).replace(`${directory}/`, "");
    };
    expect(place("packages", 1)).toBe("base.yaml:2:3");
    expect(place("kernel", "commandLine", 0)).toBe("base.yaml:3:25");
    expect(place("kernel", "commandLine", 1)).toBe("image.yaml:5:7");
    expect(place("users", 0, "uid")).toBe("base.yaml:6:10");
    expect(place("users", 0, "shell")).toBe("image.yaml:6:27");
    expect(place("permissions", "/etc/x", "mode")).toBe("image.yaml:7:32");
    expect(place("kernel", "load", 0, "deeper")).toBe("base.yaml:3:40");
    expect(place("outputs")).toBeUndefined();
  });

  it("shows files the way the recipe was named", async () => {
    const directory = recipeFiles({
      "top/image.yaml": "include: [../base.yaml]\nimage: x\n",
      "base.yaml": "hostname: h\n",
    });
    const relative = path.relative(process.cwd(), `${directory}/top`);
    const recipe = await loadRecipe(relative);
    expect(locate(recipe, ["image"])?.file).toBe(path.join(relative, "image.yaml"));
    expect(locate(recipe, ["hostname"])?.file).toBe(path.join(relative, "../base.yaml"));
  });

  it("refuses an unknown profile with the nearest", async () => {
    const directory = recipeFiles({
      "image.yaml": "image: x\nprofiles: { devtools: {}, console: {} }\n",
      "none.yaml": "image: x\n",
    });
    const near = await errorOf(() => loadRecipe(directory, { profiles: ["devtool"] }));
    expect(near).toMatchObject({
      code: "recipe/unknown-profile",
      message: expect.stringContaining("the nearest known profile is devtools"),
    });
    const none = await errorOf(() => loadRecipe(`${directory}/none.yaml`, { profiles: ["devtools"] }));
    expect(none.message).toContain("the recipe has no profiles");
  });

  it("lets the later of name and -name stand", async () => {
    const directory = recipeFiles({
      "image.yaml":
        'image: x\npackages: [a, b, "c=1"]\nprofiles: { p: { packages: [-a, -c] }, q: { packages: [a] } }\n',
    });
    const texts = async (...profiles: string[]) => names((await loadRecipe(directory, { profiles })).packages);
    expect(await texts("p")).toEqual(["b", "-a", "-c"]);
    expect(await texts("p", "q")).toEqual(["b", "-c", "a"]);
  });

  it("appends to stated lists only, never to defaults", async () => {
    const directory = recipeFiles({
      "image.yaml":
        "image: x\noutputs: [tar]\narchive: { components: [contrib] }\nprofiles: { p: { outputs: { replace: [cpio] } } }\n",
    });
    expect(await loadRecipe(directory)).toMatchObject({ outputs: ["tar"], archive: { components: ["contrib"] } });
    const replaced = await loadRecipe(directory, { profiles: ["p"] });
    expect(replaced.outputs).toEqual(["cpio"]);
    expect(replaced.provenance.merged).toMatchObject({ outputs: ["cpio"] });
    expect(locate(replaced, ["outputs", 0])?.line).toBe(4);
  });
});

describe("environment", () => {
  const text =
    "image: x\nenvironment: { A: fixed, B: { fromHost: true, default: d }, C: { fromHost: true, secret: true }, D: { default: e } }\n";

  it("comes from what is passed in, never from the process", async () => {
    const directory = recipeFiles({ "image.yaml": text.replace("C:", "PATH:") });
    const recipe = await loadRecipe(directory);
    expect(recipe.environment).toEqual({
      A: { value: "fixed", fromHost: false, secret: false },
      B: { value: "d", fromHost: true, secret: false },
      D: { value: "e", fromHost: false, secret: false },
      PATH: { value: undefined, fromHost: true, secret: true },
    });
    expect(Object.keys(recipe.environment)).toEqual(["A", "B", "D", "PATH"]);
  });

  it("has to be there for a build, not for a lock", async () => {
    const directory = recipeFiles({ "image.yaml": text });
    const recipe = await loadRecipe(directory);
    const error = await errorOf(() => checkEnvironment(recipe));
    expect(error).toMatchObject({
      code: "recipe/environment-missing",
      message: expect.stringMatching(/image\.yaml:2:\d+: environment\.C comes from the host/),
    });
    checkEnvironment(await loadRecipe(directory, { environment: { C: "" } }));
  });
});

describe("defineImage", () => {
  it("includes files and takes profiles, relative to the directory", async () => {
    const directory = recipeFiles({ "base.yaml": "packages: [base]\nextraTrees: [tree]\n" });
    const recipe = defineImage(
      { image: "x", include: ["base.yaml"], profiles: { p: { packages: ["p"] } }, hostname: undefined },
      { directory, profiles: ["p"] },
    );
    expect(names(recipe.packages)).toEqual(["base", "p"]);
    expect(recipe.extraTrees[0]?.source.path).toBe(`${directory}/tree`);
    expect(locate(recipe, ["image"])).toEqual({ file: "defineImage" });
    expect(locate(recipe, ["packages", 0])?.file).toContain("base.yaml");
  });
});
