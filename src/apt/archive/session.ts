/**
 * What one run needs to draw from a recipe's archives: the downloader, and where each file is looked for.
 */

import type { RecipeArchive } from "../../config/recipe.js";
import { currentTime } from "../../io/clock.js";
import { type BlobStore, type Downloader, openDownloader } from "../../io/download.js";
import type { OnEvent } from "../../io/event.js";
import { type HostMirrorOptions, readHostMirrorSettings } from "../../io/mirror.js";
import { chooseMirrors } from "../mirrors.js";
import { type Locations, planLocations } from "./locations.js";
import { openSnapshots, SNAPSHOT_CONNECTIONS, SNAPSHOT_URL } from "./snapshot.js";

/** How archives are reached. */
export interface ArchiveOptions {
  readonly cache: BlobStore;
  /** `--mirror`: a URL, `debian=URL` or `security=URL`, or several. */
  readonly mirror?: string | readonly string[] | undefined;
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: OnEvent | undefined;
  /** Where the host's settings are read: for tests. */
  readonly host?: HostMirrorOptions | undefined;
  /** A stand-in for snapshot.debian.org: for tests. */
  readonly snapshotUrl?: string | undefined;
  /** Milliseconds since 1970, in place of the clock: for tests. */
  readonly now?: number | undefined;
  /** The first wait before another attempt: for tests. */
  readonly retryDelayMs?: number | undefined;
}

/** An open run. */
export interface ArchiveSession {
  readonly downloader: Downloader;
  readonly locations: Locations;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Runs `action` with the archives of a recipe open, and closes them after it. */
export async function withArchives<T>(
  archive: RecipeArchive,
  options: ArchiveOptions & { readonly action: (session: ArchiveSession) => Promise<T> },
): Promise<T> {
  const { snapshotUrl = SNAPSHOT_URL, now = currentTime() } = options;
  const host = await readHostMirrorSettings(options.host);
  // Debian's mirrors and snapshots do not have what another key signs.
  const isDebian = archive.signedBy === undefined;
  const mirrors = chooseMirrors({
    option: options.mirror,
    host: isDebian ? host : { ...host, aptSources: [] },
    recipe: archive.mirror,
  });
  const downloader = openDownloader({
    cache: options.cache,
    offline: options.offline,
    signal: options.signal,
    onEvent: options.onEvent,
    environment: options.host?.environment,
    limits: new Map([[new URL(snapshotUrl).origin, SNAPSHOT_CONNECTIONS]]),
    retryDelayMs: options.retryDelayMs,
  });
  try {
    const snapshots = isDebian
      ? openSnapshots({ downloader, baseUrl: snapshotUrl, onEvent: options.onEvent })
      : undefined;
    const locations = planLocations({ mirrors, snapshots, snapshot: archive.snapshot, now });
    return await options.action({ downloader, locations, now });
  } finally {
    await downloader.close();
  }
}
