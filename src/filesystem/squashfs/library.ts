/**
 * `tdx-assemble/squashfs`: squashfs images from a tree, and their files, without a recipe.
 */
import type { Content } from "../../bytes/content.js";
import { openCache } from "../../io/cache.js";
import type { OnEvent } from "../../io/event.js";
import { startWorkers } from "../../io/workers.js";
import type { Tree } from "../../rootfs/tree/tree.js";
import type { SquashfsCompression } from "./compression.js";
import { writeSquashfs } from "./write-squashfs.js";

export { type Content, contentOfBytes, contentOfText, type FileContent, readContent } from "../../bytes/content.js";
export { AssembleError } from "../../errors/assemble-error.js";
export type { DirectoryNode, FileNode, Node } from "../../rootfs/tree/node.js";
export { Tree } from "../../rootfs/tree/tree.js";
export type { SquashfsCompression } from "./compression.js";
export { openSquashfs, type SquashfsEntry, type SquashfsImage } from "./read-squashfs.js";

/** How to pack. */
export interface PackSquashfsOptions {
  /** Default: zstd at level 15. */
  readonly compression?: SquashfsCompression | undefined;
  /** Bytes of a data block: a power of two from 4 KiB to 1 MiB; default 128 KiB. */
  readonly blockSize?: number | undefined;
  /** Where compressed blocks are kept. Default: `TDX_ASSEMBLE_CACHE`, else the platform's directory for caches. */
  readonly cacheDir?: string | undefined;
  /** Threads at most; default one a processor. The image does not depend on it. */
  readonly jobs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
}

/** An image whose bytes are read from the cache. */
export interface PackedSquashfs {
  readonly content: Content;
  /** Closes the cache: the content cannot be read afterwards. */
  close(): void;
}

/**
 * Packs a tree into a squashfs 4.0 image. The bytes depend on the tree and the two settings alone.
 *
 * @throws AssembleError `filesystem/squashfs-unrepresentable`, `filesystem/squashfs-options`, `io/…`
 * @example
 * ```ts
 * const tree = new Tree({ epoch: 0 });
 * tree.mkdirs("/etc");
 * tree.write("/etc/hostname", contentOfText("vm\n"));
 * const { content, close } = await packSquashfs(tree, { compression: { type: "gzip", level: 9 } });
 * await writeFile("root.squashfs", content.chunks());
 * close();
 * ```
 */
export async function packSquashfs(tree: Tree, options: PackSquashfsOptions = {}): Promise<PackedSquashfs> {
  const { signal } = options;
  const cache = openCache({ directory: options.cacheDir, signal });
  const workers = startWorkers({ jobs: options.jobs, signal });
  try {
    const { content } = await writeSquashfs(tree, { ...options, cache, workers });
    return { content, close: () => cache.close() };
  } catch (error) {
    cache.close();
    throw error;
  } finally {
    await workers.close();
  }
}
