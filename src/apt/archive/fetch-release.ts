/**
 * From a suite's name to a Release that is trusted: InRelease, or Release with Release.gpg where there is none.
 */

import { createHash } from "node:crypto";
import type { LockedSuite } from "../../config/lock.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { BlobStore, Downloader } from "../../io/download.js";
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
    const known = await cache.readBlob(locked.sha256);
    if (known !== undefined) {
      const release = parseRelease(known.read(), `the Release of ${request.id} in the cache`);
      return { request, release, sha256: locked.sha256, source: 0 };
    }
  }
  const { verified, subject, source } = await fetchSigned(request, options);
  const release = parseRelease(verified.bytes, subject);
  const notBefore = options.refuseOlder && locked !== undefined ? Date.parse(locked.date) : undefined;
  checkRelease(release, { suite: request.suite, subject, now: options.now, notBefore });
  const sha256 = createHash("sha256").update(verified.bytes).digest("hex");
  // Kept so that the recipe can be locked anew without network.
  await cache.writeBlob(sha256, once(verified.bytes));
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
  const fetchOne = (file: string, sources = locations.release(request, file)) =>
    downloader.fetchSmall({ what: `${file} of ${request.id}`, sources, maxBytes: MAX_RELEASE_BYTES });

  const inRelease = await fetchOne("InRelease");
  if (inRelease !== undefined) {
    const subject = `${request.id} (${inRelease.url})`;
    return {
      verified: await verifyCleartext(inRelease.bytes, { certificates, subject }),
      subject,
      source: inRelease.source,
    };
  }
  const release = await fetchOne("Release");
  if (release === undefined) {
    throw new AssembleError(
      "apt/suite-not-found",
      `Cannot find the suite ${request.suite} of the archive ${request.archive}: no mirror has an InRelease or Release for it`,
      { hint: "check the suite's name, and the mirror's URL: it is the directory that holds dists and pool" },
    );
  }
  const subject = `${request.id} (${release.url})`;
  const signature = await fetchOne("Release.gpg", [`${release.url}.gpg`]);
  if (signature === undefined) {
    throw new AssembleError(
      "apt/signature-missing",
      `Cannot trust ${subject}: there is neither InRelease nor Release.gpg`,
    );
  }
  const verified = await verifyDetached(release.bytes, signature.bytes, { certificates, subject });
  return { verified, subject, source: release.source };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
