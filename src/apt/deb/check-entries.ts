/** Refuses archives that want to be unpacked elsewhere. Escapes through symbolic links are the tree's business. */

import { byteStringToText } from "../../bytes/content.js";
import type { TarEntry } from "../../codec/tar/entry.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** The largest package of trixie has some 60,000 entries. */
const ENTRIES_MAX = 500_000;

/** Lists entries, all of them safe. @throws AssembleError `deb/unsafe-path`, `deb/too-many-entries` */
export function checkEntries(entries: Iterable<TarEntry>, what: string): readonly TarEntry[] {
  const list: TarEntry[] = [];
  for (const entry of entries) {
    checkPath(entry.path, { what, kind: "path" });
    if (entry.type === "hardlink") checkPath(entry.linkTarget!, { what, kind: "hard link's target" });
    if (list.length === ENTRIES_MAX)
      throw new AssembleError(
        "deb/too-many-entries",
        `Cannot unpack ${what}: it has more than ${ENTRIES_MAX} entries, fewer were wanted`,
      );
    list.push(entry);
  }
  return list;
}

function checkPath(path: string, where: { readonly what: string; readonly kind: string }): void {
  const fault = path.startsWith("/")
    ? "is absolute"
    : path.split("/").includes("..")
      ? "leads upward"
      : path === "" || path.includes("\0")
        ? "is no path"
        : undefined;
  if (fault !== undefined)
    throw new AssembleError(
      "deb/unsafe-path",
      `Cannot unpack ${where.what}: the ${where.kind} "${byteStringToText(path)}" ${fault}, one that stays inside the tree was wanted`,
    );
}
