/** (c) CPU seconds of a rebuild: nothing changed, and one file of an extra tree changed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, recipe, scratch, seconds, table } from "./measure.mjs";

const directory = recipe("warm", { lines: ["extraTrees: [extra]"] });
mkdirSync(join(directory, "extra/etc"), { recursive: true });
const write = (text) => writeFileSync(join(directory, "extra/etc/motd"), text);
write("one\n");
const cache = join(scratch, "warm-cache");
build(directory, cache);
const best = (action) => [0, 1, 2].map(action).sort((a, b) => a.cpu - b.cpu)[0];
const same = best(() => build(directory, cache));
const changed = best((turn) => {
  write(`changed ${turn}\n`);
  return build(directory, cache);
});
table(
  "Rebuild, best of 3",
  ["", "CPU", "target", "wall"],
  [
    ["nothing changed", seconds(same.cpu), "< 1.5 s", seconds(same.wall)],
    ["one file of an extra tree changed", seconds(changed.cpu), "< 2.5 s", seconds(changed.wall)],
  ],
);
