/**
 * Which mirrors are asked for Debian's packages, in which order (contract §5): `--mirror`, TDX_ASSEMBLE_MIRROR, the
 * recipe's `mirror`, then those of the host's own apt. snapshot.debian.org comes after all of them, see archive/snapshot.ts.
 *
 * No mirror is trusted, so none is known by name: an entry of apt is taken for Debian's by its shape (sources.list(5), one
 * line or deb822): component main, a suite of Debian, and a path that ends in /debian or /debian-security.
 */

import { AssembleError } from "../errors/assemble-error.js";
import type { HostMirrorSettings, HostSourcesFile } from "../io/mirror.js";
import { parseParagraphs } from "./deb822.js";

/** The archives of Debian that mirrors carry. */
export type DebianArchive = "debian" | "security";

/** Whether an archive is one of Debian's, and not another one's URI. */
export function isDebianArchive(archive: string): archive is DebianArchive {
  return archive === "debian" || archive === "security";
}

/** Base URLs without a trailing slash, the first to be asked first. */
export type Mirrors = Readonly<Record<DebianArchive, readonly string[]>>;

/** All that decides about mirrors. */
export interface MirrorSettings {
  /** `--mirror`: a URL, `debian=URL` or `security=URL`; several in a list. */
  readonly option?: string | readonly string[] | undefined;
  readonly host: HostMirrorSettings;
  /** The recipe's `archive.mirror`. */
  readonly recipe?:
    | "auto"
    | { readonly debian?: string | undefined; readonly security?: string | undefined }
    | undefined;
}

/** The mirrors to ask. @throws AssembleError `apt/mirror-invalid` */
export function chooseMirrors(settings: MirrorSettings): Mirrors {
  const { option = [], host, recipe = "auto" } = settings;
  const words = typeof option === "string" ? [option] : option;
  const groups: readonly (readonly MirrorWord[])[] = [
    words.map((word) => parseMirrorWord(word, "--mirror")),
    (host.variable ?? "")
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word) => parseMirrorWord(word, "TDX_ASSEMBLE_MIRROR")),
    recipe === "auto"
      ? []
      : [
          ...(recipe.debian === undefined ? [] : [parseMirrorWord(recipe.debian, "archive.mirror")]),
          ...(recipe.security === undefined ? [] : [parseMirrorWord(`security=${recipe.security}`, "archive.mirror")]),
        ],
    host.aptSources.flatMap(debianEntries),
  ];
  const of = (archive: DebianArchive): readonly string[] =>
    unique(groups.flatMap((group) => mirrorsOfGroup(group, archive)));
  return { debian: of("debian"), security: of("security") };
}

/** The URL of a file of an archive. Names may hold `+`, `%` and `:`. */
export function joinUrl(base: string, path: string): string {
  return `${base}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

interface MirrorWord {
  readonly archive: DebianArchive;
  readonly url: string;
}

/** What one group says of an archive; the sibling of a /debian stands in where it says nothing of security. */
function mirrorsOfGroup(group: readonly MirrorWord[], archive: DebianArchive): readonly string[] {
  const stated = group.filter((word) => word.archive === archive).map((word) => word.url);
  if (archive === "debian" || stated.length > 0) return stated;
  return group.filter((word) => /\/debian$/.test(word.url)).map((word) => `${word.url}-security`);
}

function parseMirrorWord(word: string, where: string): MirrorWord {
  const [, archive = "debian", text = ""] = /^(?:(debian|security)=)?(.*)$/s.exec(word) ?? [];
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Said below.
  }
  if (
    url === undefined ||
    !["http:", "https:", "file:"].includes(url.protocol) ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    throw new AssembleError(
      "apt/mirror-invalid",
      `Cannot use the mirror "${text}" of ${where}: it is no URL of an archive, http, https or file with a path was wanted`,
      {
        hint: "for instance --mirror https://mirror.example.org/debian, or --mirror security=URL for the security archive",
      },
    );
  }
  return { archive: archive as DebianArchive, url: text.replace(/\/+$/, "") };
}

/** Releases whose mirror is Debian's, with or without -updates, -security, … after the name. */
const suitePattern =
  /^(old(old)?stable|stable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)([-/](updates|security|backports|backports-sloppy|proposed-updates))?$/;

/** The entries of a file of apt's sources that are Debian's. A file that cannot be understood has none. */
function debianEntries(file: HostSourcesFile): readonly MirrorWord[] {
  const entries = file.path.endsWith(".sources") ? deb822Entries(file) : oneLineEntries(file.text);
  const found: MirrorWord[] = [];
  for (const { types, uris, suites, components } of entries) {
    if (!types.includes("deb") || !components.includes("main") || !suites.some((suite) => suitePattern.test(suite)))
      continue;
    for (const uri of uris) {
      const url = uri.replace(/\/+$/, "");
      if (!/^(https?|file):/.test(url)) continue;
      if (url.endsWith("/debian")) found.push({ archive: "debian", url });
      else if (url.endsWith("/debian-security")) found.push({ archive: "security", url });
    }
  }
  return found;
}

interface SourcesEntry {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

function oneLineEntries(text: string): readonly SourcesEntry[] {
  return text.split("\n").flatMap((line) => {
    const bare = line.replace(/#.*$/, "").trim();
    const [, type, uri, suite, components] = /^(\S+)\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)(?:\s+(.*))?$/.exec(bare) ?? [];
    if (type === undefined || uri === undefined || suite === undefined) return [];
    return [{ types: [type], uris: [uri], suites: [suite], components: wordsOf(components) }];
  });
}

function deb822Entries(file: HostSourcesFile): readonly SourcesEntry[] {
  try {
    return parseParagraphs(file.text, file.path)
      .filter((paragraph) => paragraph.get("Enabled")?.toLowerCase() !== "no")
      .map((paragraph) => ({
        types: wordsOf(paragraph.get("Types")),
        uris: wordsOf(paragraph.get("URIs")),
        suites: wordsOf(paragraph.get("Suites")),
        components: wordsOf(paragraph.get("Components")),
      }));
  } catch (error) {
    if (error instanceof AssembleError) return [];
    throw error;
  }
}

function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

function unique(urls: readonly string[]): readonly string[] {
  return [...new Set(urls)];
}
