/**
 * The codecs against the programs that define them: xz, zstd and libzstd 1.5.7, GNU tar, Python's tarfile, GNU cpio, dpkg-deb.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDeb } from "#dist/apt/deb/open-deb.js";
import { fromByteString, readContent, toByteString } from "#dist/bytes/content.js";
import { modeTypes } from "#dist/bytes/mode-types.js";
import { encodeNewcHeader, encodeNewcTrailer, readNewc } from "#dist/codec/newc.js";
import { randomAccessOf } from "#dist/codec/random-access.js";
import type { TarEntry } from "#dist/codec/tar/entry.js";
import { readTar } from "#dist/codec/tar/read-tar.js";
import { writeTar } from "#dist/codec/tar/write-tar.js";
import { decodeXzBytes } from "#dist/codec/xz/decode-xz.js";
import { compressZstd, ZstdCompressor } from "#dist/codec/zstd/compress-zstd.js";
import { decodeZstdBytes } from "#dist/codec/zstd/decode-zstd.js";
import { openCache } from "#dist/io/cache.js";
import { contentOfFile } from "#dist/io/file-content.js";
import { startWorkers } from "#dist/io/workers.js";
import { randomNumbers, sampleData } from "../codec/sample-data.js";
import { codeOf } from "../codec/support.js";
import { everyKind } from "../codec/tar/every-kind.js";
import { debianDependency, debianPackage, oracleScratch, runInOracle } from "../fixtures/oracle/oracle-tree.js";

let scratch: ReturnType<typeof oracleScratch>;
const shell = (script: string) => runInOracle(scratch.inside, ["sh", "-euc", script]);
const put = (name: string, bytes: Uint8Array) => writeFileSync(join(scratch.outside, name), bytes);
const take = (name: string) => new Uint8Array(readFileSync(join(scratch.outside, name)));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const LIMIT = { maxBytes: 1 << 28 };

beforeAll(() => {
  scratch = oracleScratch();
});
afterAll(() => scratch?.remove());

/** Random, text, runs, and both, in sizes around those of chunks and blocks. */
const inputs = [
  ...[0, 1, 2, 5, 4096, 65_535, 65_536, 65_537, 131_073, 2_097_153].map((size) => sampleData(size, size + 1)),
  sampleData(3_000_000, 7),
  new Uint8Array(2_000_000),
  Uint8Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) & 0xff),
];

describe("xz", () => {
  it.each([
    "-0",
    "-6",
    "-9e",
    "--check=crc32",
    "--check=sha256",
    "--check=none",
    "--block-size=70000 -T2",
    "--block-list=1,100,5000,0 -T1",
    "--lzma2=dict=4KiB,lc=4,lp=0,pb=0,nice=5",
    "--lzma2=dict=64KiB,lc=0,lp=4,pb=4,mf=bt2",
    "--lzma2=dict=64MiB,lc=2,lp=2,pb=1",
  ])("decodes what xz writes with %s", (options) => {
    for (const input of inputs) {
      put("x", input);
      shell(`xz ${options} -kf x`);
      expect(Buffer.compare(decodeXzBytes(take("x.xz"), LIMIT), input)).toBe(0);
    }
  });

  it("decodes what xz pads and concatenates", () => {
    put("x", inputs[5]!);
    shell("xz -kf x; (cat x.xz; head -c 8 /dev/zero; xz -0c x) > y.xz; xz -t y.xz");
    expect(decodeXzBytes(take("y.xz"), LIMIT)).toHaveLength(2 * inputs[5]!.length);
  });

  it("agrees with xz on what is damaged", () => {
    put("x", sampleData(300, 2));
    shell("xz -kf --block-size=200 x");
    const whole = take("x.xz");
    const random = randomNumbers(1);
    const damaged = Array.from({ length: 400 }, () => {
      const bytes = whole.slice(0, random(10) === 0 ? random(whole.length) : whole.length);
      for (let n = random(3); n > 0; n--) bytes[random(bytes.length)] = random(256);
      return bytes;
    });
    mkdirSync(join(scratch.outside, "d"), { recursive: true });
    for (const [i, bytes] of damaged.entries()) put(`d/${i}.xz`, bytes);
    const verdicts = shell(`for i in $(seq 0 ${damaged.length - 1}); do xz -tqq d/$i.xz && echo ok || echo bad; done`);
    for (const [i, verdict] of verdicts.trim().split("\n").entries())
      expect([i, codeOf(() => decodeXzBytes(damaged[i]!, LIMIT)) === "no error"]).toEqual([i, verdict === "ok"]);
  });
});

