/**
 * A directory of the host, as a recipe's trees name it: what is in it, in an order that does not depend on the host. Only what a
 * checkout carries is looked at: names, kinds, whether a file is executable, and contents.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { contentOfBytes, type FileContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { contentOfHostFile } from "./host-file-content.js";

/** One entry below the directory. */
export interface HostEntry {
  /** Byte string, relative, with `/`. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink";
  /** Whether its owner may execute a file. */
  readonly executable: boolean;
  /** Of symbolic links: a byte string, as it is. */
  readonly target?: string | undefined;
  /** Of files; its digest is known. */
  readonly content?: FileContent | undefined;
}

/** Files up to this size are held in memory; of larger ones only the digest, and they are read again when they are needed. */
const MEMORY_BYTES = 1 << 20;

/**
 * Everything below a directory, parents first, names in byte order. Symbolic links are not followed.
 *
 * @throws AssembleError `io/unsupported-file` for a device, a pipe or a socket; Node's own errors
 */
export async function readHostDirectory(directory: string): Promise<readonly HostEntry[]> {
  const entries: HostEntry[] = [];
  const walk = async (prefix: string): Promise<void> => {
    const names = (await readdir(hostPath(directory, prefix), { encoding: "buffer" })).map((name) =>
      name.toString("latin1"),
    );
    for (const name of names.sort()) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      const entry = await readEntry(hostPath(directory, path), path);
      entries.push(entry);
      if (entry.type === "directory") await walk(path);
    }
  };
  await walk("");
  return entries;
}

/** One file of the host as the entry of the given name. @throws as `readHostDirectory` */
export async function readHostEntry(file: string, name: string): Promise<HostEntry> {
  return readEntry(Buffer.from(file, "utf8"), name);
}

async function readEntry(file: Buffer, path: string): Promise<HostEntry> {
  const stats = await lstat(file);
  if (stats.isDirectory()) return { path, type: "directory", executable: false };
  if (stats.isSymbolicLink()) {
    const target = await readlink(file, { encoding: "buffer" });
    return { path, type: "symlink", executable: false, target: target.toString("latin1") };
  }
  if (!stats.isFile())
    throw new AssembleError(
      "io/unsupported-file",
      `Cannot take ${file.toString("utf8")} into a tree: it is a device, a pipe or a socket, a file, directory or link was wanted`,
    );
  const executable = (stats.mode & 0o100) !== 0;
  return { path, type: "file", executable, content: await readContent(file, stats.size) };
}

async function readContent(file: Buffer, size: number): Promise<FileContent> {
  const hash = createHash("sha256");
  if (size <= MEMORY_BYTES) {
    const bytes = new Uint8Array(await readFile(file));
    return Object.assign(contentOfBytes(bytes), { digest: hash.update(bytes).digest("hex") });
  }
  let read = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
    read += chunk.length;
  }
  return contentOfHostFile(file, { size: read, digest: hash.digest("hex") });
}

function hostPath(directory: string, path: string): Buffer {
  const base = Buffer.from(directory, "utf8");
  return path === "" ? base : Buffer.concat([base, Buffer.from(`/${path}`, "latin1")]);
}
