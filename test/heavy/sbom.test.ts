/**
 * SBOMs and provenance as the reference tools of their projects and the schema of CycloneDX see them. `nightly/verify.test.ts` has those of a hundred
 * packages, and the schema of SPDX, which neither Debian nor npm has.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { run } from "../cli/run-cli.js";
import { INPUT, openSbomScene } from "../cli/sbom-scene.js";
import { judgeSbom } from "../fixtures/oracle/judge-sbom.js";

it("are what the tools take, of an artifact and of a recipe; and the judges see what is wrong", async () => {
  const scene = await openSbomScene();
  const inScene = (name: string) => join(scene.directory, name);
  await scene.build({ input: INPUT, output: inScene("build") });
  expect((await run(["sbom", "build/test.efi"], scene)).status).toBe(0);
  const [spdx, cyclonedx, provenance] = ["spdx", "cdx", "provenance"].map((one) => inScene(`build/test.${one}.json`));
  expect(judgeSbom([spdx!, cyclonedx!, provenance!])).toBe("");
  expect((await run(["sbom", "-o", "recipe"], scene)).status).toBe(0);
  expect(judgeSbom([inScene("recipe/test.spdx.json"), inScene("recipe/test.cdx.json")])).toBe("");

  const edited = (path: string, from: RegExp, to: string): string => {
    const text = readFileSync(path, "utf8");
    expect(text).toMatch(from);
    writeFileSync(`${path}.wrong.json`, text.replace(from, to));
    return `${path}.wrong.json`;
  };
  const problems = judgeSbom([
    edited(spdx!, /"SHA256"/, '"SHA-256"'),
    edited(cyclonedx!, /"SHA-256"/, '"SHA256"'),
    edited(provenance!, /"buildType"/, '"builtType"'),
  ]);
  expect(problems).toMatch(/^SPDX tools: .*SHA_256/m);
  expect(problems).toMatch(/^CycloneDX schema: /m);
  expect(problems).toMatch(/^provenance: .*builtType/m);
}, 600_000);
