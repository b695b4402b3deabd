/** An image whose output is an ext4 file system. */

import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";
import { contentOfBytes } from "#dist/bytes/content.js";
import { readExt4 } from "#dist/filesystem/ext4/read-ext4.js";
import { errorOf, openScene, scratchDirectory } from "./image-fixture.js";

vi.setConfig({ testTimeout: 300_000 });

it("is the tree, as small as it can be or of the size that the recipe states", async () => {
  const scene = await openScene();
  const output = scratchDirectory();
  const built = await scene.build({ input: { outputs: ["ext4"] }, output });
  const path = built.files.find((name) => name.endsWith(".ext4"))!;
  const small = readExt4(contentOfBytes(new Uint8Array(readFileSync(path))));
  expect([...small.tree.walk()].map(({ path: one }) => one).filter((one) => one !== "/lost+found")).toEqual(
    built.paths,
  );
  expect(small.tree.readText("/usr/lib/os-release")).toContain("ID=debian");
  expect(small.features).not.toContain("has_journal");
  expect(built.events).toContainEqual({ type: "stage", stage: "ext4", state: "start" });

  const sized = { outputs: ["ext4"], root: { size: "64M" } } as const;
  const again = await scene.build({
    input: { ...sized, outputs: ["ext4"] },
    lock: built.lock,
    output: scratchDirectory(),
  });
  const large = new Uint8Array(readFileSync(again.files.find((name) => name.endsWith(".ext4"))!));
  expect(large.length).toBe(64 << 20);
  expect(readExt4(contentOfBytes(large)).uuid).toBe(small.uuid);

  const tight = scene.build({ input: { outputs: ["ext4"], root: { size: "64K" } }, lock: built.lock });
  expect(await errorOf(tight)).toMatchObject({ code: "ext4/too-small" });
});
