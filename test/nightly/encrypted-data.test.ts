/**
 * The profile `encrypted` of examples/verity-disk, booted with a stand-in key server: blank, foreign and its own disks, right and wrong keys.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Image } from "#dist/index.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { buildVerityDisk } from "../fixtures/boot/verity-disk.js";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

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
      const keyUrl = `http://10.0.2.2:${(server.address() as AddressInfo).port}/key`;
      const { disk, image } = await buildVerityDisk({ directory, probe: PROBE, profiles: ["encrypted"], keyUrl });
      images.push(image);
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
