/** (e) Sizes of the UKI: the reference base image and examples/tdx-debian at the default level. */
import { cpSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build, recipe, scratch, table } from "./measure.mjs";

const cache = join(scratch, "size-cache");
const reference = recipe("size", { level: 19 });
build(reference, cache);
cpSync("examples", join(scratch, "examples"), { recursive: true });
const example = join(scratch, "examples/tdx-debian");
build(example, cache);
const size = (directory) => {
  const name = readdirSync(join(directory, "out")).find((file) => file.endsWith(".efi"));
  return `${(statSync(join(directory, "out", name)).size / 1e6).toFixed(1)} MB`;
};
table(
  "UKI at zstd 19, Debian's kernel",
  ["", "size", "target"],
  [
    ["reference base image, every file", size(reference), "≤ 41 MB"],
    ["examples/tdx-debian", size(example), "< 32 MB"],
  ],
);
