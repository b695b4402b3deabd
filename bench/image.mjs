/**
 * (b) A whole image, cold, packages downloaded, at zstd 3 and 19: examples/tdx-debian/reference.yaml against mkosi of trixie with the
 * same packages and removals. mkosi runs as root in a mount namespace whose root is the oracle tree.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { build, downloadsOf, hostMirror, measure, ratio, scratch, seconds, table } from "./measure.mjs";

const warm = join(scratch, "image-cache");
const tree =
  process.env.TDX_ASSEMBLE_ORACLE ??
  join(
    process.env.TDX_ASSEMBLE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tdx-assemble"),
    "oracle/trixie",
  );
if (!existsSync(join(tree, "usr/bin/mkosi"))) {
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "mkosi"]])
    execFileSync("chroot", [tree, "apt-get", ...args], {
      stdio: "ignore",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
}
const example = resolve("examples/tdx-debian");
const reference = parse(readFileSync(join(example, "reference.yaml"), "utf8"));
const rows = [];
for (const level of [3, 19]) {
  const directory = join(scratch, `image-${level}`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, "image.yaml"),
    `include: [${join(example, "reference.yaml")}]\nimage: bench\ninitrd: { compression: { type: zstd, level: ${level} } }\n`,
  );
  if (level === 3) build(directory, warm);
  else cpSync(join(scratch, "image-3/image.lock"), join(directory, "image.lock"));
  const ours = build(directory, downloadsOf(warm, `image-cold-${level}`));
  const theirs = mkosi(level);
  rows.push([
    `zstd ${level}`,
    seconds(ours.wall),
    seconds(theirs.wall),
    ratio(ours.wall, theirs.wall),
    level === 3 ? "< 0.20" : "< 0.50",
    seconds(ours.cpu),
    seconds(theirs.cpu),
    `${ours.mib.toFixed(0)} MiB`,
  ]);
}
table(
  "Whole image, cold, packages downloaded, against mkosi",
  ["", "tdx-assemble", "mkosi", "ratio", "target", "CPU", "CPU, mkosi", "peak memory"],
  rows,
);

/** The second of two builds, whose packages the first has downloaded. */
function mkosi(level) {
  const inside = `/tmp/bench-mkosi-${level}`;
  const directory = join(tree, inside);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, "cache"), { recursive: true });
  mkdirSync(join(directory, "mkosi.sandbox/etc/apt/sources.list.d"), { recursive: true });
  cpSync(join(example, "root"), join(directory, "mkosi.extra"), { recursive: true });
  const mirror = hostMirror();
  const source = (uri, suites) =>
    `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n`;
  writeFileSync(
    join(directory, "mkosi.sandbox/etc/apt/sources.list.d/mkosi.sources"),
    `${source(mirror, "trixie trixie-updates")}\n${source(`${mirror}-security`, "trixie-security")}`,
  );
  const list = (values) => values.join("\n  ");
  writeFileSync(
    join(directory, "mkosi.conf"),
    `[Distribution]
Distribution=debian
Release=trixie
Mirror=${mirror}
[Output]
Format=uki
ImageId=bench
CompressOutput=zstd
CompressLevel=${level}
[Build]
PackageCacheDirectory=${inside}/cache
[Content]
Bootable=yes
CleanPackageMetadata=yes
SourceDateEpoch=0
Packages=${list([...reference.packages, reference.kernel.package])}
RemoveFiles=${list(reference.removeFiles)}
KernelCommandLine=${reference.kernel.commandLine.join(" ")}
`,
  );
  // mkosi's sandbox needs a root that is a mount point, and /proc and /dev in it.
  const enter =
    'mount --make-rprivate /; mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --rbind /sys "$0/sys" && mkdir -p "$0/.old" && cd "$0" && pivot_root . .old && umount -l /.old && cd "$1" && exec mkosi --force build';
  const run = () => measure("unshare", ["-m", "sh", "-c", enter, tree, inside]);
  try {
    run();
    return run();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
