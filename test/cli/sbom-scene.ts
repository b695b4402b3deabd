/** A recipe whose packages have sources, licences, dependencies, and files of every use, with its lock: what an SBOM tells. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineImage, formatLock, lock as makeLock } from "#dist/index.js";
import { inputOf, openScene, type Scene, writeFiles } from "../assemble/image-fixture.js";

const FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
/** What the recipe has beside the fixture's own. */
export const INPUT = {
  outputs: ["uki" as const],
  packages: ["hello", "doomed"],
  removePackages: ["doomed"],
  extraTrees: ["extra"],
  templates: { data: "data.json" },
  sourceDateEpoch: 86_400,
};

/** Opens the scene. */
export async function openSbomScene(): Promise<Scene> {
  const scene = await openScene([
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
  writeFileSync(join(scene.directory, "image.lock"), formatLock(await makeLock(recipe, scene.options)));
  return scene;
}
