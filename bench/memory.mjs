/** (d) Peak memory of a cold build, and of one with about twice the packages: it must not grow with the image. */
import { join } from "node:path";
import { build, PACKAGES, recipe, scratch, table } from "./measure.mjs";

const more = "git gcc make python3 sudo rsync openssh-client nftables".split(" ");
const rows = [];
for (const [name, packages] of [
  ["reference base image", PACKAGES],
  ["with git, gcc, python3, … as well", [...PACKAGES, ...more]],
]) {
  try {
    const directory = recipe(`memory-${rows.length}`, { packages });
    const cache = join(scratch, `memory-cache-${rows.length}`);
    const downloading = build(directory, cache);
    rows.push([name, `${downloading.mib.toFixed(0)} MiB`, `${build(directory, cache).mib.toFixed(0)} MiB`]);
  } catch (error) {
    rows.push([name, `cannot be built: ${error.message.split("\n").find((line) => line.startsWith("error"))}`, ""]);
  }
}
table("Peak memory (largest resident set; target < 400 MiB)", ["", "cold", "warm"], rows);
