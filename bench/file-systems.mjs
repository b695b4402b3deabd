/**
 * File systems, hash trees and disks against the tools that people use, on one tree and one raw disk: bytes, time as ratios of pairs of runs (the
 * median of up to five), and peaks of memory. Needs root and test/oracles.sh.
 *
 *     node bench/file-systems.mjs [--large] [squashfs|erofs|ext4|verity|qcow2|vhd|squashfs.gzip …]
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { measure, ratio, table } from "./measure.mjs";
import { JOBS, UUID } from "./packing.mjs";

const oracle =
  process.env.TDX_ASSEMBLE_ORACLE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tdx-assemble", "oracle", "trixie");
/** What of the oracle's own tree is packed, and how large the disk is. */
const PARTS = ["etc", "usr/sbin", "usr/lib/x86_64-linux-gnu/perl-base"];
const MORE_PARTS = ["usr/bin"];
const DISK_MIB = 128;
/** What is quick is measured again until it took so long, so often at most. */
const ENOUGH_SECONDS = 15;
const RUNS_MAX = 5;

const mksquashfs = (...options) => [
  ...["mksquashfs", "tree", "theirs", "-noappend", "-quiet", "-no-progress", "-processors", String(JOBS)],
  ...["-all-time", "0", ...options],
];
const mkfsErofs = (...options) => [
  ...["mkfs.erofs", "--quiet", `--workers=${JOBS}`, `-U${UUID}`, "-T0", ...options, "theirs", "tree"],
];
const qemuImg = (...options) => ["qemu-img", "convert", "-f", "raw", ...options, "disk", "theirs"];

/** Kind, setting, how it is called, and the other tool's command. */
const ROWS = [
  ["squashfs", "zstd", "zstd 15", mksquashfs("-comp", "zstd")],
  ["squashfs", "gzip", "gzip 9", mksquashfs("-comp", "gzip")],
  ["squashfs", "lz4", "lz4 12", mksquashfs("-comp", "lz4", "-Xhc")],
  ["squashfs", "none", "none", mksquashfs("-no-compression")],
  ["erofs", "zstd", "zstd 15, 64 KiB", mkfsErofs("-zzstd,level=15", "-C65536")],
  ["erofs", "deflate", "deflate 9, 64 KiB", mkfsErofs("-zdeflate,level=9", "-C65536")],
  ["erofs", "lz4", "lz4 12, 64 KiB", mkfsErofs("-zlz4hc,level=12", "-C65536")],
  ["erofs", "lz4-4k", "lz4 12, 4 KiB", mkfsErofs("-zlz4hc,level=12", "-C4096")],
  ["erofs", "none", "none", mkfsErofs()],
  [
    ...["ext4", "smallest", "smallest (theirs: resize2fs -M)"],
    ["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-U", UUID, "-d", "tree", "theirs", "SIZE"],
  ],
  ["verity", "sha256", "sha256, 4 KiB", ["veritysetup", "format", "disk", "theirs", `--salt=${"0".repeat(64)}`]],
  ["qcow2", "convert", "from raw", qemuImg("-O", "qcow2")],
  ["vhd", "fixed", "fixed, from raw", qemuImg("-O", "vpc", "-o", "subformat=fixed,force_size")],
  ["vhd", "dynamic", "dynamic, from raw", qemuImg("-O", "vpc", "-o", "subformat=dynamic,force_size")],
];

const large = process.argv.includes("--large");
const kinds = process.argv.slice(2).filter((argument) => argument !== "--large");
const scratch = mkdtempSync(join(oracle, "tmp", "bench-"));
try {
  const tar = join(scratch, "tree.tar");
  execFileSync("tar", ["--sort=name", "--mtime=@0", "-cf", tar, "-C", oracle, ...PARTS, ...(large ? MORE_PARTS : [])]);
  const prepare = `mkdir "$1/tree" && tar -C "$1/tree" -xf "$2"; while cat "$2"; do :; done 2>/dev/null | head -c ${DISK_MIB}M > "$1/disk"`;
  execFileSync("sh", ["-c", prepare, "sh", scratch, tar]);
  const rows = ROWS.filter(
    ([kind, setting]) => kinds.length === 0 || kinds.includes(kind) || kinds.includes(`${kind}.${setting}`),
  ).map(compare);
  const head = [
    "what",
    "ours, bytes",
    "other",
    "its bytes",
    "size",
    "CPU, cold",
    "wall, cold",
    "CPU, warm",
    "memory",
    "its memory",
  ];
  table(`Of a tree of ${mebibytes(statSync(tar).size)} MiB and a disk of ${DISK_MIB} MiB`, head, rows);
} finally {
  rmSync(scratch, { recursive: true });
}

function mebibytes(bytes) {
  return Math.round(bytes / 2 ** 20);
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function compare([kind, setting, name, command]) {
  const isDisk = kind === "verity" || kind === "qcow2" || kind === "vhd";
  const input = join(scratch, isDisk ? "disk" : "tree.tar");
  const cache = join(scratch, "cache");
  // Room enough, which is taken away again.
  const imageMib = Math.max(128, 2 * mebibytes(statSync(join(scratch, "tree.tar")).size));
  const argv = command.map((word) => (word === "SIZE" ? `${imageMib}M` : word));
  const pack = () => {
    const packing = ["bench/packing.mjs", kind, setting, input, cache, join(scratch, "ours")];
    return JSON.parse(execFileSync(process.execPath, packing, { encoding: "utf8" }));
  };
  const inOracle = [oracle, "sh", "-c", 'cd "$0" && exec "$@"', scratch.slice(oracle.length), ...argv];
  const runs = [];
  for (let spent = 0; runs.length === 0 || (spent < ENOUGH_SECONDS && runs.length < RUNS_MAX); ) {
    for (const file of ["cache", "ours", "theirs"]) rmSync(join(scratch, file), { recursive: true, force: true });
    const cold = pack();
    const theirs = measure("chroot", inOracle, { stdio: ["ignore", "ignore", "pipe"] });
    runs.push({ cold, theirs });
    spent += cold.wall + theirs.wall;
  }
  const [{ cold, theirs }] = runs;
  const medianOf = (of) => median(runs.map((run) => of(run.cold) / of(run.theirs))).toFixed(2);
  if (kind === "ext4") {
    // The host's: resize2fs wants a list of what is mounted.
    const shrink = 'e2fsck -fy "$0"; resize2fs -f -M "$0"';
    execFileSync("sh", ["-c", shrink, join(scratch, "theirs")], { stdio: "ignore" });
  }
  const { size } = statSync(join(scratch, "theirs"));
  // What is made of trees comes out of the cache; of disks there is none.
  const warm = isDisk || kind === "ext4" ? "" : ratio(pack().cpu, theirs.cpu);
  for (const file of ["cache", "ours", "theirs"]) rmSync(join(scratch, file), { recursive: true, force: true });
  return [
    ...[`${kind}: ${name}`, cold.bytes, command[0], size, (cold.bytes / size).toFixed(4)],
    ...[
      medianOf(({ cpu }) => cpu),
      medianOf(({ wall }) => wall),
      warm,
      `${Math.round(cold.mib)} MiB`,
      `${Math.round(theirs.mib)} MiB`,
    ],
  ];
}
