/** `sbom` as a process: images of the fixture's archive, described by their locks and manifests. */
import { verify, X509Certificate } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { defineImage, formatLock, loadRecipe, lock as makeLock, parseLock, sbom } from "#dist/index.js";
import { inputOf, type Scene, scratchDirectory, sha256, writeFiles } from "../assemble/image-fixture.js";
import { run } from "./run-cli.js";
import { INPUT, openSbomScene } from "./sbom-scene.js";

vi.setConfig({ testTimeout: 600_000 });

let scene: Scene;
const inScene = (...names: string[]) => join(scene.directory, ...names);
const readJson = (path: string) => JSON.parse(readFileSync(inScene(path), "utf8"));
// biome-ignore lint/suspicious/noExplicitAny: documents of other standards
type Any = any;

beforeEach(async () => {
  scene = await openSbomScene();
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
    expect([first.status, first.out]).toEqual([
      0,
      "build/test.spdx.json\nbuild/test.cdx.json\nbuild/test.provenance.json\n",
    ]);
    const [spdx, cyclonedx] = ["spdx", "cdx"].map((one) => readFileSync(inScene(`build/test.${one}.json`), "utf8"));
    expect((await run(["sbom", "build/test.efi", "image.json", "-o", "again", "--jobs", "3"], scene)).status).toBe(0);
    expect(readFileSync(inScene("again/test.spdx.json"), "utf8")).toBe(spdx);
    expect(readFileSync(inScene("again/test.cdx.json"), "utf8")).toBe(cyclonedx);
    const manifest = readJson("build/test.manifest.json");
    const [output] = JSON.parse(cyclonedx!).metadata.component.components;
    expect(output).toMatchObject({ name: "test.efi", hashes: [{ content: manifest.outputs[0].sha256 }] });
    const printed = await run(["sbom", "build/test.efi", "--print", "cyclonedx"], scene);
    expect(printed.out).toBe(cyclonedx);
    // The library's are the same.
    const recipe = await loadRecipe(inScene("image.json"));
    const lock = parseLock(readFileSync(inScene("image.lock"), "utf8"), "image.lock");
    const provenance = readFileSync(inScene("build/test.provenance.json"), "utf8");
    expect(await sbom(recipe, { ...scene.options, lock, manifest })).toEqual({ spdx, cyclonedx, provenance });
    expect(Object.keys(await sbom(recipe, { ...scene.options, lock }))).toEqual(["spdx", "cyclonedx"]);
    const other = { ...manifest, lockDigest: "0".repeat(64) };
    await expect(sbom(recipe, { ...scene.options, lock, manifest: other })).rejects.toMatchObject({
      code: "sbom/other-lock",
    });
  });

  it("tells the provenance: every output, every package, every file of the recipe, with digests", async () => {
    await scene.build({ input: INPUT, output: inScene("build") });
    expect((await run(["sbom", "build/test.efi", "--format", "provenance"], scene)).status).toBe(0);
    const manifest = readJson("build/test.manifest.json");
    const text = readFileSync(inScene("build/test.provenance.json"), "utf8");
    const { subject, predicate, ...rest } = JSON.parse(text);
    expect(rest).toEqual({ _type: "https://in-toto.io/Statement/v1", predicateType: "https://slsa.dev/provenance/v1" });
    expect(subject).toEqual(manifest.outputs.map(({ name, sha256: sum }: Any) => ({ name, digest: { sha256: sum } })));
    const { buildDefinition, runDetails } = predicate;
    expect(buildDefinition.externalParameters).toMatchObject({
      recipe: "image.json",
      formats: ["uki"],
      sourceDateEpoch: 86_400,
    });
    const digests = new Map(buildDefinition.resolvedDependencies.map((one: Any) => [one.name, one.digest?.sha256]));
    for (const name of ["image.json", "image.lock", "extra/etc/motd", "extra/etc/name.mustache", "data.json"])
      expect([name, digests.get(name)]).toEqual([name, sha256(readFileSync(inScene(name)))]);
    for (const one of manifest.packages) expect([...digests.values()]).toContain(one.sha256);
    expect(digests.get("Release of debian trixie")).toBe(manifest.suites[0].sha256);
    expect(runDetails.builder.id).toMatch(/^pkg:npm\/tdx-assemble@/);
    expect(runDetails.byproducts[0].digest.sha256).toBe(sha256(readFileSync(inScene("build/test.manifest.json"))));
    const recipe = await run(["sbom", "--format", "provenance"], scene);
    expect([recipe.status, recipe.error]).toEqual([2, expect.stringContaining("error[sbom/no-artifact]")]);
  });

  it("signs the provenance, the same each time, with the key of the certificate only", async () => {
    await scene.build({ input: INPUT, output: inScene("build") });
    await run(["keys", "generate", inScene("keys")]);
    const key = ["--key", "keys/db.key", "--certificate", "keys/db.crt", "--builder", "https://builder.example.org/1"];
    const seal = () => run(["sbom", "build/test.efi", "--format", "provenance", ...key], scene);
    expect((await seal()).out).toBe("build/test.intoto.jsonl\n");
    const line = readFileSync(inScene("build/test.intoto.jsonl"), "utf8");
    rmSync(inScene("build/test.intoto.jsonl"));
    await seal();
    expect(readFileSync(inScene("build/test.intoto.jsonl"), "utf8")).toBe(line);
    const { payload, payloadType, signatures } = JSON.parse(line);
    const statement = Buffer.from(payload, "base64");
    // DSSE's pre-authentication encoding, written out again.
    const signed = `DSSEv1 28 application/vnd.in-toto+json ${statement.length} ${statement.toString("latin1")}`;
    const { publicKey } = new X509Certificate(readFileSync(inScene("keys/db.crt")));
    expect(payloadType).toBe("application/vnd.in-toto+json");
    expect(verify("sha256", Buffer.from(signed, "latin1"), publicKey, Buffer.from(signatures[0].sig, "base64"))).toBe(
      true,
    );
    expect(signatures[0].keyid).toBe(sha256(publicKey.export({ type: "spki", format: "der" })));
    expect(JSON.parse(statement.toString()).predicate.runDetails.builder.id).toBe("https://builder.example.org/1");
    const other = await run(["sbom", "build/test.efi", "--key", "keys/db.key", "--certificate", "keys/KEK.crt"], scene);
    expect([other.status, other.error]).toEqual([2, expect.stringContaining("error[sign/key-mismatch]")]);
    const none = await run(["sbom", "build/test.efi", "--signer", "true"], scene);
    expect([none.status, none.error]).toEqual([2, expect.stringContaining("error[sbom/signer-options]")]);
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
    expect((await run(["sbom", "--format", "swid"], scene)).error).toContain(
      "one of spdx, cyclonedx, provenance was wanted",
    );
  });
});
