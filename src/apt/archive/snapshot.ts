/**
 * snapshot.debian.org: every state Debian's archives were ever in, as far as it imported them.
 *
 * `/archive/<archive>/<timestamp>/<path>` is the state at that moment; between imports it redirects to the one *before*.
 * So what a Release of some date names is looked for in the first import at or after that date, which
 * `/mr/timestamp/?archive=…&after=…` finds. Its by-hash directories are not kept. The service is slow and shared: at most
 * two connections, and Retry-After is obeyed (io/download-slots.ts).
 */

import { AssembleError } from "../../errors/assemble-error.js";
import type { Downloader } from "../../io/download.js";
import type { OnEvent } from "../../io/event.js";
import { type DebianArchive, joinUrl } from "../mirrors.js";

/** The only host that is known by name. */
export const SNAPSHOT_URL = "https://snapshot.debian.org";

/** Connections at once that it is polite to make. */
export const SNAPSHOT_CONNECTIONS = 2;

/** URLs at snapshot.debian.org. */
export interface Snapshots {
  /** A file of an archive at a moment: milliseconds since 1970, or `20260815T000000Z`. */
  url(archive: DebianArchive, moment: number | string, path: string): string;
  /** The timestamp of the first import at or after a moment; undefined if there is none yet. */
  firstImport(archive: DebianArchive, moment: number): Promise<string | undefined>;
  /** Says once that a mirror would be quicker. */
  hint(): void;
}

export interface SnapshotOptions {
  readonly downloader: Downloader;
  readonly onEvent?: OnEvent | undefined;
  /** {@link SNAPSHOT_URL}; a test's stand-in. */
  readonly baseUrl?: string | undefined;
}

/** How far after a Release an import is looked for. They come every six hours, with gaps of days and, rarely, weeks. */
const WINDOW_MS = 60 * 24 * 3600 * 1000;

/** Prepares the use of snapshot.debian.org; nothing is asked of it yet. */
export function openSnapshots(options: SnapshotOptions): Snapshots {
  const { downloader, onEvent, baseUrl = SNAPSHOT_URL } = options;
  const imports = new Map<string, Promise<string | undefined>>();
  let hinted = false;

  const find = async (archive: DebianArchive, moment: number): Promise<string | undefined> => {
    const range = `after=${formatTimestamp(moment - 1000)}&before=${formatTimestamp(moment + WINDOW_MS)}`;
    const url = `${baseUrl}/mr/timestamp/?archive=${directoryOf(archive)}&${range}`;
    const what = `the list of imports of ${directoryOf(archive)}`;
    const answer = await downloader.fetchSmall({ what, sources: [url], maxBytes: 1 << 24 });
    if (answer === undefined) return undefined;
    const wanted = formatTimestamp(moment);
    return timestampsOf(answer.bytes, directoryOf(archive)).find((timestamp) => timestamp >= wanted);
  };

  return {
    url(archive, moment, path) {
      const timestamp = typeof moment === "string" ? moment : formatTimestamp(moment);
      return joinUrl(`${baseUrl}/archive/${directoryOf(archive)}/${timestamp}`, path);
    },
    firstImport(archive, moment) {
      const key = `${archive} ${moment}`;
      let found = imports.get(key);
      if (found === undefined) imports.set(key, (found = find(archive, moment)));
      return found;
    },
    hint() {
      if (hinted) return;
      hinted = true;
      onEvent?.({
        type: "note",
        message: "packages come from snapshot.debian.org, which is slow: --mirror URL names a mirror that is near",
      });
    },
  };
}

/** `20260815T000000Z` */
function formatTimestamp(moment: number): string {
  return new Date(moment).toISOString().replace(/[-:]|\.\d+/g, "");
}

function directoryOf(archive: DebianArchive): string {
  return archive === "debian" ? "debian" : "debian-security";
}

/** The answer `{"result": {"<archive>": ["20260801T083000Z", …]}}`, sorted. Untrusted: whatever it says, files are checked. */
function timestampsOf(bytes: Uint8Array, archive: string): readonly string[] {
  let list: unknown;
  try {
    const answer = JSON.parse(new TextDecoder().decode(bytes)) as { result?: Record<string, unknown> } | null;
    list = answer?.result?.[archive];
  } catch (cause) {
    throw unexpected(archive, cause);
  }
  if (list === undefined) return [];
  if (!Array.isArray(list) || !list.every((one) => typeof one === "string" && /^\d{8}T\d{6}Z$/.test(one))) {
    throw unexpected(archive);
  }
  return (list as string[]).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function unexpected(archive: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "io/download-failed",
    `Cannot find an import of ${archive} at snapshot.debian.org: its answer is not the list that was wanted`,
    { cause },
  );
}
