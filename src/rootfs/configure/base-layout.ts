/**
 * What a new root has before the first package: the directories and files that mmdebstrap 1.3 makes, but for those it copies from
 * the host (resolv.conf, hostname) or from its own settings (sources.list).
 */
import type { Tree } from "../tree/tree.js";

const DIRECTORIES = [
  "/etc/apt/apt.conf.d",
  "/etc/apt/sources.list.d",
  "/etc/apt/preferences.d",
  "/etc/dpkg/dpkg.cfg.d",
  "/var/cache/apt/archives/partial",
  "/var/lib/apt/lists/partial",
  "/var/lib/dpkg/triggers",
  "/var/lib/dpkg/info",
  "/var/lib/dpkg/alternatives",
  "/var/lib/dpkg/updates",
  "/var/log/apt",
  "/dev/pts",
  "/dev/shm",
];

/** Character devices: name, major, minor. */
const DEVICES: readonly (readonly [name: string, major: number, minor: number])[] = [
  ["console", 5, 1],
  ["full", 1, 7],
  ["null", 1, 3],
  ["ptmx", 5, 2],
  ["random", 1, 8],
  ["tty", 5, 0],
  ["urandom", 1, 9],
  ["zero", 1, 5],
];

const LINKS = { fd: "/proc/self/fd", stdin: "/proc/self/fd/0", stdout: "/proc/self/fd/1", stderr: "/proc/self/fd/2" };

/** Makes what is missing of it; a skeleton tree comes first and wins. */
export function makeBaseLayout(tree: Tree, architecture: string): void {
  for (const path of DIRECTORIES) tree.mkdirs(path, { mode: 0o755 });
  if (tree.lookup("/tmp") === undefined) tree.mkdir("/tmp", { mode: 0o1777 });
  for (const [name, major, minor] of DEVICES) {
    if (tree.lookup(`/dev/${name}`, { follow: false }) !== undefined) continue;
    const attributes = { mode: 0o666, uid: 0, gid: 0, mtime: tree.epoch };
    tree.add(`/dev/${name}`, { type: "char", major, minor, links: 0, ...attributes });
  }
  for (const [name, target] of Object.entries(LINKS))
    if (tree.lookup(`/dev/${name}`, { follow: false }) === undefined) tree.symlink(target, `/dev/${name}`);
  const files = {
    "/etc/fstab": "# UNCONFIGURED FSTAB FOR BASE SYSTEM\n",
    "/var/lib/dpkg/status": "",
    "/var/lib/dpkg/arch": `${architecture}\n`,
  };
  for (const [path, text] of Object.entries(files))
    if (tree.lookup(path) === undefined) tree.write(path, text, { mode: 0o644 });
}
