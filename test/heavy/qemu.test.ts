/**
 * A UKI of our own making, booted by the host's QEMU and OVMF: Debian's kernel, both stubs, busybox as init.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentOfBytes, contentOfText, readContent } from "#dist/bytes/content.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { runImage } from "#dist/sandbox/qemu/run-image.js";
import { writeUki } from "#dist/uki/write-uki.js";
import { makeNewc } from "../fixtures/cpio/make-newc.js";
import { debianDependency, debianFile, oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

const BOOT_MILLISECONDS = 180_000;
const REPLY_MILLISECONDS = 60_000;
const MODULES = ["virtio_blk", "failover", "net_failover", "virtio_net"];

const INIT = `#!/bin/busybox sh
export PATH=/bin
busybox mount -t proc proc /proc; busybox --install -s /bin
mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
for module in ${MODULES.join(" ")}; do insmod /$module.ko; done
echo "READY $(uname -r)"
while read -r line; do eval "$line"; echo "DONE $?"; done
`;

let directory: string;
let server: Server;
const images = new Map<string, string>();
const kernelPackage = debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-");

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "qemu-test-"));
  const unpack = (path: string) =>
    execFileSync("xz", ["-dc"], { input: debianFile("trixie", kernelPackage, path), maxBuffer: 1 << 28 });
  const initrd = makeNewc([
    ...["bin", "dev", "proc", "sys", "etc"].map((path) => ({ path, mode: 0o40755 })),
    { path: "bin/busybox", data: debianFile("trixie", "busybox-static", "usr/bin/busybox"), mode: 0o100755 },
    { path: "init", data: INIT, mode: 0o100755 },
    { path: "dev/console", mode: 0o20600, rdev: [5, 1] },
    ...MODULES.map((name) => ({ path: `${name}.ko`, data: unpack(`usr/lib/modules/*/${name}.ko`) })),
  ]);
  for (const suite of ["bookworm", "trixie"]) {
    const uki = await writeUki({
      stub: contentOfBytes(debianFile(suite, "systemd-boot-efi", "usr/lib/systemd/boot/efi/linuxx64.efi.stub")),
      kernel: contentOfBytes(debianFile("trixie", kernelPackage, "boot/vmlinuz-")),
      initrd: contentOfBytes(initrd),
      osRelease: contentOfText("ID=test\n"),
      commandLine: 'console=ttyS0,115200n8 marker="of the test"',
    });
    images.set(suite, join(directory, `${suite}.efi`));
    writeFileSync(images.get(suite)!, await readContent(uki));
  }
  server = createServer((_, response) => response.end("page of the host\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("a booted UKI", () => {
  it("has its command line, a disk that it keeps, its serial number, and the network", async () => {
    const disk = join(directory, "disk.qcow2");
    const first = await bootImage(images.get("trixie")!, { disks: [{ file: disk }], onNotice: console.warn });
    await first.waitFor(/READY .*\n/, BOOT_MILLISECONDS);
    const ask = async (machine: typeof first, command: string) => {
      machine.send(`${command}\n`);
      const answer = await machine.waitFor(/.*DONE \d+\n/s, REPLY_MILLISECONDS);
      return answer.slice(answer.indexOf("\n") + 1);
    };
    expect(await ask(first, "cat /proc/cmdline")).toContain('console=ttyS0,115200n8 marker="of the test"\nDONE 0');
    expect(await ask(first, "cat /sys/block/vda/serial; echo; cat /sys/block/vda/size")).toBe(
      `persistent\n${2048 * 2 ** 21}\nDONE 0\n`,
    );
    await ask(first, "ip link set lo up; ip link set eth0 up; udhcpc -i eth0 -q -n -s /bin/true");
    await ask(first, "ip addr add 10.0.2.15/24 dev eth0");
    const { port } = server.address() as AddressInfo;
    expect(await ask(first, `wget -q -O - http://10.0.2.2:${port}/`)).toContain("page of the host\nDONE 0");
    await ask(first, "echo kept | dd of=/dev/vda bs=512 seek=4000000000 conv=sync; sync");
    first.send("poweroff -f\n");
    expect(await first.ended).toEqual({ status: 0, messages: "" });
    expect(statSync(disk).blocks * 512).toBeLessThan(2 << 20);

    const second = await bootImage(images.get("bookworm")!, { disks: [{ file: disk }], onNotice: console.warn });
    await second.waitFor(/READY .*\n/, BOOT_MILLISECONDS);
    expect(await ask(second, "dd if=/dev/vda bs=512 skip=4000000000 count=1 2>/dev/null | head -c 5")).toContain(
      "kept\n",
    );
    await second.kill();
    const scratch = oracleScratch();
    try {
      execFileSync("cp", [disk, join(scratch.outside, "disk.qcow2")]);
      expect(runInOracle(scratch.inside, ["qemu-img", "check", "disk.qcow2"])).toContain("No errors were found");
    } finally {
      scratch.remove();
    }
  });

  it("is seen by run --expect, and ends when it is not", async () => {
    const options = { onNotice: console.warn, timeoutMilliseconds: BOOT_MILLISECONDS };
    const release = kernelPackage.replace("linux-image-", "");
    const seen = await runImage(images.get("trixie")!, { ...options, expect: `READY ${release}` });
    expect(seen.outcome).toBe("expected");
    console.info(`${seen.accelerator}: init after ${seen.milliseconds / 1000} s`);
    expect(
      await runImage(images.get("trixie")!, { ...options, expect: "never", timeoutMilliseconds: 1500 }),
    ).toMatchObject({ outcome: "timeout" });
  });

  it("names a port that is taken", async () => {
    const { port } = server.address() as AddressInfo;
    await expect(
      runImage(images.get("trixie")!, { forwards: [{ host: port, guest: 80 }], timeoutMilliseconds: 20_000 }),
    ).rejects.toMatchObject({ code: "run/qemu-failed", message: expect.stringContaining("host forwarding rule") });
  });
});
