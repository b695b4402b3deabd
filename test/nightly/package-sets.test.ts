/**
 * Larger sets of packages: a server with sysvinit, one with systemd, and tools of developers with a database, each equal with what
 * mmdebstrap makes of the same files.
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const SYSVINIT =
  "kmod systemd-boot-efi sysvinit-core zstd udev busybox util-linux iproute2 udhcpc e2fsprogs iputils-ping curl";

const SETS = [
  `essential ${SYSVINIT} prometheus prometheus-node-exporter prometheus-process-exporter rclone ntpsec procps ca-certificates
   openssl libsnappy1v5 netcat-openbsd bubblewrap`,
  `essential systemd systemd-boot-efi kmod busybox util-linux procps ca-certificates openssl iproute2 udhcpc e2fsprogs dropbear
   openssh-server podman logrotate cryptsetup sudo nftables chrony`,
  "minbase build-essential git cmake clang cargo golang-go python3 nginx-light postgresql",
];

test.each(SETS)("%s", (set) => {
  const script = ["scripts/fidelity.mjs", ...set.split(/\s+/), "--epoch", "1755000000"];
  const output = execFileSync(process.execPath, script, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  expect(output).toMatch(/ packages, \d+ paths, 0 differences\n$/);
});
