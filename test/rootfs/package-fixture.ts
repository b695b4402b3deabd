/** Packages made by code, for tests of unpacking and configuring. */

import type { DebControlMember, DebEntry, DebPackage } from "#dist/apt/deb/package.js";
import { parseParagraph } from "#dist/apt/deb822.js";
import { type PackageRecord, packageRecord } from "#dist/apt/package.js";
import { contentOfByteString, fromByteString } from "#dist/bytes/content.js";

/** What a test says of an entry: a text is a file, `/` at the end a directory, `->` a symbolic link, `=>` a hard link. */
export type EntrySpec = string | Partial<DebEntry>;

export interface PackageSpec {
  readonly name: string;
  readonly version?: string;
  /** Further control fields. */
  readonly fields?: Readonly<Record<string, string>>;
  /** By path without a leading slash; a name that ends in a slash is a directory. Parents are added. */
  readonly files?: Readonly<Record<string, EntrySpec>>;
  /** Control members: text by name; scripts get mode 0755. */
  readonly members?: Readonly<Record<string, string>>;
}

const SCRIPTS = new Set(["preinst", "postinst", "config", "prerm", "postrm"]);

export function makeArchive(spec: PackageSpec): DebPackage {
  const fields = {
    Package: spec.name,
    Version: spec.version ?? "1.0",
    Architecture: "amd64",
    Maintainer: "A <a@example.org>",
  };
  const control = Object.entries({ ...fields, ...spec.fields, Description: `package ${spec.name}\n of a test` })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
  const members = new Map<string, DebControlMember>();
  for (const [name, text] of Object.entries({ control, ...spec.members }))
    members.set(name, { mode: SCRIPTS.has(name) ? 0o755 : 0o644, mtime: 1000, bytes: fromByteString(text) });
  return { sha256: "", members, entries: makeEntries(spec.files ?? {}) };
}

export function recordOf(archive: DebPackage): PackageRecord {
  return packageRecord(parseParagraph(Buffer.from(archive.members.get("control")!.bytes).toString("latin1")));
}

export function makeEntries(files: Readonly<Record<string, EntrySpec>>): DebEntry[] {
  const entries: DebEntry[] = [makeEntry("./", {})];
  const known = new Set<string>();
  for (const [name, spec] of Object.entries(files)) {
    const parts = name.split("/");
    for (let i = 1; i < parts.length; i++) {
      const directory = `${parts.slice(0, i).join("/")}/`;
      if (known.has(directory) || `${directory}` === name) continue;
      known.add(directory);
      entries.push(makeEntry(`./${directory}`, {}));
    }
    known.add(name);
    entries.push(makeEntry(`./${name}`, spec));
  }
  return entries;
}

export function makeEntry(path: string, spec: EntrySpec): DebEntry {
  const base = { path, uid: 0, gid: 0, user: "root", group: "root", mtime: 1000 };
  if (typeof spec !== "string") {
    const type = spec.type ?? (path.endsWith("/") ? "directory" : "file");
    return { ...base, type, mode: type === "directory" ? 0o755 : 0o644, ...spec };
  }
  if (spec.startsWith("-> ")) return { ...base, type: "symlink", mode: 0o777, linkTarget: spec.slice(3) };
  if (spec.startsWith("=> ")) return { ...base, type: "hardlink", mode: 0o644, linkTarget: spec.slice(3) };
  return { ...base, type: "file", mode: 0o644, content: contentOfByteString(spec) };
}
