/** (e) Sizes of the UKI: the reference base image and examples/tdx-debian at the default level. */
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, scratch, table } from "./measure.mjs";

const cache = join(scratch, "size-cache");
cpSync("examples", join(scratch, "examples"), { recursive: true });
const reference = join(scratch, "size");
mkdirSync(reference);
writeFileSync(join(reference, "image.yaml"), "include: [../examples/tdx-debian/reference.yaml]\nimage: reference\n");
build(reference, cache);
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
