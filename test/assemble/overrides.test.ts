/** Overrides from end to end: what an error says is pasted into the recipe; scripts of an installation and of a removal; the manifest. */

import { expect, it, vi } from "vitest";
import { parse } from "yaml";
import { AssembleError } from "#dist/index.js";
import type { FixturePackage } from "../fixtures/archive/build-deb.js";
import { openScene, type Scene } from "./image-fixture.js";

vi.setConfig({ testTimeout: 120_000 });

/** A package whose scripts call a program that is none of the emulated ones. */
const packageOf = (more: string): FixturePackage => ({
  name: "needy",
  architecture: "amd64",
  files: { "/usr/bin/strange": { type: "file", content: "\x7fELF", mode: 0o755 } },
  scripts: {
    postinst: `#!/bin/sh\nset -e\nstrange --install${more}\n`,
    prerm: "#!/bin/sh\nstrange --remove\n",
  },
});

const input = { packages: ["needy"], removePackages: ["needy"] };

async function refusal(scene: Scene, overrides: readonly unknown[]): Promise<AssembleError> {
  const error: unknown = await scene.build({ input: { ...input, overrides } as never, formats: ["tar"] }).then(
    () => expect.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AssembleError)) throw error;
  return error;
}

/** The override that an error's hint has. */
function pasted({ hint = "" }: AssembleError): unknown {
  const { overrides } = parse(hint.slice(hint.indexOf("overrides:"))) as { overrides: unknown[] };
  expect(overrides).toHaveLength(1);
  return overrides[0];
}

it("what the errors say, pasted into the recipe, makes it build; a script that has changed is refused", async () => {
  const scene = await openScene([packageOf("")]);
  const first = await refusal(scene, []);
  expect(first.message).toMatch(
    /^Cannot run postinst of needy: line 3 of \S+ needs \/usr\/bin\/strange \(a binary\), /,
  );
  const second = await refusal(scene, [pasted(first)]);
  expect(second.message).toMatch(/^Cannot run prerm of needy: line 2 of \S+ needs \/usr\/bin\/strange \(a binary\), /);
  const overrides = [pasted(first), pasted(second)];
  const { manifest } = await scene.build({ input: { ...input, overrides } as never, formats: ["tar"] });
  expect(JSON.parse(manifest).overrides).toMatchObject([
    {
      package: "needy",
      script: "postinst",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      reason: expect.any(String),
    },
    { package: "needy", script: "prerm" },
  ]);

  const changed = await openScene([packageOf(" --more")]);
  const refused = await refusal(changed, overrides);
  expect(refused).toMatchObject({
    code: "configure/override-mismatch",
    hint: expect.stringContaining("read it again"),
  });
});