describe("zstd", () => {
  it.each([
    "-1",
    "-3 --no-check",
    "-12",
    "-19",
    "--ultra -22 --long=27",
    "--fast=9",
    "-4 -T2 -B70000",
    "--no-content-size -7",
    "--target-compressed-block-size=2000 -9",
  ])("decodes what zstd writes with %s", (options) => {
    for (const input of inputs) {
      put("z", input);
      shell(`zstd -q -f ${options} z`);
      expect(Buffer.compare(decodeZstdBytes(take("z.zst"), LIMIT), input)).toBe(0);
    }
  });

  it("compresses to the bytes of libzstd's ZSTD_compress", () => {
    put(
      "compress.py",
      Buffer.from(`
import ctypes, hashlib, sys
zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_versionString.restype = ctypes.c_char_p
size = ctypes.c_size_t
for function in (zstd.ZSTD_compressBound, zstd.ZSTD_compress): function.restype = size
zstd.ZSTD_compressBound.argtypes = [size]
zstd.ZSTD_compress.argtypes = [ctypes.c_void_p, size, ctypes.c_void_p, size, ctypes.c_int]
print(zstd.ZSTD_versionString().decode())
data = open("z", "rb").read()
out = ctypes.create_string_buffer(zstd.ZSTD_compressBound(len(data)))
for level in map(int, sys.argv[1:]):
    n = zstd.ZSTD_compress(out, len(out), data, len(data), level)
    print(level, hashlib.sha256(out.raw[:n]).hexdigest())
`),
    );
    for (const input of inputs) {
      put("z", input);
      const levels = input.length > 1_000_000 ? [3, 15] : [1, 2, 3, 5, 7, 9, 12, 15, 17, 19, 22];
      const [version, ...lines] = shell(`python3 compress.py ${levels.join(" ")}`)
        .trim()
        .split("\n");
      expect(version).toBe("1.5.7");
      expect(levels.map((level) => `${level} ${sha256(compressZstd(input, level))}`)).toEqual(lines);
    }
  });

  it("streams to the bytes of the zstd program", () => {
    const zstd = new ZstdCompressor();
    const data = sampleData(20_000_000, 11);
    for (const [size, levels] of [
      [20_000_000, [1, 3]],
      [3_000_000, [4, 15, 19]],
      [1_048_576, [3]],
    ] as const) {
      const input = data.subarray(0, size);
      put("z", input);
      for (const level of levels) {
        let at = 0;
        const read = (target: Uint8Array): void => {
          target.set(input.subarray(at, at + target.length));
          at += target.length;
        };
        const pieces = Array.from(zstd.compressStream(size, { level, read }), (piece) => piece.slice());
        shell(`zstd -q -f --single-thread --no-check -${level} z`);
        expect([level, sha256(Buffer.concat(pieces))]).toEqual([level, sha256(take("z.zst"))]);
      }
    }
  });
});

const LIST_TAR = `
import hashlib, json, sys, tarfile
kinds = {b"\\0": "file", b"0": "file", b"1": "hardlink", b"2": "symlink", b"3": "char", b"4": "block", b"5": "directory", b"6": "fifo"}
rows = []
archive = tarfile.open(sys.argv[1], encoding="utf-8", errors="surrogateescape")
def plain(text): return text.encode("utf-8", "surrogateescape").decode("latin1")
for m in archive:
    digest = hashlib.sha256(archive.extractfile(m).read()).hexdigest() if m.isreg() else None
    device = (m.devmajor, m.devminor) if m.type in (b"3", b"4") else None
    link = plain(m.linkname) if m.type in (b"1", b"2") else None
    rows.append([plain(m.name).rstrip("/"), kinds[m.type], m.mode, m.uid, m.gid, m.uname, m.gname, int(m.mtime // 1), link, device, digest])
print(json.dumps(rows))
`;

