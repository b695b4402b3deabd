/**
 * What the benchmarks share: a scratch directory, the recipe of the reference base image, and processes measured by GNU time.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const scratch = mkdtempSync(join(tmpdir(), "tdx-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const cli = resolve("dist/cli/main.js");

/** The packages of the reference base image. */
export const PACKAGES =
  "kmod systemd-boot-efi sysvinit-core zstd udev busybox util-linux iproute2 udhcpc e2fsprogs iputils-ping curl".split(
    " ",
  );

/** Runs a program to its end: wall and CPU seconds, and its largest resident set in MiB. */
export function measure(command, args, options = {}) {
  const report = join(scratch, "time");
  const argv = ["-f", "%e %U %S %M", "-o", report, command, ...args];
  const { status, stderr } = spawnSync("/usr/bin/time", argv, { encoding: "utf8", maxBuffer: 64 << 20, ...options });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stderr}`);
  const [wall, user, system, kib] = readFileSync(report, "utf8").trim().split("\n").at(-1).split(" ").map(Number);
  return { wall, cpu: user + system, mib: kib / 1024 };
}

/** Writes a recipe and returns its directory. */
export function recipe(name, { packages = PACKAGES, level = 3, lines = [] } = {}) {
  const directory = join(scratch, name);
  mkdirSync(directory, { recursive: true });
  const text = [
    "image: bench",
    "archive: { suite: trixie }",
    `packages: [${packages.join(", ")}]`,
    "kernel:",
    "  package: linux-image-cloud-amd64",
    "  modules: [virtio_blk, virtio_net, tdx-guest]",
    "  load: [virtio_blk, virtio_net]",
    "  commandLine: [console=ttyS0]",
    `initrd: { compression: { type: zstd, level: ${level} } }`,
    "cleanPackageMetadata: false",
    ...lines,
  ];
  writeFileSync(join(directory, "image.yaml"), `${text.join("\n")}\n`);
  return directory;
}

/** A build, measured. */
export function build(directory, cache, args = []) {
  return measure(process.execPath, [
    cli,
    "build",
    directory,
    "-q",
    "-o",
    join(directory, "out"),
    "--cache-dir",
    cache,
    ...args,
  ]);
}

/** A cache with the downloads of another, and nothing made of them: "cold, with packages already downloaded". */
export function downloadsOf(cache, name) {
  const to = join(scratch, name);
  mkdirSync(join(to, "v1"), { recursive: true });
  // The cache never changes a file.
  execFileSync("cp", ["-rl", join(cache, "v1/blob"), join(to, "v1/blob")]);
  return to;
}

/** The host's mirror of Debian, as its apt has it. */
export function hostMirror() {
  const { stdout } = spawnSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], {
    encoding: "utf8",
  });
  return [...new Set(stdout.split("\n"))].find((uri) => /\/debian\/?$/.test(uri))?.replace(/\/$/, "");
}

/** Prints a table. */
export function table(title, head, rows) {
  console.log(`### ${title}\n`);
  for (const row of [head, head.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);
}

export const seconds = (value) => `${value.toFixed(2)} s`;
export const ratio = (a, b) => (a / b).toFixed(2);
