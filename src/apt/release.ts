/**
 * The Release file of a suite: parsing, and the checks that stand between a good signature and trust.
 *
 * Format: https://wiki.debian.org/DebianRepository/Format and deb822(5): one stanza; of its checksum lists only SHA256 is
 * read. What is checked: the suite is the one asked for, Valid-Until has not passed (live mirrors), and the file is not
 * older than the one the lock trusted.
 */

import { toByteString } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import { parseParagraph } from "./deb822.js";

/** A file that the Release vouches for. */
export interface ReleaseFile {
  /** Relative to the directory of the Release file: `main/binary-amd64/Packages.xz`. */
  readonly path: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What a Release file says. */
export interface Release {
  readonly origin: string | undefined;
  readonly suite: string | undefined;
  readonly codename: string | undefined;
  /** Milliseconds since 1970. */
  readonly date: number;
  /** Milliseconds since 1970; absent: never expires. */
  readonly validUntil: number | undefined;
  readonly acquireByHash: boolean;
  /** Packages of architecture `all` have an index of their own and are not in the others. */
  readonly separateIndexForAll: boolean;
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** By path. */
  readonly files: ReadonlyMap<string, ReleaseFile>;
}

/** What a Release must satisfy. */
export interface ReleaseExpectation {
  /** As asked for: `trixie-security`; must be its Suite or its Codename. */
  readonly suite: string;
  /** For messages: the suite and where it was fetched from. */
  readonly subject: string;
  /** Milliseconds since 1970; absent: Valid-Until is not looked at (snapshots never expire). */
  readonly now?: number | undefined;
  /** Milliseconds since 1970: the date of the Release that the lock trusted. */
  readonly notBefore?: number | undefined;
}

/**
 * Parses the text of a Release file.
 *
 * @throws AssembleError `apt/control-invalid`, `apt/release-malformed`, or `apt/weak-digest` if it lists no SHA-256 sums
 */
export function parseRelease(bytes: Uint8Array, subject: string): Release {
  const fields = parseParagraph(toByteString(bytes), subject);
  const list = (name: string): string[] => (fields.get(name) ?? "").split(/\s+/).filter((word) => word !== "");
  const date = fields.get("Date");
  const validUntil = fields.get("Valid-Until");
  const sums = fields.get("SHA256");
  if (date === undefined) throw malformed(subject, "it has no Date");
  if (sums === undefined) {
    throw new AssembleError(
      "apt/weak-digest",
      `Cannot trust ${subject}: it lists its files without SHA-256 sums, wanted a SHA256 list`,
    );
  }
  const architectures = list("Architectures");
  return {
    origin: fields.get("Origin"),
    suite: fields.get("Suite"),
    codename: fields.get("Codename"),
    date: parseDate(date, subject),
    validUntil: validUntil === undefined ? undefined : parseDate(validUntil, subject),
    acquireByHash: fields.get("Acquire-By-Hash")?.toLowerCase() === "yes",
    separateIndexForAll: architectures.includes("all") && !list("No-Support-for-Architecture-all").includes("Packages"),
    components: list("Components"),
    architectures,
    files: parseSums(sums, subject),
  };
}

/**
 * Checks a Release whose signature is good.
 *
 * @throws AssembleError `apt/release-wrong-suite`, `apt/release-expired`, `apt/release-downgrade`
 */
export function checkRelease(release: Release, expectation: ReleaseExpectation): void {
  const { suite, subject, now, notBefore } = expectation;
  if (release.codename !== suite && release.suite !== suite) {
    const is = [release.suite && `suite ${release.suite}`, release.codename && `codename ${release.codename}`]
      .filter((text) => text !== undefined && text !== "")
      .join(", ");
    throw new AssembleError(
      "apt/release-wrong-suite",
      `Cannot trust ${subject}: it is of ${is === "" ? "no named suite" : is}, wanted ${suite}`,
    );
  }
  if (now !== undefined && release.validUntil !== undefined && release.validUntil < now) {
    throw new AssembleError(
      "apt/release-expired",
      `Cannot trust ${subject}: it was valid until ${formatTime(release.validUntil)}, wanted one that is valid at ${formatTime(now)}`,
      { hint: "the mirror is out of date (give another one with --mirror), or this machine's clock is wrong" },
    );
  }
  if (notBefore !== undefined && release.date < notBefore) {
    throw new AssembleError(
      "apt/release-downgrade",
      `Cannot trust ${subject}: it is of ${formatTime(release.date)}, wanted none older than ${formatTime(notBefore)}, which the lock has`,
      { hint: "the mirror is out of date: give another one with --mirror" },
    );
  }
}

/** ISO 8601 in UTC without fractions: how times appear in messages and in the lock. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

const MAX_SIZE = 2 ** 40;

function parseSums(text: string, subject: string): ReadonlyMap<string, ReleaseFile> {
  const files = new Map<string, ReleaseFile>();
  for (const indented of text.split("\n")) {
    const line = indented.trim();
    if (line === "") continue;
    const [, sha256, digits, path] = /^([0-9a-f]{64})[ \t]+(\d{1,15})[ \t]+(\S+)$/i.exec(line) ?? [];
    if (sha256 === undefined || digits === undefined || path === undefined) {
      throw malformed(subject, `it has a SHA256 line that is none: "${shorten(line)}"`);
    }
    // Paths become parts of URLs: nothing may climb out of the suite's directory.
    if (path.startsWith("/") || path.split("/").some((part) => part === "" || part === "." || part === "..")) {
      throw malformed(subject, `it lists a path outside the suite: "${shorten(path)}"`);
    }
    const size = Number(digits);
    if (size > MAX_SIZE) throw malformed(subject, `it lists ${path} with a size of ${digits} bytes`);
    const file: ReleaseFile = { path, size, sha256: sha256.toLowerCase() };
    const earlier = files.get(path);
    if (earlier !== undefined && (earlier.sha256 !== file.sha256 || earlier.size !== size)) {
      throw malformed(subject, `it lists ${path} twice with different sums`);
    }
    files.set(path, file);
  }
  return files;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** RFC 2822 as the archive writes it: `Sat, 12 Sep 2026 07:55:41 UTC` (or GMT, Z, +0000). */
function parseDate(text: string, subject: string): number {
  const match =
    /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{1,2}):(\d{2}):(\d{2}) (?:UTC|GMT|Z|[+-]0000)$/.exec(
      text,
    );
  const month = MONTHS.indexOf(match?.[2] ?? "");
  if (match === null || month < 0) throw malformed(subject, `it has a date that is none: "${shorten(text)}"`);
  const [day, year, hour, minute, second] = [match[1], match[3], match[4], match[5], match[6]].map(Number);
  return Date.UTC(year!, month, day!, hour!, minute!, second!);
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function malformed(subject: string, what: string): AssembleError {
  return new AssembleError("apt/release-malformed", `Cannot read ${subject}: ${what}`);
}
