/**
 * EROFS images of one tree, ours (cold and warm) and those of mkfs.erofs at the same settings: bytes, and processor time as ratios of one run.
 * Needs root and test/oracles.sh.
 *
 *     node bench/erofs.mjs TREE.tar [zstd|deflate|lz4|lz4-4k|none …]
 */

import { writeErofs } from "#dist/filesystem/erofs/write-erofs.js";
import { comparePacking, JOBS } from "./packing.mjs";

const SETTINGS = {
  zstd: { type: "zstd", level: 15, clusterBytes: 65536, options: ["-zzstd,level=15", "-C65536"] },
  deflate: { type: "deflate", level: 9, clusterBytes: 65536, options: ["-zdeflate,level=9", "-C65536"] },
  lz4: { type: "lz4", level: 12, clusterBytes: 65536, options: ["-zlz4hc,level=12", "-C65536"] },
  "lz4-4k": { type: "lz4", level: 12, clusterBytes: 4096, options: ["-zlz4hc,level=12", "-C4096"] },
  none: { options: [] },
};
const UUID = "11111111-2222-3333-4444-555555555555";

const [path, ...names] = process.argv.slice(2);
if (path === undefined) throw new Error("node bench/erofs.mjs TREE.tar [zstd|deflate|lz4|lz4-4k|none …]");
const cases = (names.length > 0 ? names : Object.keys(SETTINGS)).map((name) => {
  const { type, level, clusterBytes, options } = SETTINGS[name];
  return {
    name: `${name} ${level ?? ""}`.trim(),
    write: (tree, resources) => {
      const packing = type === undefined ? undefined : { compression: { type, level }, clusterBytes, ...resources };
      return writeErofs(tree, { uuid: UUID, time: 0, packing });
    },
    command: (tree, image) => [
      "mkfs.erofs",
      "--quiet",
      `--workers=${JOBS}`,
      `-U${UUID}`,
      "-T0",
      ...options,
      image,
      tree,
    ],
  };
});
await comparePacking(path, { tool: "mkfs.erofs", cases });
