/**
 * Reads images in the tests: as lines that compare with a tree's, and damaged ones.
 */
import { contentOfBytes, type FileContent, readContent } from "#dist/bytes/content.js";
import { AssembleError } from "#dist/errors/assemble-error.js";
import { openSquashfs } from "#dist/filesystem/squashfs/read-squashfs.js";
import { Superblock } from "#dist/filesystem/squashfs/structures.js";
import { type Described, noise, sha256 } from "./trees.js";

/** What an image holds, in the form of `describeTree`. */
export async function describeImage(image: FileContent): Promise<Described[]> {
  const first = new Map<number, string>();
  const lines: Described[] = [];
  for (const { path, type, mode, uid, gid, ...entry } of openSquashfs(image).entries()) {
    if (!first.has(entry.inode)) first.set(entry.inode, path);
    const detail =
      entry.content !== undefined
        ? sha256(await readContent(entry.content))
        : (entry.target ?? entry.device?.join(":") ?? "");
    const attributes = [...entry.xattrs]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`)
      .join(" ");
    const rest = `${detail} ${first.get(entry.inode)} ${attributes}`;
    lines.push({ path, type, mode, uid, gid, mtime: entry.mtimeSeconds, rest });
  }
  return lines;
}

/** Reads all there is, up to more than a sound image has; returns the code of the error, if there is one. */
export async function readAll(bytes: Uint8Array): Promise<string | undefined> {
  try {
    let left = 1 << 22;
    for (const entry of openSquashfs(contentOfBytes(bytes)).entries()) {
      if (entry.content === undefined) continue;
      for await (const chunk of entry.content.chunks()) {
        left -= chunk.length;
        if (left < 0) return undefined;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof AssembleError) return error.code;
    throw error;
  }
}

/** Reads copies of an image with one byte changed in each; returns how often which error came. */
export async function damageCodes(sound: Uint8Array, copies: number): Promise<Map<string | undefined, number>> {
  const { bytesUsed, inodeTableStart } = Superblock.decode(sound);
  const codes = new Map<string | undefined, number>();
  const choice = new Uint32Array(noise(12 * copies, 11).buffer);
  for (let i = 0; i < copies; i++) {
    const [where, which, value] = choice.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    const bytes = sound.slice();
    // A third each: the superblock, the metadata, anywhere.
    const [from, to] = [[0, 96] as const, [inodeTableStart, bytesUsed] as const, [0, bytesUsed] as const][which % 3]!;
    bytes[from + (where % (to - from))]! ^= (value % 255) + 1;
    const code = await readAll(bytes);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  return codes;
}
