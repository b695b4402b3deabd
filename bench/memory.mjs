/** (d) Peak memory of a cold build, and of one with about twice the packages: it must not grow with the image. */
import { join } from "node:path";
import { build, downloadsOf, PACKAGES, recipe, scratch, table } from "./measure.mjs";

const more = "git gcc make python3 sudo rsync openssh-client nftables".split(" ");
const rows = [];
for (const [name, packages] of [
  ["reference base image", PACKAGES],
  ["with git, gcc, python3, … as well", [...PACKAGES, ...more]],
]) {
  const cache = join(scratch, `memory-cache-${rows.length}`);
  const at = (level) => {
    const directory = recipe(`memory-${rows.length}-${level}`, { packages, level });
    const cold = build(directory, level === 3 ? cache : downloadsOf(cache, `memory-cold-${rows.length}`));
    return [cold, build(directory, level === 3 ? cache : join(scratch, `memory-cold-${rows.length}`))];
  };
  const mib = ({ mib }) => `${mib.toFixed(0)} MiB`;
  const low = at(3);
  const high = at(19);
  rows.push([name, ...low.map(mib), ...high.map(mib)]);
}
table(
  "Peak memory (largest resident set; target < 400 MiB)",
  ["", "zstd 3, cold with downloads", "zstd 3, warm", "zstd 19, cold", "zstd 19, warm"],
  rows,
);
