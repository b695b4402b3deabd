/**
 * The files of a directory of the host, as it has them: owners, modes and times too.
 */
import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { modeTypeOf } from "../../bytes/mode-types.js";
import type { ArtifactEntry } from "./artifact-entry.js";

/** All files below a directory, the directory itself first, names in byte order. Links are not followed. */
export async function* walkDirectory(directory: string): AsyncGenerator<ArtifactEntry> {
  yield* walk(directory, "", new Map());
}

async function* walk(directory: string, path: string, links: Map<string, string>): AsyncGenerator<ArtifactEntry> {
  const place = hostPath(directory, path);
  const stats = await lstat(place);
  const entry = await entryOf({ place, path, stats }, links);
  yield entry;
  if (entry.type !== "directory") return;
  const names = (await readdir(place, { encoding: "buffer" })).map((name) => name.toString("latin1"));
  for (const name of names.sort()) yield* walk(directory, path === "" ? name : `${path}/${name}`, links);
}

interface Found {
  readonly place: Buffer;
  readonly path: string;
  readonly stats: Stats;
}

async function entryOf({ place, path, stats }: Found, links: Map<string, string>): Promise<ArtifactEntry> {
  const type = modeTypeOf(stats.mode) ?? "file";
  const inode = `${stats.dev}:${stats.ino}`;
  const first = type === "file" && stats.nlink > 1 ? links.get(inode) : undefined;
  if (type === "file" && first === undefined) links.set(inode, path);
  const hasBytes = type === "file" && first === undefined;
  return {
    path,
    type,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    mtimeSeconds: Math.floor(stats.mtimeMs / 1000),
    size: hasBytes ? stats.size : 0,
    ...(type === "symlink" ? { target: (await readlink(place, { encoding: "buffer" })).toString("latin1") } : {}),
    ...(type === "char" || type === "block" ? { device: deviceOf(stats.rdev) } : {}),
    ...(first === undefined ? {} : { hardLinkTo: first }),
    async *chunks() {
      if (hasBytes) yield* createReadStream(place, { highWaterMark: 1 << 20 });
    },
  };
}

/** Linux' encoding of device numbers (makedev(3)). */
function deviceOf(device: number): readonly [number, number] {
  const value = BigInt(device);
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n);
  const minor = (value & 0xffn) | ((value >> 12n) & 0xffffff00n);
  return [Number(major), Number(minor)];
}

function hostPath(directory: string, path: string): Buffer {
  const base = Buffer.from(directory, "utf8");
  return path === "" ? base : Buffer.concat([base, Buffer.from(`/${path}`, "latin1")]);
}
