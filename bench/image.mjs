/**
 * (b) A whole image, cold, packages downloaded, at zstd 3 and 19: against mkosi 25 where the oracle tree has it and it runs, else
 * against mmdebstrap, cpio and the zstd program, which is what mkosi spends its time in.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  build,
  downloadsOf,
  hostMirror,
  measure,
  PACKAGES,
  ratio,
  recipe,
  scratch,
  seconds,
  table,
} from "./measure.mjs";

const warm = join(scratch, "image-cache");
const tree =
  process.env.TDX_ASSEMBLE_ORACLE ??
  join(
    process.env.TDX_ASSEMBLE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tdx-assemble"),
    "oracle/trixie",
  );
const hasMkosi = existsSync(join(tree, "usr/bin/mkosi"));
const rows = [];
for (const level of [3, 19]) {
  const directory = recipe(`image-${level}`, { level });
  if (level === 3) build(directory, warm);
  const ours = build(directory, downloadsOf(warm, `image-cold-${level}`));
  const theirs = hasMkosi ? mkosi(level) : byHand(level);
  rows.push([
    `zstd ${level}`,
    seconds(ours.wall),
    seconds(theirs.wall),
    ratio(ours.wall, theirs.wall),
    level === 3 ? "< 0.20" : "< 0.50",
    seconds(ours.cpu),
    seconds(theirs.cpu),
  ]);
}
table(
  `Whole image, cold, packages downloaded, against ${hasMkosi ? "mkosi" : "mmdebstrap | cpio | zstd (no mkosi here)"}`,
  ["", "tdx-assemble", "other", "ratio", "target for mkosi", "CPU", "CPU, other"],
  rows,
);

function mkosi(level) {
  const inside = `/tmp/bench-mkosi-${level}`;
  const directory = join(tree, inside);
  mkdirSync(join(directory, "cache"), { recursive: true });
  writeFileSync(
    join(directory, "mkosi.conf"),
    `[Distribution]\nDistribution=debian\nRelease=trixie\nMirror=${hostMirror()}\n[Output]\nFormat=uki\nCompressLevel=${level}\nCompressOutput=zstd\n[Build]\nPackageCacheDirectory=cache\n[Content]\nBootable=yes\nPackages=${[...PACKAGES, "linux-image-cloud-amd64"].join("\n    ")}\n`,
  );
  const run = () => measure("chroot", [tree, "sh", "-c", `cd ${inside} && mkosi --force build`]);
  run();
  const measured = run();
  rmSync(directory, { recursive: true, force: true });
  return measured;
}

function byHand(level) {
  const root = join(scratch, `by-hand-${level}`);
  const script = `mmdebstrap --quiet --mode=root --variant=essential --keyring=/usr/share/keyrings --include=${[...PACKAGES, "linux-image-cloud-amd64"].join(",")} trixie ${root} "deb ${hostMirror()} trixie main" && cd ${root} && find . | cpio --quiet -o -H newc | zstd -q -${level} -T0 > ${root}.initrd`;
  const measured = measure("sh", ["-c", script]);
  spawnSync("rm", ["-rf", root]);
  return measured;
}
