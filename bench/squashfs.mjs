/**
 * Squashfs images of one tree, ours (cold and warm) and mksquashfs's at the same settings: bytes, and processor time as ratios of one run.
 * Needs root and test/oracles.sh.
 *
 *     node bench/squashfs.mjs TREE.tar [zstd|gzip|lz4|none …]
 */

import { writeSquashfs } from "#dist/filesystem/squashfs/write-squashfs.js";
import { comparePacking, JOBS } from "./packing.mjs";

const SETTINGS = {
  zstd: { level: 15, options: ["-comp", "zstd"] },
  gzip: { level: 9, options: ["-comp", "gzip"] },
  lz4: { level: 12, options: ["-comp", "lz4", "-Xhc"] },
  none: { level: 0, options: ["-no-compression"] },
};
const QUIET = ["-noappend", "-quiet", "-no-progress", "-processors", String(JOBS), "-all-time", "0"];

const [path, ...types] = process.argv.slice(2);
if (path === undefined) throw new Error("node bench/squashfs.mjs TREE.tar [zstd|gzip|lz4|none …]");
const cases = (types.length > 0 ? types : Object.keys(SETTINGS)).map((type) => {
  const { level, options } = SETTINGS[type];
  return {
    name: `${type} ${level || ""}`.trim(),
    write: async (tree, resources) =>
      (await writeSquashfs(tree, { compression: { type, level }, ...resources })).content,
    command: (tree, image) => ["mksquashfs", tree, image, ...QUIET, ...options],
  };
});
await comparePacking(path, { tool: "mksquashfs", cases });
