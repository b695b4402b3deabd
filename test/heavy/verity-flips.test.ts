/**
 * 100 single bits of a verity root, in its data and in its hash tree, each flipped alone: a guest maps the partitions that the build made 101 times, with
 * the table that the build computed and one block replaced in all but one, and reads the whole root through each. The kernel reports each, with as
 * many blocks lost as hang on the bit, and nothing where none was flipped.
 *
 * The hash partition's first block, veritysetup's superblock, is not among them: what it says is in the UKI, and nobody reads it at boot. The test
 * says that too.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { VeritySuperblock } from "#dist/filesystem/verity/superblock.js";
import { readGpt } from "#dist/gpt/read-gpt.js";
import { bootImage } from "#dist/sandbox/qemu/boot-image.js";
import { buildBusyboxRoot } from "../fixtures/boot/busybox-root.js";
import { oracleTree, runInOracle } from "../fixtures/oracle/oracle-tree.js";
import { seededNumbers } from "../fixtures/seeded-numbers.js";

const BOOT_MILLISECONDS = 2_400_000;
const FLIPS = 100;
const FLIPS_IN_DATA = 75;
const BLOCK = 4096;
const SECTORS = BLOCK / 512;
const DIGEST = 32;
const DIGESTS = BLOCK / DIGEST;
/** What is mapped, as `dmsetup create --concise` takes it, is at the start of the second disk. */
const LIST_BLOCKS = 16;
/** Numbers of devices: /dev/dm-(base + number). */
const FLIPPED = 1000;
const GUARDED = 2000;

const INIT = `#!/usr/bin/busybox sh
export PATH=/usr/bin:/usr/sbin DM_DISABLE_UDEV=1
busybox mount -t devtmpfs -o nosuid,noexec dev /dev
busybox mount -t proc -o nosuid,nodev,noexec proc /proc
busybox mount -t sysfs -o nosuid,nodev,noexec sys /sys
for entry in /sys/class/block/*/serial; do
    read -r serial <"$entry"
    name=\${entry%/serial}
    name=\${name##*/}
    case $serial in
        boot) busybox ln -s "\${name}2" /dev/data; busybox ln -s "\${name}3" /dev/hashes ;;
        flips) busybox ln -s "$name" /dev/flips ;;
        tools) busybox tar -xf "/dev/$name" -C / ;;
    esac
done
dmsetup create --concise "$(busybox dd if=/dev/flips bs=${BLOCK} count=${LIST_BLOCKS} 2>/dev/null)"
for device in /dev/mapper/guarded-*; do
    busybox dd "if=$device" of=/dev/null bs=${BLOCK} conv=noerror 2>/said
    echo "test: \${device##*-} lost $(busybox grep -c 'Input/output error' /said)"
done
dmsetup status --target verity
echo "test: ready"
busybox poweroff -f
`;

