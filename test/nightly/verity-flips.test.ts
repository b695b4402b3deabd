/**
 * 100 single bits of a verity root, in its data and in its hash tree, each flipped alone: a guest maps the partitions that the build made, with the
 * table that the build computed and one block replaced, and reads the whole root. The kernel reports each, and nothing where no bit was flipped.
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { VeritySuperblock } from "#dist/filesystem/verity/superblock.js";
import { readGpt } from "#dist/gpt/read-gpt.js";
import { assemble, defineImage, lock, writeImage } from "#dist/index.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { oracleTree, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { seededNumbers } from "../fixtures/seeded-bytes.js";

const BOOT_MILLISECONDS = 1_100_000;
const FLIPS = 100;
const FLIPS_IN_DATA = 60;
const BLOCK = 4096;
const DIGESTS = BLOCK / 32;
const LIST_BLOCKS = 4;

/** Reads lines "number partition sector" from the second disk: sector 8 × (4 + number) of that disk stands where the device's was. */
const INIT = `#!/usr/bin/busybox sh
export PATH=/usr/bin:/usr/sbin DM_DISABLE_UDEV=1
busybox mount -t devtmpfs -o nosuid,noexec dev /dev
busybox mount -t proc -o nosuid,nodev,noexec proc /proc
busybox mkdir -p /sys
busybox mount -t sysfs -o nosuid,nodev,noexec sys /sys
for name in vda vdb; do
    read -r serial </sys/class/block/$name/serial
    if [ "$serial" = boot ]; then boot=$name; else flips=$name; fi
done
busybox dd if=/dev/$flips of=/list bs=${BLOCK} count=${LIST_BLOCKS} 2>/dev/null
echo "test: begins"
{
read -r blocks hash salt
while read -r number part at; do
    victim=$boot$part
    [ "$number" != end ] || break
    data=/dev/\${boot}2 hashes=/dev/\${boot}3
    if [ "$number" != none ]; then
        rest=$(($(busybox cat /sys/class/block/$victim/size) - at - 8))
        {
            [ "$at" = 0 ] || echo "0 $at linear /dev/$victim 0"
            echo "$at 8 linear /dev/$flips $((8 * (${LIST_BLOCKS} + number)))"
            [ "$rest" = 0 ] || echo "$((at + 8)) $rest linear /dev/$victim $((at + 8))"
        } | dmsetup create flipped --readonly || break
        if [ "$part" = 2 ]; then data=/dev/mapper/flipped; else hashes=/dev/mapper/flipped; fi
    fi
    dmsetup create guarded --readonly --table "0 $((8 * blocks)) verity 1 $data $hashes ${BLOCK} ${BLOCK} $blocks 1 sha256 $hash $salt" || break
    errors=$(busybox dd if=/dev/mapper/guarded of=/dev/null bs=${BLOCK} conv=noerror 2>&1 | busybox grep -c 'Input/output error')
    status=$(dmsetup status guarded)
    echo "test: $number \${status##* } $errors"
    dmsetup remove guarded || break
    [ "$number" = none ] || dmsetup remove flipped || break
done
} </list
echo "test: ready"
busybox poweroff -f
`;

const directory = mkdtempSync(join(tmpdir(), "verity-flips-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A root of busybox, dmsetup and the script above; its disk. */
async function buildDisk(): Promise<{ readonly disk: string; readonly size: number }> {
  const root = join(directory, "root");
  mkdirSync(root);
  writeFileSync(join(root, "init"), INIT);
  chmodSync(join(root, "init"), 0o755);
  // The oracle's dmsetup: as a package it would bring a system with it.
  const linked = runInOracle("/", ["ldd", "/usr/sbin/dmsetup"]).matchAll(/(\/\S+) \(0x/g);
  for (const path of ["/usr/sbin/dmsetup", ...Array.from(linked, ([, library]) => library!)]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(join(oracleTree(), path), join(root, path));
  }
  const recipe = defineImage(
    {
      image: "flips",
      archive: { suite: "trixie" },
      base: "none",
      packages: ["busybox-static"],
      extraTrees: ["root"],
      kernel: { commandLine: ["console=ttyS0,115200n8", "panic=-1", "loglevel=2"] },
      removeFiles: ["/usr/share"],
      outputs: ["raw"],
      root: { format: "squashfs" },
    },
    { directory },
  );
  const image = await assemble(recipe, { lock: await lock(recipe) });
  const [disk] = await writeImage(image, directory);
  const size = Number(image.outputs.get("raw")!.size);
  await image.close();
  return { disk: disk!, size };
}

it(`reports each of ${FLIPS} flipped bits, and none where there is none`, async () => {
  const { disk, size } = await buildDisk();
  const file = openSync(disk, "r");
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  };
  const [, root, tree] = readGpt({ size, read }).partitions;
  // The root hash as the build tells it: the partitions' ids.
  const half = (uuid: string): string => uuid.replaceAll("-", "");
  const superblock = VeritySuperblock.decode(read(tree!.startLba * 512, 512));
  const { dataBlocks } = superblock;
  const salt = Buffer.from(superblock.salt.subarray(0, superblock.saltSize)).toString("hex") || "-";
  const leaves = Math.ceil(dataBlocks / DIGESTS);
  expect(leaves).toBeGreaterThan(1);
  expect(leaves).toBeLessThanOrEqual(DIGESTS);

  const next = seededNumbers(2026);
  // Behind the superblock's: the upper level, then the lower one.
  const flips = Array.from({ length: FLIPS }, (_, number) => {
    const inData = number < FLIPS_IN_DATA;
    const block = inData ? next() % dataBlocks : 1 + (next() % (1 + leaves));
    const blocksBelow = block === 1 ? dataBlocks : Math.min(DIGESTS, dataBlocks - (block - 2) * DIGESTS);
    return { number, inData, block, lost: inData ? 1 : blocksBelow, byte: next() % BLOCK, bit: 1 << (next() % 8) };
  });
  const lines = flips.map(({ number, inData, block }) => `${number} ${inData ? 2 : 3} ${8 * block}\n`);
  const list = `${dataBlocks} ${half(root!.uuid)}${half(tree!.uuid)} ${salt}\nnone\n${lines.join("")}none\nend\n`;
  const second = new Uint8Array(BLOCK * (LIST_BLOCKS + FLIPS));
  second.set(Buffer.from(list));
  for (const { number, inData, block, byte, bit } of flips) {
    const bytes = read((inData ? root! : tree!).startLba * 512 + block * BLOCK, BLOCK);
    bytes[byte]! ^= bit;
    second.set(bytes, BLOCK * (LIST_BLOCKS + number));
  }
  const flipped = join(directory, "flipped.raw");
  writeFileSync(flipped, second);

  const machine = await bootImage(disk, { network: false, disks: [{ file: flipped }], onNotice: console.warn });
  try {
    await machine.waitFor(/test: ready/, BOOT_MILLISECONDS);
  } finally {
    await machine.kill();
  }
  const found = [...machine.output().matchAll(/^test: (\S+) ([VC]) (\d+)\s*$/gm)].map(([, ...words]) =>
    words.join(" "),
  );
  expect(found, machine.output().slice(-3000)).toEqual([
    "none V 0",
    ...flips.map(({ number, lost }) => `${number} C ${lost}`),
    "none V 0",
  ]);
});
