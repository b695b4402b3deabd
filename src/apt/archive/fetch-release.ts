/**
 * From a suite's name to a Release that is trusted: InRelease, or Release with Release.gpg where there is none.
 */

import { createHash } from "node:crypto";
import type { LockedSuite } from "../../config/lock.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type BlobStore, type Downloader, readIntact } from "../../io/download.js";
import { type VerifiedText, verifyCleartext, verifyDetached } from "../openpgp.js";
import { checkRelease, parseRelease, type Release } from "../release.js";
import type { Locations } from "./locations.js";
import type { SuiteRequest } from "./suites.js";
import { certificatesFor, type TrustOptions } from "./trust.js";

/** A Release whose signature, suite and date were found good. */
export interface TrustedRelease {
  readonly request: SuiteRequest;
  readonly release: Release;
  /** Lower-case hex sha256 of its text: of the file Release, or of the text inside InRelease, which is the same. */
  readonly sha256: string;
  /** Which of its sources gave it. */
  readonly source: number;
}

export interface FetchReleaseOptions extends TrustOptions {
  readonly downloader: Downloader;
  readonly cache: BlobStore;
  readonly locations: Locations;
  /** Milliseconds since 1970; absent: Valid-Until is not looked at. */
  readonly now?: number | undefined;
  /** What the lock trusted: nothing older is; offline it is taken from the cache. */
  readonly locked?: LockedSuite | undefined;
  /** Whether an older Release than the locked one is refused: not where the recipe asks for an older snapshot. */
  readonly refuseOlder: boolean;
  readonly offline: boolean;
}

/** Debian's are 140 KiB. */
const MAX_RELEASE_BYTES = 32 << 20;

/**
 * Fetches and verifies the Release of a suite.
 *
 * @throws AssembleError of io/download.ts, openpgp.ts and release.ts, and `apt/suite-not-found`
 */
export async function fetchRelease(request: SuiteRequest, options: FetchReleaseOptions): Promise<TrustedRelease> {
  const { cache, locked } = options;
  if (options.offline && locked !== undefined) {
    const known = await readIntact(cache, locked.sha256);
    if (known !== undefined) {
      const release = parseRelease(known, `the Release of ${request.id} in the cache`);
      return { request, release, sha256: locked.sha256, source: 0 };
    }
  }
  const { verified, subject, source } = await fetchSigned(request, options);
  const release = parseRelease(verified.bytes, subject);
  const notBefore = options.refuseOlder && locked !== undefined ? Date.parse(locked.date) : undefined;
  checkRelease(release, { suite: request.suite, subject, now: options.now, notBefore });
  const sha256 = createHash("sha256").update(verified.bytes).digest("hex");
  // Kept so that the recipe can be locked anew without network.
  if ((await cache.readBlob(sha256)) === undefined) await cache.writeBlob(sha256, once(verified.bytes));
  return { request, release, sha256, source };
}

interface Signed {
  readonly verified: VerifiedText;
  readonly subject: string;
  readonly source: number;
}

async function fetchSigned(request: SuiteRequest, options: FetchReleaseOptions): Promise<Signed> {
  const { downloader, locations } = options;
  const certificates = await certificatesFor(request, options);
  // Both forms of one mirror before the next mirror.
  const detached = locations.release(request, "Release");
  const sources = locations.release(request, "InRelease").flatMap((source, i) => [source, detached[i]!]);
  const found = await downloader.fetchSmall({
    what: `the Release of ${request.id}`,
    sources,
    maxBytes: MAX_RELEASE_BYTES,
  });
  if (found === undefined) {
    throw new AssembleError(
      "apt/suite-not-found",
      `Cannot find the suite ${request.suite} of the archive ${request.archive}: no mirror has an InRelease or Release for it`,
      { hint: hintForMissing(request) },
    );
  }
  const subject = `${request.id} (${found.url})`;
  const source = Math.floor(found.source / 2);
  if (found.source % 2 === 0) {
    return { verified: await verifyCleartext(found.bytes, { certificates, subject }), subject, source };
  }
  const signature = await downloader.fetchSmall({
    what: `Release.gpg of ${request.id}`,
    sources: [`${found.url}.gpg`],
    maxBytes: MAX_RELEASE_BYTES,
  });
  if (signature === undefined) {
    throw new AssembleError(
      "apt/signature-missing",
      `Cannot trust ${subject}: there is neither InRelease nor Release.gpg`,
    );
  }
  return { verified: await verifyDetached(found.bytes, signature.bytes, { certificates, subject }), subject, source };
}

function hintForMissing({ suite }: SuiteRequest): string {
  const part = /-(updates|security)$/.exec(suite)?.[1];
  const off = part === undefined ? "" : `, or leave it out with archive.${part}: false`;
  return `check the suite's name, and the mirror's URL: it is the directory that holds dists and pool${off}`;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