const directory = mkdtempSync(join(tmpdir(), "verity-flips-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The oracle's dmsetup, which the guest takes from a disk of its own: the root stays small, as it is read a hundred times. */
function dmsetupDisk(): string {
  const linked = runInOracle("/", ["ldd", "/usr/sbin/dmsetup"]).matchAll(/(\/\S+) \(0x/g);
  const paths = ["/usr/sbin/dmsetup", ...Array.from(linked, ([, library]) => library!)];
  const file = join(directory, "tools.raw");
  execFileSync("tar", ["-chf", file, "-C", oracleTree(), ...paths.map((path) => `.${path}`)]);
  return file;
}

it(`reports each of ${FLIPS} flipped bits, and none where there is none`, async () => {
  const root = { format: "squashfs" } as const;
  const options = { directory, name: "flips", init: INIT, root, commandLine: ["loglevel=2"] };
  const { disk, image } = await buildBusyboxRoot(options);
  const size = Number(image.outputs.get("raw")!.size);
  await image.close();

  const file = openSync(disk, "r");
  const read = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
  };
  const [, data, hashes] = readGpt({ size, read }).partitions;
  // The root hash as the build tells it: the partitions' ids.
  const rootHash = `${data!.uuid}${hashes!.uuid}`.replaceAll("-", "");
  const superblock = VeritySuperblock.decode(read(hashes!.startLba * 512, 512));
  const { dataBlocks } = superblock;
  const salt = Buffer.from(superblock.salt.subarray(0, superblock.saltSize)).toString("hex") || "-";
  const leaves = Math.ceil(dataBlocks / DIGESTS);
  expect(leaves).toBeGreaterThan(1);
  expect(leaves).toBeLessThanOrEqual(DIGESTS);

  const next = seededNumbers(2026);
  // Those that chance might leave out. In the hash partition the superblock's block comes first, then the tree's upper level, then the lower one.
  const fixed: readonly { inData: boolean; block: number; byte: number }[] = [
    { inData: true, block: 0, byte: 0 },
    { inData: true, block: dataBlocks - 1, byte: BLOCK - 1 },
    { inData: false, block: 1, byte: DIGEST * leaves - 1 },
    { inData: false, block: 1, byte: DIGEST * leaves },
    { inData: false, block: 1 + leaves, byte: BLOCK - 1 },
  ];
  const flips = Array.from({ length: FLIPS }, (_, number) => {
    const inData = number < FLIPS_IN_DATA;
    const any = { inData, block: inData ? next() % dataBlocks : 1 + (next() % (1 + leaves)) };
    const chosen = {
      byte: next() % BLOCK,
      ...(fixed.filter((one) => one.inData === inData)[number % FLIPS_IN_DATA] ?? any),
    };
    const blocksBelow = chosen.block === 1 ? dataBlocks : Math.min(DIGESTS, dataBlocks - (chosen.block - 2) * DIGESTS);
    return { ...chosen, number, lost: inData ? 1 : blocksBelow, bit: 1 << (next() % 8) };
  });
  const all = [...flips, { number: FLIPS, inData: false, block: 0, byte: 100, bit: 1, lost: 0 }];

  const second = new Uint8Array(BLOCK * (LIST_BLOCKS + all.length)).fill(10);
  const verity = (number: number, on: { readonly data: string; readonly hashes: string }): string =>
    `guarded-${number},,${GUARDED + number},ro,0 ${SECTORS * dataBlocks} verity 1 ${on.data} ${on.hashes} ${BLOCK} ${BLOCK} ${dataBlocks} 1 sha256 ${rootHash} ${salt}`;
  const devices = [verity(all.length, { data: "/dev/data", hashes: "/dev/hashes" })];
  for (const { number, inData, block, byte, bit } of all) {
    const partition = inData ? data! : hashes!;
    const bytes = read(partition.startLba * 512 + block * BLOCK, BLOCK);
    bytes[byte]! ^= bit;
    second.set(bytes, BLOCK * (LIST_BLOCKS + number));
    const [victim, at, after] = [inData ? "/dev/data" : "/dev/hashes", SECTORS * block, SECTORS * (block + 1)];
    const lines = [
      [0, at, victim, 0],
      [at, SECTORS, "/dev/flips", SECTORS * (LIST_BLOCKS + number)],
      [after, partition.sectors - after, victim, after],
    ] as const;
    const table = lines.filter(([, length]) => length > 0);
    const linear = table.map(([start, length, device, from]) => `${start} ${length} linear ${device} ${from}`);
    devices.push(`flipped-${number},,${FLIPPED + number},ro,${linear.join(",")}`);
    const flipped = `/dev/dm-${FLIPPED + number}`;
    devices.push(verity(number, { data: "/dev/data", hashes: "/dev/hashes", [inData ? "data" : "hashes"]: flipped }));
  }
  const list = Buffer.from(devices.join(";"));
  expect(list.length).toBeLessThan(BLOCK * LIST_BLOCKS);
  second.set(list);
  const flipped = join(directory, "flipped.raw");
  writeFileSync(flipped, second);

  const disks = [
    { file: flipped, serial: "flips", readOnly: true },
    { file: dmsetupDisk(), serial: "tools", readOnly: true },
  ];
  const machine = await bootImage(disk, { network: false, disks, onNotice: console.warn });
  try {
    await machine.waitFor(/test: ready/, BOOT_MILLISECONDS);
  } finally {
    await machine.kill();
  }
  const output = machine.output();
  const lost = new Map(
    Array.from(output.matchAll(/^test: (\d+) lost (\d+)/gm), ([, n, count]) => [Number(n), Number(count)]),
  );
  const states = new Map(
    Array.from(output.matchAll(/^guarded-(\d+): .* verity (\w)/gm), ([, n, state]) => [Number(n), state]),
  );
  const found = [...all.map(({ number }) => number), all.length].map(
    (n) => `${n}: ${states.get(n)}, ${lost.get(n)} lost`,
  );
  expect(found, output.slice(-3000)).toEqual([
    ...flips.map((flip) => `${flip.number}: C, ${flip.lost} lost`),
    `${FLIPS}: V, 0 lost`,
    `${all.length}: V, 0 lost`,
  ]);
}, 2_700_000);