const row = (entry: Omit<TarEntry, "size" | "offset">, digest: string | undefined) => [
  entry.path.replace(/\/+$/, ""),
  entry.type,
  entry.mode,
  entry.uid,
  entry.gid,
  entry.user,
  entry.group,
  entry.mtime,
  entry.linkTarget ?? null,
  entry.major === undefined ? null : [entry.major, entry.minor],
  digest ?? null,
];
const rowsOf = (tar: Uint8Array) =>
  [...readTar(randomAccessOf(tar))].map((entry) =>
    row(entry, entry.type === "file" ? sha256(tar.subarray(entry.offset, entry.offset + entry.size)) : undefined),
  );
const pythonRows = (name: string) => {
  put("list.py", Buffer.from(LIST_TAR));
  return JSON.parse(shell(`python3 list.py ${name}`)) as unknown[];
};

describe("tar", () => {
  it("writes what GNU tar and tarfile read", async () => {
    const tar = await readContent(writeTar(everyKind));
    put("all.tar", tar);
    expect(pythonRows("all.tar")).toEqual(rowsOf(tar));
    const listing = shell("tar --full-time --numeric-owner -tvf all.tar").trim().split("\n");
    expect(listing).toHaveLength(everyKind.length);
    expect(listing[1]).toMatch(/^-rwsr-xr-x 0\/0 +70000 2023-11-14 22:13:20 \.\/file$/);
    shell("mkdir all; tar --xattrs --xattrs-include='user.*' -xf all.tar -C all; cmp all/file all/hard");
    expect(
      shell(
        'getfattr -e hex -n user.b all/capable 2>/dev/null || python3 -c \'import os; print("user.b=0x" + os.getxattr("all/capable", "user.b").hex())\'',
      ),
    ).toContain("user.b=0x0a3d00ff");
  });

  it.each(["gnu", "ustar", "pax", "v7", "oldgnu"])("reads what GNU tar writes as %s", (format) => {
    const long = format === "v7" || format === "ustar" ? "s" : "n".repeat(180);
    shell(`rm -rf t; mkdir -p "t/dir/$(printf 'd%.0s' $(seq 90))" t/é; printf abc > t/dir/file; ln t/dir/file t/hard; ln -s ../${long} t/soft; printf x > t/${long}
chmod 4751 t/dir/file; chown 12:34 t/é; ${format === "v7" ? "" : "mknod t/null c 1 3; mkfifo t/pipe;"} find t -exec touch -h -d @1234567.5 {} +
tar --format=${format} --sort=name -C t -cf t.tar .`);
    const tar = take("t.tar");
    expect(rowsOf(tar)).toEqual(pythonRows("t.tar"));
  });
});

