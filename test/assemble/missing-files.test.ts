/** Recipes that name a stub or a key that is not there: what is told, and how it is mended. */
import { expect, it } from "vitest";
import { errorOf, type ImageInput, openScene } from "./image-fixture.js";

it("are refused, each with its hint", { timeout: 300_000 }, async () => {
  const scene = await openScene([
    { name: "no-stub", architecture: "amd64", files: { "usr/share/no-stub": { content: "" } } },
  ]);
  const relative = "a path is relative to the recipe that states it";
  const cases: readonly (readonly [Partial<ImageInput>, string, RegExp, string])[] = [
    [{ stub: "./nowhere.stub" }, "uki/stub-missing", /the stub \S*nowhere\.stub: .*ENOENT/, relative],
    [{ stub: "no-stub" }, "uki/stub-missing", /the stub of no-stub: it has no linuxx64\.efi\.stub/, "systemd-boot-efi"],
    [
      { secureBoot: { key: "db.key", certificate: "db.crt" } },
      "sign/file-missing",
      /db\.(?:key|crt): .*ENOENT/,
      "keys generate",
    ],
  ];
  for (const [input, code, message, hint] of cases) {
    const error = await errorOf(scene.build({ input: { outputs: ["uki"], ...input } }));
    expect([error.code, error.text, error.hint, error.exit]).toEqual([
      code,
      expect.stringMatching(message),
      expect.stringContaining(hint),
      2,
    ]);
  }
});
