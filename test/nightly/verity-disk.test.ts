/**
 * examples/verity-disk, booted by OVMF with a software TPM: the root is verified, data stays on a partition of the boot disk although the
 * disk grows, without PCR 5 changing; and the profile `encrypted` with a stand-in key server.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assemble, type Image, loadRecipe, lock, writeImage } from "#dist/index.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { measuredBoot, PRINT_MEASUREMENTS } from "../fixtures/boot/measured-boot.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

const EXAMPLE = resolve("examples/verity-disk");
const MIB = 1 << 20;
const KEY = "0123456789abcdef".repeat(4);
const MARK = "nobody who holds the disk reads this";

const directory = mkdtempSync(join(tmpdir(), "verity-disk-"));
const images: Image[] = [];
let server: Server;
/** What the key server answers, one after the other; undefined: that there is no key. */
const answers: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((_, response) => {
    const key = answers.shift();
    if (key === undefined) response.statusCode = 403;
    response.end(key ?? "");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(async () => {
  server.close();
  for (const image of images) await image.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
  chmodSync(join(directory, path), mode);
}

/** The example with a program that runs when it is ready; the path of its disk. */
async function build(name: string, probe: string, profiles: readonly string[] = []): Promise<string> {
  const inittab = readFileSync(join(EXAMPLE, "root/etc/inittab"), "utf8");
  write(`${name}/etc/inittab`, `${inittab}::once:/usr/lib/probe\n`);
  const head = "#!/bin/sh\nexport PATH=/usr/sbin:/usr/bin\nuntil [ -e /run/app-started ]; do sleep 1; done\n";
  write(`${name}/usr/lib/probe`, head + probe, 0o755);
  write(`${name}/etc/default/data-key`, `KEY_URL=http://10.0.2.2:${(server.address() as AddressInfo).port}/key\n`);
  // The trees of the last profile come last.
  const own = `profiles: { probed: { extraTrees: [${name}] } }\n`;
  write(`${name}.yaml`, `include: [${JSON.stringify(join(EXAMPLE, "image.yaml"))}]\nimage: ${name}\n${own}`);
  const recipe = await loadRecipe(join(directory, `${name}.yaml`), { profiles: [...profiles, "probed"] });
  const image = await assemble(recipe, { lock: await lock(recipe), formats: ["raw"] });
  images.push(image);
  return (await writeImage(image, directory))[0]!;
}

describe("data on a partition of the disk that is booted from", () => {
  it("stays, although the disk grows, and PCR 5 with it", async () => {
    const disk = await build("measured", `mount | grep -E ' (/|/data) '\n${PRINT_MEASUREMENTS}`);
    const options = { network: false, keepsWrites: true } as const;
    const first = await measuredBoot(disk, options);
    expect(first.output).toContain("init: the root is squashfs, verified, overlay tmpfs");
    expect(first.output).toMatch(/data: warning: \/dev\/vda4 is plain ext4/);
    expect(first.output).toMatch(/\/dev\/vda4 on \/data type ext4 \(rw,nosuid,nodev,noatime/);
    expect(first.output).toContain("verity-disk: ready, boot 1\n");
    expect(first.output).not.toMatch(/start: not every module|not found|No such file/);
    const size = statSync(disk).size;
    truncateSync(disk, size + 1024 * MIB);
    const second = await measuredBoot(disk, options);
    expect(second.output).toContain("verity-disk: ready, boot 2\n");
    for (const bank of ["sha256", "sha384"] as const) {
      expect(second.pcrs[bank][5]).toMatch(/[1-9a-f]/);
      expect(second.pcrs[bank][5]).toBe(first.pcrs[bank][5]);
      expect(second.pcrs[bank][4]).toBe(first.pcrs[bank][4]);
    }
  }, 3_600_000);
});

const PROBE = `
state() {
    echo "STATE $1 [$(grep ' /data ' /proc/mounts | cut -d' ' -f1,3)] [$(cat /data/secret 2>/dev/null)]"
    /usr/lib/verity-disk/stop
}
try() {
    sed -i "s/^DATA_SERIAL=.*/DATA_SERIAL=$2/" /etc/default/data
    /usr/lib/verity-disk/mount-data
    state "$1"
}
if [ -d /data ]; then echo '${MARK}' >/data/secret; fi
state first
try wrong persistent
try short persistent
try refused persistent
try right persistent
try plain plain
try loose loose
try unknown unknown
echo PROBED
`;

describe("the profile encrypted", () => {
  it("formats what is blank, opens it with its key alone, and touches nothing else", async () => {
    const scratch = oracleScratch();
    const make = (name: string, mib: number, script: string) => {
      runInOracle(scratch.inside, ["sh", "-ec", `truncate -s ${mib}M ${name}.raw; ${script}`]);
      const file = join(scratch.outside, `${name}.raw`);
      return { file, serial: name, sha256: () => createHash("sha256").update(readFileSync(file)).digest("hex") };
    };
    try {
      const blank = make("persistent", 80, ":");
      const foreign = [
        make("plain", 48, "mkfs.ext4 -q plain.raw"),
        // Its key is ours, and what it holds would be encrypted, but not authenticated.
        make(
          "loose",
          48,
          `printf ${KEY} | cryptsetup luksFormat -q --type luks2 --cipher aes-xts-plain64 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file - loose.raw`,
        ),
        make("unknown", 48, "printf x | dd of=unknown.raw bs=1 seek=700000 conv=notrunc status=none"),
      ];
      const before = foreign.map((disk) => disk.sha256());
      answers.push(KEY, KEY.replace("0", "1"), "short", undefined, KEY, KEY, KEY, KEY);
      const disk = await build("encrypted-test", PROBE, ["encrypted"]);
      const machine = await bootImage(disk, { disks: [blank, ...foreign], onNotice: console.warn });
      try {
        await machine.waitFor(/^PROBED/m, 1_800_000);
      } finally {
        await machine.kill();
      }
      const said = machine.output().replaceAll("\r", "");
      expect(said).toMatch(/is blank; making it LUKS2[\s\S]*is mounted, encrypted and authenticated\n/);
      const states = [...said.matchAll(/^STATE (\S+) \[(.*)\] \[(.*)\]$/gm)].map(([, ...fields]) => fields);
      const mounted = ["/dev/mapper/data ext4", MARK];
      expect(states).toEqual([
        ["first", ...mounted],
        ["wrong", "", ""],
        ["short", "", ""],
        ["refused", "", ""],
        ["right", ...mounted],
        ["plain", "", ""],
        ["loose", "", ""],
        ["unknown", "", ""],
      ]);
      expect(said).toMatch(/data: the key does not open \/dev\/vd\w, which is left alone; nothing is mounted/);
      expect(said).toMatch(/data: there is no key: \S+ printed 5 characters/);
      expect(said).toMatch(/data: there is no key: \S+ failed/);
      expect(said).toMatch(/data: \/dev\/vd\w holds ext4, LUKS2 was wanted, and is left alone/);
      expect(said).toMatch(/data: the LUKS2 header of \/dev\/vd\w asks for other than aes-xts-plain64/);
      expect(said).toMatch(/data: \/dev\/vd\w holds something unknown, LUKS2 was wanted/);
      expect(said.match(/is blank/g)).toHaveLength(2);
      expect(said).not.toContain(KEY);
      expect(answers).toEqual([]);
      expect(foreign.map((one) => one.sha256())).toEqual(before);
      const held = readFileSync(blank.file).toString("latin1");
      expect(held.startsWith("LUKS\xba\xbe")).toBe(true);
      expect(held).not.toContain(MARK);
      expect(held).not.toContain(KEY);
    } finally {
      scratch.remove();
    }
  }, 2_400_000);
});
