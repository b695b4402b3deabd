import { contentOfBytes } from "#dist/bytes/content.js";
import type { WritableTarEntry } from "#dist/codec/tar/write-tar.js";
import { sampleData } from "../sample-data.js";

export const owner = { uid: 0, gid: 0, user: "root", group: "root", mtime: 1_700_000_000 };

/** One entry of every kind, with everything that does not fit a ustar header. */
export const everyKind: readonly WritableTarEntry[] = [
  { ...owner, path: "./", type: "directory", mode: 0o755 },
  { ...owner, path: "./file", type: "file", mode: 0o4755, content: contentOfBytes(sampleData(70_000)) },
  { ...owner, path: "./empty", type: "file", mode: 0o600, content: contentOfBytes(new Uint8Array(0)) },
  { ...owner, path: "./hard", type: "hardlink", mode: 0o4755, linkTarget: "./file" },
  { ...owner, path: "./soft", type: "symlink", mode: 0o777, linkTarget: "x".repeat(200) },
  { ...owner, path: `./${"d/".repeat(70)}split`, type: "file", mode: 0o644, content: contentOfBytes(Uint8Array.of(1)) },
  { ...owner, path: `./${"n".repeat(180)}`, type: "fifo", mode: 0o644 },
  { ...owner, path: "./\xe4\xff\x01", type: "char", mode: 0o666, major: 5, minor: 1 },
  { ...owner, path: "./disk", type: "block", mode: 0o660, major: 259, minor: 70_000 },
  { ...owner, path: "./large", type: "directory", mode: 0o700, uid: 3_000_000_000, gid: 2 ** 21, mtime: -5 },
  {
    ...owner,
    path: "./capable",
    type: "file",
    mode: 0o755,
    user: "u".repeat(40),
    content: contentOfBytes(Uint8Array.of(9)),
    xattrs: new Map([
      ["user.b", Uint8Array.of(10, 61, 0, 255)],
      ["security.capability", new Uint8Array(20)],
    ]),
  },
];
