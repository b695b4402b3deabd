/**
 * What examples/verity-disk makes of LUKS2 headers that somebody else wrote, with the cryptsetup of Debian and without a boot: only its own
 * ciphers pass. A header with a cipher that encrypts nothing would open with every key.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

// LUKS2 on-disk format 1.1, §2.1: the binary header, then JSON.
const JSON_START = 4096;
const CHECKSUM = { start: 448, bytes: 64 };
const INTEGRITY = { type: "hmac(sha256)", journal_encryption: "none", journal_integrity: "none" };

type Metadata = {
  keyslots: Record<string, { area: Record<string, unknown> }>;
  segments: Record<string, Record<string, unknown>>;
  config: Record<string, unknown>;
};

const scratch = oracleScratch();
const file = join(scratch.outside, "disk");
let plain: Buffer;
afterAll(() => scratch.remove());
beforeAll(() => {
  const script = readFileSync("examples/verity-disk/root/usr/lib/verity-disk/mount-data", "utf8");
  // Its functions, and the check alone.
  const functions = script
    .slice(0, script.indexOf("\ndevice=\n"))
    .replace(/^\. .*$/m, "")
    .replace(/^HEADER=.*$/m, "HEADER=copy");
  writeFileSync(join(scratch.outside, "check"), `${functions}\ndevice=disk\ncheck_header\necho accepted\n`);
  const format =
    "printf 0123456789abcdef | cryptsetup luksFormat -q --type luks2 --cipher aes-xts-plain64 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file - disk";
  runInOracle(scratch.inside, ["sh", "-ec", `truncate -s 20M disk; ${format}`]);
  plain = readFileSync(file);
});

/** What the check says of the header after a change to its metadata, in both copies and with sound checksums. */
function check(change: (metadata: Metadata) => void): string {
  const bytes = Buffer.from(plain);
  const size = Number(bytes.readBigUInt64BE(8));
  for (const start of [0, size]) {
    const header = bytes.subarray(start, start + size);
    const text = header.subarray(JSON_START, header.indexOf(0, JSON_START)).toString("utf8");
    const metadata = JSON.parse(text) as Metadata;
    metadata.segments["0"]!["integrity"] = INTEGRITY;
    change(metadata);
    header.fill(0, JSON_START);
    header.write(JSON.stringify(metadata), JSON_START);
    header.fill(0, CHECKSUM.start, CHECKSUM.start + CHECKSUM.bytes);
    header.set(createHash("sha256").update(header).digest(), CHECKSUM.start);
  }
  writeFileSync(file, bytes);
  return runInOracle(scratch.inside, ["sh", "-c", "sh check || true"]);
}

it("that are like its own pass", () => {
  expect(check(() => {})).toBe("accepted\n");
});

it.each<[string, (metadata: Metadata) => void]>([
  ["data that is not encrypted", ({ segments }) => Object.assign(segments["0"]!, { encryption: "cipher_null-ecb" })],
  [
    "a key that is not encrypted",
    ({ keyslots }) => Object.assign(keyslots["0"]!.area, { encryption: "cipher_null-ecb" }),
  ],
  ["no sums", ({ segments }) => delete segments["0"]!["integrity"]],
  [
    "sums without a key",
    ({ segments }) => Object.assign(segments["0"]!, { integrity: { ...INTEGRITY, type: "crc32c" } }),
  ],
  [
    "a part that is not encrypted",
    ({ segments }) => {
      const { offset, iv_tweak, ...rest } = segments["0"]!;
      segments["0"] = { ...rest, offset, iv_tweak, size: "1048576" };
      segments["1"] = { type: "linear", offset: String(Number(offset) + 1_048_576), size: "dynamic" };
    },
  ],
])("with %s are refused", (_, change) => {
  const said = check(change);
  expect(said).toMatch(/^data: the LUKS2 header of disk asks for other than aes-xts-plain64/);
  expect(said).not.toContain("accepted");
});

it("that are damaged are refused", () => {
  check(() => {});
  const bytes = readFileSync(file);
  const size = Number(bytes.readBigUInt64BE(8));
  for (const start of [0, size]) bytes[start + JSON_START + 20]! ^= 1;
  writeFileSync(file, bytes);
  expect(runInOracle(scratch.inside, ["sh", "-c", "sh check || true"])).toContain(
    "the LUKS2 header of disk is damaged",
  );
});

it("that are in the middle of being encrypted anew are refused", () => {
  const said = check(({ config }) => Object.assign(config, { requirements: { mandatory: ["online-reencrypt-v2"] } }));
  // cryptsetup does not even print them.
  expect(said).toBe("data: the LUKS2 header of disk is damaged; nothing is mounted at /data\n");
});
