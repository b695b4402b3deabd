/** `sbom` as a process: images of the fixture's archive, described by their locks and manifests. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { defineImage, formatLock, lock as makeLock } from "#dist/index.js";
import { inputOf, openScene, type Scene, scratchDirectory, writeFiles } from "../assemble/image-fixture.js";
import { run } from "./run-cli.js";

vi.setConfig({ testTimeout: 600_000 });

const FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
const INPUT = {
  outputs: ["uki" as const],
  packages: ["hello", "doomed"],
  removePackages: ["doomed"],
  extraTrees: ["extra"],
  templates: { data: "data.json" },
  sourceDateEpoch: 86_400,
};

let scene: Scene;
const inScene = (...names: string[]) => join(scene.directory, ...names);
const readJson = (path: string) => JSON.parse(readFileSync(inScene(path), "utf8"));
// biome-ignore lint/suspicious/noExplicitAny: documents of other standards
type Any = any;

beforeEach(async () => {
  scene = await openScene([
    {
      name: "hello",
      version: "1:2.10-3+b1",
      architecture: "amd64",
      depends: "greeter (>= 1), missing | libhello0 (>= 1)",
      fields: {
        Source: "hello-src (1:2.10-3)",
        Homepage: "https://example.org/",
        "Static-Built-Using": "zig (= 0.1-1)",
        "Built-Using": "gcc-14 (= 14.2-1)",
      },
      files: { "usr/share/doc/hello": { type: "symlink", target: "libhello0" } },
    },
    {
      name: "libhello0",
      version: "1.5",
      architecture: "amd64",
      provides: "greeter (= 2)",
      files: {
        "usr/share/doc/libhello0/copyright": {
          content: `${FORMAT}\nFiles: *\nLicense: GPL-2+ or odd\n\nLicense: odd\n Do.\n`,
        },
      },
    },
    { name: "doomed", files: { "usr/share/doc/doomed/copyright": { content: "prose\n" } } },
  ]);
  writeFiles(scene.directory, {
    "image.json": JSON.stringify(inputOf(INPUT)),
    "data.json": '{ "name": "x" }',
    "extra/etc/motd": "hi\n",
    "extra/etc/name.mustache": "{{name}}\n",
  });
  const recipe = defineImage(inputOf(INPUT), { directory: scene.directory });
  writeFileSync(inScene("image.lock"), formatLock(await makeLock(recipe, scene.options)));
});

describe("sbom", () => {
  it("describes a recipe: packages with sources, licences and dependencies, and its files", async () => {
    const { status, out } = await run(["sbom"], scene);
    expect([status, out]).toEqual([0, "build/test.spdx.json\nbuild/test.cdx.json\n"]);
    const spdx = readJson("build/test.spdx.json");
    expect(spdx.creationInfo.created).toBe("1970-01-02T00:00:00Z");
    const byName = (name: string): Any => spdx.packages.find((one: Any) => one.name === name);
    const hello = byName("hello");
    const library = byName("libhello0");
    expect(hello).toMatchObject({
      versionInfo: "1:2.10-3+b1",
      homepage: "https://example.org/",
      licenseDeclared: library.licenseDeclared,
      externalRefs: [{ referenceLocator: "pkg:deb/debian/hello@1:2.10-3%2Bb1?arch=amd64&distro=trixie" }],
    });
    expect(library.licenseDeclared).toMatch(/^GPL-2\.0-or-later OR LicenseRef-Debian-odd-[0-9a-f]{8}$/);
    expect(byName("doomed").licenseDeclared).toBe("NOASSERTION");
    expect(spdx.hasExtractedLicensingInfos).toEqual([expect.objectContaining({ name: "odd", extractedText: "Do." })]);
    const related = (id: string, type: string): string[] =>
      spdx.relationships
        .filter((one: Any) => one.spdxElementId === id && one.relationshipType === type)
        .map((one: Any) => spdx.packages.find(({ SPDXID }: Any) => SPDXID === one.relatedSpdxElement).name);
    expect(related(hello.SPDXID, "DEPENDS_ON")).toEqual(["libhello0"]);
    expect(related(hello.SPDXID, "GENERATED_FROM")).toEqual(["hello-src", "gcc-14"]);
    expect(related(hello.SPDXID, "STATIC_LINK")).toEqual(["zig"]);
    expect(related(byName("doomed").SPDXID, "BUILD_DEPENDENCY_OF")).toEqual(["test"]);
    const contained = related("SPDXRef-Image", "CONTAINS");
    expect(contained).toEqual(
      expect.arrayContaining(["hello", "linux-image-test", "systemd-boot-efi", "extra/etc/motd"]),
    );
    expect(contained).not.toContain("doomed");
    expect(related("SPDXRef-Image", "GENERATED_FROM")).toEqual(["data.json", "extra/etc/name.mustache", "image.json"]);
    const cyclonedx = readJson("build/test.cdx.json");
    const component = (name: string): Any => cyclonedx.components.find((one: Any) => one.name === name);
    expect([component("doomed").scope, component("hello").scope]).toEqual(["excluded", "required"]);
    expect(component("hello").pedigree.ancestors.map(({ name }: Any) => name)).toEqual(["hello-src", "gcc-14", "zig"]);
    const edge = cyclonedx.dependencies.find(({ ref }: Any) => ref === component("hello")["bom-ref"]);
    expect(edge.dependsOn).toEqual([component("libhello0")["bom-ref"]]);
  });

  it("describes an artifact with its outputs; the same bytes each time, for any number of threads", async () => {
    await scene.build({ input: INPUT, output: inScene("build") });
    const first = await run(["sbom", "build/test.efi", "--jobs", "1"], scene);
    expect([first.status, first.out]).toEqual([0, "build/test.spdx.json\nbuild/test.cdx.json\n"]);
    const [spdx, cyclonedx] = ["spdx", "cdx"].map((one) => readFileSync(inScene(`build/test.${one}.json`), "utf8"));
    expect((await run(["sbom", "build/test.efi", "image.json", "-o", "again", "--jobs", "3"], scene)).status).toBe(0);
    expect(readFileSync(inScene("again/test.spdx.json"), "utf8")).toBe(spdx);
    expect(readFileSync(inScene("again/test.cdx.json"), "utf8")).toBe(cyclonedx);
    const manifest = readJson("build/test.manifest.json");
    const [output] = JSON.parse(cyclonedx!).metadata.component.components;
    expect(output).toMatchObject({ name: "test.efi", hashes: [{ content: manifest.outputs[0].sha256 }] });
    const printed = await run(["sbom", "build/test.efi", "--print", "cyclonedx"], scene);
    expect(printed.out).toBe(cyclonedx);
  });

  it("does not describe what it does not know", async () => {
    await scene.build({ input: INPUT, output: inScene("build") });
    const elsewhere = scratchDirectory();
    const none = await run(["sbom", inScene("build/test.efi"), "-C", elsewhere]);
    expect([none.status, none.error]).toEqual([2, expect.stringContaining("error[sbom/no-recipe]")]);
    writeFiles(scene.directory, { "other/image.json": JSON.stringify(inputOf({ packages: [] })) });
    const recipe = defineImage(inputOf({ packages: [] }), { directory: inScene("other") });
    writeFileSync(inScene("other/image.lock"), formatLock(await makeLock(recipe, scene.options)));
    const other = await run(["sbom", "build/test.efi", "other"], scene);
    expect([other.status, other.error]).toEqual([1, expect.stringContaining("error[sbom/other-lock]")]);
    const bytes = readFileSync(inScene("build/test.efi"));
    bytes[bytes.length - 600]! ^= 1;
    writeFileSync(inScene("build/test.efi"), bytes);
    const changed = await run(["sbom", "build/test.efi"], scene);
    expect([changed.status, changed.error]).toEqual([2, expect.stringContaining("error[sbom/no-manifest]")]);
    expect((await run(["sbom", "build/none.efi"], scene)).error).toContain("error[sbom/file-missing]");
    expect((await run(["sbom", "--format", "swid"], scene)).error).toContain("one of spdx, cyclonedx was wanted");
  });
});
