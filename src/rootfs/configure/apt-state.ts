/**
 * What apt leaves behind when it has installed: /var/lib/apt/extended_states (apt-mark(8)), by which `apt autoremove` knows what nobody asked
 * for, and the locks of its directories. Checked by: mmdebstrap's trees, byte for byte.
 */
import { fromByteString } from "../../bytes/content.js";
import { compareByteStrings } from "../../bytes/order.js";
import type { Tree } from "../tree/tree.js";

/** apt's `APT::Cache-HashTableSize`: the file is in the order of its table of names. */
const BUCKETS = 196_613;

/** Writes apt's state. `automatic` names the packages that are there for another's sake. */
export function writeAptState(tree: Tree, automatic: readonly string[], architecture: string): void {
  const rows = automatic.map((name) => ({ name, bucket: bucketOf(name) }));
  rows.sort((a, b) => a.bucket - b.bucket || a.name.length - b.name.length || compareByteStrings(a.name, b.name));
  const text = rows
    .map(({ name }) => `Package: ${name}\nArchitecture: ${architecture}\nAuto-Installed: 1\n\n`)
    .join("");
  const owner = { uid: 0, gid: 0 };
  tree.write("/var/lib/apt/extended_states", text, { mode: 0o644, ...owner });
  for (const directory of ["/var/lib/apt/lists", "/var/cache/apt/archives"]) {
    tree.write(`${directory}/lock`, "", { mode: 0o640, ...owner });
    tree.get(`${directory}/partial`).mode = 0o700;
  }
}

/** The hash of a name in apt's cache. */
function bucketOf(name: string): number {
  let hash = 5381;
  for (const byte of fromByteString(name.toLowerCase())) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash % BUCKETS;
}
