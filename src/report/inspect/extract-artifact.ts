/**
 * `inspect --extract DIR`: the files inside an artifact, written to a directory of the host. The artifact is not
 * trusted: nothing is written outside of DIR, whatever its paths and links say.
 *
 * Omits owners, set-id bits, xattrs, devices, fifos and sockets: an ordinary user could not set them, and a listing
 * (`--ls`) shows them.
 */

import { constants } from "node:fs";
import { chmod, link, lstat, lutimes, mkdir, open, readdir, symlink, unlink, utimes } from "node:fs/promises";
import { byteStringToText, type FileContent, utf8ToByteString } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { ArtifactEntry } from "./artifact-entry.js";
import { artifactEntries } from "./open-artifact.js";

/** What was extracted. */
export interface Extraction {
  /** Files, directories and links written. */
  readonly written: number;
  /** Paths of devices, fifos and sockets, which are left out. */
  readonly skipped: readonly string[];
}

/**
 * Extracts all files of an artifact into a directory that is missing or empty.
 *
 * @throws AssembleError `inspect/directory-not-empty`, `inspect/path-unsafe`, `inspect/extract-failed`
 */
export async function extractArtifact(content: FileContent, directory: string): Promise<Extraction> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0)
    throw new AssembleError(
      "inspect/directory-not-empty",
      `Cannot extract into ${directory}: it has files in it, a missing or empty directory was wanted`,
    );
  const writer = new TreeWriter(utf8ToByteString(directory));
  const skipped: string[] = [];
  let written = 0;
  for await (const entry of artifactEntries(content)) {
    if (entry.type === "file" || entry.type === "directory" || entry.type === "symlink") {
      await writer.write(entry).catch((cause: unknown) => {
        throw explain(cause, entry, directory);
      });
      written++;
    } else skipped.push(byteStringToText(entry.path));
  }
  await writer.finish();
  return { written, skipped };
}

/** Paths are byte strings; the file system gets them as the bytes they are. */
class TreeWriter {
  private readonly top: string;
  /** Directories that are real: made here, never links. Relative paths; "" is the top. */
  private readonly real = new Set([""]);
  private readonly links = new Map<string, string>();
  private readonly files = new Map<string, string>();
  private readonly directories = new Map<string, ArtifactEntry>();

  constructor(top: string) {
    this.top = top;
  }

  async write(entry: ArtifactEntry): Promise<void> {
    if (entry.path.split("/").includes("..")) throw unsafe(entry.path, 'it goes through ".."');
    const path = await this.place(entry.path);
    if (path === "") return;
    if (entry.type === "directory") {
      // A link to a directory stays, as with dpkg and the kernel.
      if (this.links.has(path)) return;
      await this.makeDirectory(path);
      this.directories.set(path, entry);
      return;
    }
    await this.clear(path);
    if (entry.type === "symlink") {
      await symlink(this.bytes(entry.target ?? "", false), this.bytes(path));
      this.links.set(path, entry.target ?? "");
      await lutimes(this.bytes(path), entry.mtimeSeconds, entry.mtimeSeconds);
    } else if (entry.hardLinkTo === undefined) {
      await this.writeFile(path, entry, constants.O_CREAT | constants.O_EXCL);
      this.files.set(entry.path, path);
    } else {
      const first = this.files.get(entry.hardLinkTo);
      if (first === undefined || first === path) throw unsafe(entry.path, "it is a link to no file before it");
      // cpio: the bytes come with the last link of a file, and all have to get them
      if (entry.size > 0) await this.writeFile(first, entry, constants.O_TRUNC);
      await link(this.bytes(first), this.bytes(path));
    }
  }

  /** Directories get their modes and times last: they may be read-only, and writing into them changes their times. */
  async finish(): Promise<void> {
    for (const [path, { mode, mtimeSeconds }] of [...this.directories].reverse()) {
      await utimes(this.bytes(path), mtimeSeconds, mtimeSeconds);
      await chmod(this.bytes(path), mode & 0o777);
    }
  }

  /** Where a path lies when the links written so far are followed inside the tree; its parents are made. */
  private async place(path: string): Promise<string> {
    let todo = path.split("/");
    const last = todo.pop()!;
    const done: string[] = [];
    for (let links = 0; todo.length > 0; ) {
      const part = todo.shift()!;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        done.pop();
        continue;
      }
      const target = this.links.get([...done, part].join("/"));
      if (target === undefined) {
        done.push(part);
        await this.makeDirectory(done.join("/"));
        continue;
      }
      if (++links > 40) throw unsafe(path, "its links form a circle");
      if (target.startsWith("/")) done.length = 0;
      todo = [...target.split("/"), ...todo];
    }
    return [...done, last].join("/");
  }

  private async makeDirectory(path: string): Promise<void> {
    if (this.real.has(path)) return;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    await this.makeDirectory(parent);
    // Not `recursive`, and checked: on a file system that ignores case, another name may be a link already.
    await mkdir(this.bytes(path), 0o755).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!(await lstat(this.bytes(path))).isDirectory()) throw unsafe(path, "something else has its name");
    this.real.add(path);
  }

  /** Makes room for what comes later under the same name; never writes through it. */
  private async clear(path: string): Promise<void> {
    if (this.real.has(path)) throw unsafe(path, "a directory has its name");
    try {
      await unlink(this.bytes(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    // What has its name from now on is another file: no later link may lead to it, nor bytes be written to it.
    this.links.delete(path);
    for (const [entryPath, real] of this.files) if (real === path) this.files.delete(entryPath);
  }

  private async writeFile(path: string, entry: ArtifactEntry, how: number): Promise<void> {
    const file = await open(this.bytes(path), constants.O_WRONLY | constants.O_NOFOLLOW | how, 0o600);
    try {
      for await (const chunk of entry.chunks()) await file.writeFile(chunk);
      await file.chmod(entry.mode & 0o777);
      await file.utimes(entry.mtimeSeconds, entry.mtimeSeconds);
    } finally {
      await file.close();
    }
  }

  private bytes(path: string, inside = true): Buffer {
    return Buffer.from(inside ? `${this.top}/${path}` : path, "latin1");
  }
}

function unsafe(path: string, is: string): AssembleError {
  return new AssembleError(
    "inspect/path-unsafe",
    `Cannot extract ${byteStringToText(path)}: ${is}, a path inside the directory was wanted`,
  );
}

function explain(cause: unknown, entry: ArtifactEntry, directory: string): unknown {
  if (cause instanceof AssembleError || (cause as NodeJS.ErrnoException).code === undefined) return cause;
  return new AssembleError(
    "inspect/extract-failed",
    `Cannot extract ${byteStringToText(entry.path)} into ${directory}: ${(cause as Error).message}`,
    { cause },
  );
}
