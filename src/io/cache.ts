/**
 * The content-addressed cache: `v1/blob/<sha256>` (downloads), `v1/deb/<sha256>-<decoder>` (unpacked packages),
 * `v1/step/<name>-<version>/<key>` (results of pure steps).
 *
 * An entry is written aside, renamed, and then never changed, so two builds at once need no locks: when both write an entry, one of two equal ones
 * stays. An entry's mtime says when a build last began to use it; pruning goes by that.
 */

import { createHash } from "node:crypto";
import { mkdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { FileContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { writeFileAtomically } from "./atomic-file.js";
import type { BlobStore } from "./download.js";
import { contentOfFile } from "./file-content.js";
import { ioError } from "./io-error.js";
import { borrowedLease, type Lease, type SharedLease, takeLease } from "./lease.js";
import { OpenFiles } from "./open-files.js";

/** Kinds of entries: the folders of the cache. */
export const entryKinds = ["blob", "deb", "step"] as const;
export type EntryKind = (typeof entryKinds)[number];

/** Where an entry is, and how large if it is a file. */
export interface CacheEntry {
  readonly path: string;
  readonly size: number;
}

/** An open cache. */
export interface Cache extends BlobStore {
  /** Of the version in use: `<cache>/v1`. */
  readonly root: string;
  /** For the run's own threads, which open the cache by themselves. */
  readonly shared: SharedLease;
  /** Descriptors of the files that contents are read from. */
  readonly files: OpenFiles;
  /** An entry, if it is there; it is then in use, and pruning leaves it alone. */
  find(kind: EntryKind, name: string): CacheEntry | undefined;
  /** Adds an entry: `write` makes the file or directory at the path that it is given. When the entry is there by then, that one stays. */
  add(kind: EntryKind, name: string, write: (temporary: string) => Promise<void>): Promise<CacheEntry>;
  /** Removes an entry that is damaged. */
  drop(kind: EntryKind, name: string): void;
  /** Ends the use: releases the lease, closes the files, removes what was left aside. */
  close(): void;
}

/** Which cache. */
export interface OpenCacheOptions {
  /** Default: `defaultCacheDirectory` of `environment`. */
  readonly directory?: string | undefined;
  /** Default: the host's. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The lease of the run whose thread opens the cache too. */
  readonly shared?: SharedLease | undefined;
}

/** Opens the cache, which is made if it is not there. @throws AssembleError `io/not-permitted`, `io/disk-full` */
export function openCache(options: OpenCacheOptions = {}): Cache {
  const directory = resolve(options.directory ?? defaultCacheDirectory(options.environment ?? process.env));
  const root = join(directory, "v1");
  try {
    if (options.shared !== undefined) return new DirectoryCache(root, borrowedLease(options.shared), options.signal);
    for (const kind of entryKinds) mkdirSync(join(root, kind), { recursive: true });
    return new DirectoryCache(root, takeLease(root), options.signal);
  } catch (cause) {
    throw ioError(cause, `use the cache ${directory}`);
  }
}

/** `TDX_ASSEMBLE_CACHE`, else the platform's directory for caches. */
export function defaultCacheDirectory(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = environment["TDX_ASSEMBLE_CACHE"];
  if (chosen) return chosen;
  const home = environment["HOME"] || homedir();
  if (platform === "darwin") return join(home, "Library", "Caches", "tdx-assemble");
  if (platform === "win32")
    return join(environment["LOCALAPPDATA"] || join(home, "AppData", "Local"), "tdx-assemble", "Cache");
  return join(environment["XDG_CACHE_HOME"] || join(home, ".cache"), "tdx-assemble");
}

class DirectoryCache implements Cache {
  readonly root: string;
  readonly files = new OpenFiles(undefined, (path) => this.dropFile(path));
  private readonly lease: Lease;
  private readonly signal: AbortSignal | undefined;
  readonly shared: SharedLease;
  private written = 0;

  constructor(root: string, lease: Lease, signal: AbortSignal | undefined) {
    this.root = root;
    this.shared = lease.shared;
    this.lease = lease;
    this.signal = signal;
  }

  find(kind: EntryKind, name: string): CacheEntry | undefined {
    const path = this.pathOf(kind, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (found.mtimeMs < this.lease.startMs) {
      const now = new Date();
      try {
        utimesSync(path, now, now);
      } catch (cause) {
        // Pruned in this moment, or a cache that this user may only read.
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      }
    }
    return { path, size: found.size };
  }

  async add(kind: EntryKind, name: string, write: (temporary: string) => Promise<void>): Promise<CacheEntry> {
    const path = this.pathOf(kind, name);
    const temporary = join(this.lease.temporaryDirectory(), String(this.written++));
    try {
      await write(temporary);
      this.signal?.throwIfAborted();
      mkdirSync(dirname(path), { recursive: true });
      try {
        renameSync(temporary, path);
      } catch (cause) {
        // A directory cannot replace a directory: another build was first, with the same.
        const { code } = cause as NodeJS.ErrnoException;
        if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause;
        rmSync(temporary, { recursive: true, force: true });
      }
    } catch (cause) {
      rmSync(temporary, { recursive: true, force: true });
      throw ioError(cause, `write ${path}`);
    }
    const entry = this.find(kind, name);
    if (entry === undefined) throw new AssembleError("io/failed", `Cannot write ${path}: it vanished at once`);
    return entry;
  }

  drop(kind: EntryKind, name: string): void {
    const path = this.pathOf(kind, name);
    this.files.forget(path);
    rmSync(path, { recursive: true, force: true });
  }

  async readBlob(sha256: string): Promise<FileContent | undefined> {
    const entry = this.find("blob", sha256);
    return entry && this.blobContent(entry, sha256);
  }

  async writeBlob(sha256: string, chunks: AsyncIterable<Uint8Array>): Promise<FileContent> {
    const entry = await this.add("blob", sha256, async (temporary) => {
      await writeFileAtomically(temporary, chunks, {
        temporary: `${temporary}.part`,
        signal: this.signal,
        check: (written) => {
          if (written.sha256 !== sha256)
            throw new AssembleError(
              "io/wrong-hash",
              `Cannot keep a file in the cache: its sha256 is ${written.sha256}, ${sha256} was wanted`,
            );
        },
      });
    });
    return this.blobContent(entry, sha256);
  }

  close(): void {
    this.files.close();
    this.lease.release();
  }

  /** Drops the entry that a file belongs to. */
  private dropFile(path: string): void {
    const [kind, ...names] = relative(this.root, path).split(sep);
    if (kind === "blob" || kind === "deb") this.drop(kind, names[0]!);
    else if (kind === "step") this.drop(kind, names.slice(0, 2).join("/"));
  }

  private blobContent(entry: CacheEntry, sha256: string): FileContent {
    return contentOfFile(this.files, { ...entry, digest: sha256 });
  }

  private pathOf(kind: EntryKind, name: string): string {
    return join(this.root, kind, name);
  }
}

/** A key made of strings: the sha256 of their lengths and bytes. */
export function cacheKey(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}
