/**
 * The examples, built from the real archive and booted under OVMF. Boots are slow under translation: each checks as much as it can.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BootedMachine, bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { askConsole } from "../fixtures/boot/ask-console.js";
import { type BuiltExample, buildExample } from "../fixtures/boot/build-example.js";
import { makeForeignDisks } from "../fixtures/boot/foreign-disks.js";
import { missingLibraries } from "../fixtures/boot/missing-libraries.js";

const EXAMPLES = resolve("examples");
const BOOT_MILLISECONDS = 400_000;
const READY = /tdx-debian: runlevel 5 ready.*\n/;

const directory = mkdtempSync(join(tmpdir(), "boot-test-"));
const built: BuiltExample[] = [];
let server: Server;
let page: string;

async function build(recipe: string, profiles: readonly string[] = []): Promise<BuiltExample> {
  const example = await buildExample(recipe, { directory, profiles });
  built.push(example);
  return example;
}

async function boot(uki: string, disks: readonly { file: string; serial?: string }[]): Promise<BootedMachine> {
  return bootImage(uki, { disks, onNotice: console.warn });
}

beforeAll(async () => {
  server = createServer((_, response) => response.end("a page of the host\n"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  page = `http://10.0.2.2:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  server.close();
  for (const example of built) await example.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("examples/tdx-debian", () => {
  it("as shipped: is small, whole, boots to runlevel 5, and nobody can talk to it", async () => {
    const image = await build(join(EXAMPLES, "tdx-debian"));
    expect(statSync(image.uki).size).toBeLessThan(32_000_000);
    expect(missingLibraries(image.tree)).toEqual([]);
    for (const path of [
      "/usr/sbin/sulogin",
      "/usr/sbin/agetty",
      "/usr/sbin/getty",
      "/usr/bin/login",
      "/etc/machine-id",
    ])
      expect(image.tree.lookup(path, { follow: false }), path).toBeUndefined();
    for (const { path, node } of image.tree.walk("/etc/init.d"))
      if (node.type === "file" && !path.includes("/.depend."))
        expect(Buffer.from(node.content.read()).toString("latin1"), path).not.toMatch(
          /sulogin|getty|^\s*(exec )?(\/bin\/)?(ba)?sh\s*$/m,
        );

    const machine = await boot(image.uki, []);
    try {
      await machine.waitFor(READY, BOOT_MILLISECONDS);
      const before = machine.output().length;
      machine.send("\n\x03\x04root\n\necho $((6*7))-typed\n");
      await new Promise((done) => setTimeout(done, 10_000));
      expect(machine.output().slice(before)).not.toMatch(/42-typed|login:|[#$] $/);
      const said = machine.output();
      expect(said).toMatch(
        /persistence: no disk has the serial number persistent; nothing is mounted at \/persistent\n/,
      );
      expect(said).toMatch(/networking: eth0 has 10\.0\.2\.15\/24\n/);
      const complaints = said.split("\n").filter((line) => /error|cannot|failed|not found|no such/i.test(line));
      expect(complaints.filter((line) => !line.startsWith("["))).toEqual([]);
      // The power button is enough to stop it in order.
      await machine.powerOff(120_000);
      expect(machine.output()).toMatch(/Power down/);
    } finally {
      await machine.kill();
    }
  });

  it("with a console: mounts, containers, network, TSM, and a persistent disk that is kept while foreign ones are not touched", async () => {
    const recipe = join(directory, "console.yaml");
    writeFileSync(
      recipe,
      `include: [${JSON.stringify(join(EXAMPLES, "tdx-debian/image.yaml"))}]\nimage: console-test\npackages: [bubblewrap]\n`,
    );
    const { uki } = await build(recipe, ["console"]);
    const foreign = makeForeignDisks();
    const hashes = foreign.disks.map((disk) => disk.sha256());
    const disk = { file: join(directory, "persistent.qcow2"), serial: "persistent" };
    try {
      const machine = await boot(uki, [disk, ...foreign.disks.map(({ name, file }) => ({ file, serial: name }))]);
      const ask = async (command: string) => (await askConsole(machine, command)).output;
      try {
        expect(await machine.waitFor(READY, BOOT_MILLISECONDS)).toMatch(READY);
        await machine.waitFor("# ", 60_000);
        expect(await ask("cat /proc/1/comm; readlink /proc/1/exe; id -un")).toBe("init\n/usr/sbin/init\nroot\n");

        const mounts = new Map(
          (await ask("cat /proc/mounts"))
            .split("\n")
            .map((line) => [line.split(" ")[1], line.split(" ")[3]?.split(",") ?? []]),
        );
        for (const path of [
          "/proc",
          "/sys",
          "/run",
          "/dev/shm",
          "/sys/fs/cgroup",
          "/sys/kernel/config",
          "/sys/firmware/efi/efivars",
        ])
          expect(mounts.get(path), path).toEqual(expect.arrayContaining(["nosuid", "nodev", "noexec"]));
        for (const path of ["/tmp", "/persistent"])
          expect(mounts.get(path), path).toEqual(expect.arrayContaining(["nosuid", "nodev"]));
        for (const path of ["/dev", "/dev/pts"])
          expect(mounts.get(path), path).toEqual(expect.arrayContaining(["nosuid", "noexec"]));
        expect(mounts.get("/sys/firmware/efi/efivars")).toContain("ro");

        expect((await askConsole(machine, "bwrap --unshare-all --ro-bind / / true")).status).toBe(0);
        expect(await ask("bwrap --unshare-all --ro-bind / / --tmpfs /tmp --proc /proc cat /proc/1/comm")).toBe(
          "bwrap\n",
        );
        expect(await ask(`curl -sS ${page}`)).toBe("a page of the host\n");
        expect(await ask("cat /etc/resolv.conf")).toBe("nameserver 1.1.1.1\nnameserver 9.9.9.9\n");
        expect(await ask("hostname")).toBe("tdx-debian\n");
        expect(
          (await askConsole(machine, "modprobe overlay && modprobe vmw_vsock_virtio_transport && modprobe tsm")).status,
        ).toBe(0);
        expect(
          await ask("ls -d /sys/kernel/config/tsm/report; /etc/init.d/tsm start; ls /sys/kernel/config/tsm/report"),
        ).toBe("/sys/kernel/config/tsm/report\n");
        // Entries as the kernel makes them, where no TDX is: the same modes in a directory of our own.
        await ask(
          "mkdir -p /tmp/r/tsm; cd /tmp/r/tsm; touch inblob outblob; chmod 0200 inblob; chmod 0444 outblob; TSM_ROOT=/tmp/r /usr/lib/tdx-debian/tsm-reports; cd",
        );
        expect(await ask("stat -c '%a %G %n' /tmp/r/tsm/*")).toBe(
          "220 tsm /tmp/r/tsm/inblob\n440 tsm /tmp/r/tsm/outblob\n",
        );

        expect(machine.output()).toMatch(/is blank; making an ext4 file system/);
        expect(await ask("echo kept >/persistent/file && sync && cat /persistent/file")).toBe("kept\n");
        await ask("umount /persistent");
        for (const { name, says } of foreign.disks) {
          const said = await ask(
            `sed -i 's/^PERSISTENCE_SERIAL=.*/PERSISTENCE_SERIAL=${name}/' /etc/default/persistence; /etc/init.d/persistence start`,
          );
          expect(said, name).toMatch(says);
          expect(said, name).toMatch(/nothing is mounted/);
        }
        expect(await ask("grep -c ' /persistent ' /proc/mounts")).toBe("0\n");
        const byPath = await ask(
          "sed -i 's/^PERSISTENCE_DEVICE=.*/PERSISTENCE_DEVICE=\\/dev\\/disk\\/by-id\\/virtio-persistent/' /etc/default/persistence; /etc/init.d/persistence start; cat /persistent/file",
        );
        expect(byPath).toMatch(/is mounted at \/persistent\nkept\n/);
        // Pulling the plug leaves a journal to replay, which is no damage.
        await ask("sync");
      } finally {
        await machine.kill();
      }
      expect(foreign.disks.map((one) => one.sha256())).toEqual(hashes);
    } finally {
      foreign.remove();
    }

    const again = await boot(uki, [disk]);
    try {
      await again.waitFor(READY, BOOT_MILLISECONDS);
      await again.waitFor("# ", 60_000);
      expect(again.output()).not.toMatch(/is blank/);
      expect((await askConsole(again, "cat /persistent/file")).output).toBe("kept\n");
    } finally {
      await again.kill();
    }
  });
});

describe("examples/minimal", () => {
  it("boots to a shell", async () => {
    const { uki } = await build(join(EXAMPLES, "minimal"));
    expect(statSync(uki).size).toBeLessThan(14_000_000);
    const machine = await boot(uki, []);
    try {
      await machine.waitFor("minimal: ready", BOOT_MILLISECONDS);
      await machine.waitFor("# ", 60_000);
      expect((await askConsole(machine, "id -u")).output).toBe("0\n");
      machine.send("exit\n");
      expect((await machine.ended).status).toBe(0);
    } finally {
      await machine.kill();
    }
  });
});