describe("newc", () => {
  const none = { uid: 0, gid: 0, nlink: 1, mtime: 1_234_567, rdevMajor: 0, rdevMinor: 0 };
  it("writes what GNU cpio reads, hard links included", () => {
    const data = fromByteString("data\n");
    const link = { ...none, ino: 2, mode: modeTypes.file | 0o4755, nlink: 3 };
    const archive = Buffer.concat([
      encodeNewcHeader({ ...none, name: "d", ino: 1, mode: modeTypes.directory | 0o755, nlink: 2, size: 0 }),
      encodeNewcHeader({ ...link, name: "d/a", size: 0 }),
      encodeNewcHeader({ ...link, name: "d/b", size: 0 }),
      encodeNewcHeader({ ...link, name: "d/c", size: data.length }),
      data,
      new Uint8Array(3),
      encodeNewcHeader({
        ...none,
        name: "n\xe9",
        ino: 3,
        mode: modeTypes.char | 0o666,
        size: 0,
        rdevMajor: 1,
        rdevMinor: 3,
      }),
      encodeNewcHeader({ ...none, name: "s", ino: 4, mode: modeTypes.symlink | 0o777, size: 3 }),
      fromByteString("d/a\0"),
      encodeNewcTrailer(),
    ]);
    put("a.cpio", archive);
    shell("rm -rf c; mkdir c; cd c; cpio --quiet -idm < ../a.cpio; cmp d/a d/c; test d/a -ef d/b; test d/a -ef d/c");
    expect(shell("cd c; stat -c '%n %A %h %s %Y %t,%T' d/a s n*; readlink s; cat d/b")).toBe(
      `d/a -rwsr-xr-x 3 5 1234567 0,0\ns lrwxrwxrwx 1 3 1234567 0,0\nn\ufffd crw-rw-rw- 1 0 1234567 1,3\nd/a\ndata\n`,
    );
  });

  it("reads what GNU cpio writes", () => {
    shell(
      "rm -rf g; mkdir -p g/d; printf abc > g/d/x; ln g/d/x g/y; ln -s x g/d/l; mknod g/b b 7 9; cd g; find . | LC_ALL=C sort | cpio --quiet -o -H newc > ../g.cpio",
    );
    const bytes = take("g.cpio");
    const members = [...readNewc(randomAccessOf(bytes))];
    expect(members.map(({ name }) => name)).toEqual([".", "b", "d", "d/l", "d/x", "y"]);
    const bodies = new Map(
      members.map(({ name, offset, size }) => [name, toByteString(bytes.subarray(offset, offset + size))]),
    );
    expect([bodies.get("d/l"), bodies.get("d/x"), bodies.get("y")]).toEqual(["x", "", "abc"]);
    expect(members[1]).toMatchObject({ rdevMajor: 7, rdevMinor: 9, mode: 0o060644 });
    expect(members[4]?.ino).toBe(members[5]?.ino);
  });
});

describe("openDeb", () => {
  const packages = ["libc6", "coreutils", "git", "base-passwd"];
  it.each([1, 3])("sees what dpkg-deb and tarfile see, with %i workers", async (jobs) => {
    const kernel = debianDependency("trixie", "linux-image-cloud-amd64", "linux-image-");
    const directory = join(scratch.outside, `cache-${jobs}`);
    const cache = openCache({ directory });
    const workers = startWorkers({ jobs });
    try {
      for (const name of [...packages, kernel]) {
        const bytes = debianPackage("trixie", name);
        put("p.deb", bytes);
        const digest = sha256(bytes);
        const content = contentOfFile(cache.files, { path: join(scratch.outside, "p.deb"), size: bytes.length });
        const deb = await openDeb({ cache, workers }, { sha256: digest, what: name, content });
        shell("dpkg-deb --fsys-tarfile p.deb > p.tar; rm -rf e; dpkg-deb -e p.deb e");
        expect(sha256(readFileSync(join(directory, "v1/deb", `${digest}-2`, "data.tar")))).toBe(sha256(take("p.tar")));
        expect(deb.entries.map((entry) => row(entry, entry.content?.digest))).toEqual(pythonRows("p.tar"));
        expect([...deb.members.keys()].sort()).toEqual(shell("ls -A e").trim().split("\n").sort());
        for (const [member, { bytes: found, mode }] of deb.members) {
          expect(Buffer.compare(found, take(`e/${member}`))).toBe(0);
          expect(mode.toString(8)).toBe(shell(`stat -c %a e/${member}`).trim());
        }
        for (const entry of deb.entries.filter((_, i) => i % 97 === 0 || i < 40)) {
          if (entry.content === undefined) continue;
          const read = entry.content.read();
          expect(sha256(read)).toBe(entry.content.digest);
          const md5 = createHash("md5").update(read).digest("hex");
          expect(entry.md5).toBe(deb.members.has("md5sums") ? undefined : md5);
        }
      }
    } finally {
      await workers.close();
      cache.close();
      rmSync(directory, { recursive: true });
    }
  });
});
