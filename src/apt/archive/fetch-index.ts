/**
 * From a trusted Release to its Packages indexes: fetched by hash, checked, decoded, and read.
 *
 * The decoded index is kept in the cache under the sha256 that the Release lists for it, and beside it what reading it through has
 * found out, so that a second run fetches, decodes and reads through nothing that did not change.
 */

import { gunzipSync } from "node:zlib";
import { decodeXzBytes } from "../../codec/xz/decode-xz.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Cache } from "../../io/cache.js";
import { type BlobStore, type Downloader, readIntact } from "../../io/download.js";
import { cachedStep } from "../../io/step.js";
import {
  decodeIndexTables,
  encodeIndexTables,
  INDEX_TABLES_VERSION,
  type IndexTables,
  readIndexTables,
} from "../index-tables.js";
import { type PackagesIndex, parsePackagesIndex } from "../packages-index.js";
import type { ReleaseFile } from "../release.js";
import type { TrustedRelease } from "./fetch-release.js";
import type { Locations } from "./locations.js";

export interface FetchIndexOptions {
  readonly downloader: Downloader;
  readonly cache: BlobStore;
  /** Where what was found out about an index is kept. Default: nowhere. */
  readonly steps?: Cache | undefined;
  readonly locations: Locations;
  readonly architecture: string;
}

/** Best first: xz is a third smaller than gzip. The plain index is listed by Debian but not served. */
const FORMS = [".xz", ".gz", ""] as const;

/** Where a Release lists no size for the decoded index: over eight times what Debian's has. */
const MAX_INDEX_BYTES = 512 << 20;

/**
 * Fetches the indexes of a suite: one for each component, and one more where packages of architecture `all` have their own.
 *
 * @throws AssembleError `apt/component-not-found`, `apt/index-damaged`, and those of io/download.ts
 */
export async function fetchIndexes(
  trusted: TrustedRelease,
  options: FetchIndexOptions,
): Promise<readonly PackagesIndex[]> {
  const { request, release } = trusted;
  const { architecture } = options;
  const architectures = release.separateIndexForAll ? [architecture, "all"] : [architecture];
  const directories = request.components.flatMap((component) =>
    architectures.map((one) => ({ component, path: `${component}/binary-${one}/Packages`, needed: one !== "all" })),
  );
  const found = await Promise.all(
    directories.map(async ({ component, path, needed }) => {
      const file = FORMS.map((form) => release.files.get(`${path}${form}`)).find((one) => one !== undefined);
      if (file !== undefined) return readIndex(trusted, { ...options, path, file });
      if (!needed) return undefined;
      // The security archive calls its components updates/main.
      const names = release.components.map((name) => name.replace(/^updates\//, "")).join(", ");
      throw new AssembleError(
        "apt/component-not-found",
        `Cannot find packages of ${architecture} in ${request.id}: it has no index for the component ${component}, its components are ${names}`,
      );
    }),
  );
  return found.filter((index) => index !== undefined);
}

interface IndexOptions extends FetchIndexOptions {
  /** Without the ending of its form. */
  readonly path: string;
  readonly file: ReleaseFile;
}

async function readIndex(trusted: TrustedRelease, options: IndexOptions): Promise<PackagesIndex> {
  const { steps, architecture, path, file } = options;
  const { request, release } = trusted;
  const bytes = await fetchIndex(trusted, options);
  const key = (release.files.get(path) ?? file).sha256;
  const tables = steps && (await cachedTables(steps, { bytes, key, archive: request.id }));
  return parsePackagesIndex(bytes, { archive: request.id, architecture, tables });
}

async function cachedTables(
  steps: Cache,
  options: { readonly bytes: Uint8Array; readonly key: string; readonly archive: string },
): Promise<IndexTables> {
  const { bytes, key, archive } = options;
  const kept = await cachedStep(steps, { name: "packages-index", version: INDEX_TABLES_VERSION, key }, () =>
    encodeIndexTables(readIndexTables(bytes, archive)),
  );
  return decodeIndexTables(kept.read());
}

async function fetchIndex(trusted: TrustedRelease, options: IndexOptions): Promise<Uint8Array> {
  const { cache, downloader, locations, path, file } = options;
  const { request, release } = trusted;
  const plain = release.files.get(path);
  const known = plain === undefined ? undefined : await readIntact(cache, plain.sha256);
  if (known !== undefined) return known;
  const what = `${file.path} of ${request.id}`;
  const sources = locations.index(request, {
    path: file.path,
    sha256: file.sha256,
    byHash: release.acquireByHash,
    releaseDate: release.date,
    preferred: trusted.source,
  });
  const wanted = { what, sources, size: file.size, sha256: file.sha256 };
  await downloader.fetchFile(wanted, "lock");
  // What the cache had may turn out to be damaged when it is read; it is then dropped, and fetched now.
  const packed = (await readIntact(cache, file.sha256)) ?? (await downloader.fetchFile(wanted, "lock")).read();
  const bytes = decode(packed, { file, what, size: plain?.size });
  // The sum of the decoded index is the Release's too; the cache refuses bytes that do not have it.
  if (plain !== undefined && file !== plain) await cache.writeBlob(plain.sha256, pieces(bytes));
  return bytes;
}

function decode(
  bytes: Uint8Array,
  options: { readonly file: ReleaseFile; readonly what: string; readonly size: number | undefined },
): Uint8Array {
  const { file, what, size } = options;
  const maxBytes = size ?? MAX_INDEX_BYTES;
  let decoded: Uint8Array;
  try {
    if (file.path.endsWith(".xz")) decoded = decodeXzBytes(bytes, { maxBytes });
    else if (file.path.endsWith(".gz")) decoded = gunzipSync(bytes, { maxOutputLength: Math.max(maxBytes, 1) });
    else decoded = bytes;
  } catch (cause) {
    throw damaged(what, `it cannot be decoded (${(cause as Error).message})`, cause);
  }
  if (size !== undefined && decoded.length !== size) {
    throw damaged(what, `it has ${decoded.length} bytes, its Release says ${size}`);
  }
  return decoded;
}

function damaged(what: string, is: string, cause?: unknown): AssembleError {
  return new AssembleError("apt/index-damaged", `Cannot read ${what}: ${is}`, { cause });
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20));
}
