import { expect, test } from "vitest";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { Diversions } from "#dist/rootfs/unpack/diversions.js";
import { inPathOrder, pathBucket } from "#dist/rootfs/unpack/hash-order.js";
import { StatOverrides } from "#dist/rootfs/unpack/stat-overrides.js";

// The order in which dpkg 1.22 wrote these paths to its file `diversions`.
const OBSERVED = [
  "/usr/share/man/hu/man8/reboot.8.gz",
  "/usr/share/man/hu/man8/halt.8.gz",
  "/usr/share/man/hu/man8/telinit.8.gz",
  "/usr/share/man/de/man8/reboot.8.gz",
  "/usr/share/man/fi/man8/shutdown.8.gz",
  "/usr/share/man/pl/man8/shutdown.8.gz",
  "/usr/share/man/pl/man8/init.8.gz",
  "/usr/share/man/id/man8/runlevel.8.gz",
  "/lib/x86_64-linux-gnu/libe2p.so.2",
  "/usr/share/man/es/man8/telinit.8.gz",
];

test("paths come in the order of dpkg's hash table", () => {
  expect(inPathOrder([...OBSERVED].sort(), (path) => path)).toEqual(OBSERVED);
  expect(OBSERVED.map(pathBucket)).toEqual(OBSERVED.map(pathBucket).sort((a, b) => a - b));
});

test("diversions are written and read back", () => {
  const tree = new Tree();
  tree.mkdirs("/var/lib/dpkg");
  const diversions = new Diversions(tree);
  for (const from of [...OBSERVED].sort()) diversions.add({ from, to: `${from}.dist`, owner: "sysvinit-core" });
  diversions.add({ from: "/bin/x", to: "/bin/x.distrib", owner: undefined });
  const text = tree.readText("/var/lib/dpkg/diversions");
  expect(text).toContain("/bin/x\n/bin/x.distrib\n:\n");
  expect(text.startsWith(`${OBSERVED[0]}\n${OBSERVED[0]}.dist\nsysvinit-core\n`)).toBe(true);
  expect(new Diversions(tree).all()).toEqual(diversions.all());
  expect(diversions.trueName(OBSERVED[0]!, "systemd")).toBe(`${OBSERVED[0]}.dist`);
  expect(diversions.trueName(OBSERVED[0]!, "sysvinit-core")).toBe(OBSERVED[0]);
});

test("stat overrides are written and read back", () => {
  const tree = new Tree();
  tree.mkdirs("/var/lib/dpkg");
  const overrides = new StatOverrides(tree);
  overrides.add({ path: "/usr/bin/crontab", user: "root", group: "crontab", mode: 0o2755 });
  overrides.add({ path: "/a b", user: "#7", group: "#8", mode: 0o600 });
  expect(tree.readText("/var/lib/dpkg/statoverride")).toContain("root crontab 2755 /usr/bin/crontab\n");
  expect(new StatOverrides(tree).all()).toEqual(overrides.all());
  overrides.remove("/a b");
  expect(tree.readText("/var/lib/dpkg/statoverride")).toBe("root crontab 2755 /usr/bin/crontab\n");
});
