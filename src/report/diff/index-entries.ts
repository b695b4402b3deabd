/**
 * The list of a tree's entries as `diff` holds it: metadata and a digest each, never contents.
 */
import { createHash } from "node:crypto";
import type { ArtifactEntry } from "../inspect/artifact-entry.js";

/** An entry without its bytes. */
export interface IndexedEntry extends Omit<ArtifactEntry, "chunks"> {
  /** sha256 of a file's bytes; of a hard link, of those it shares. */
  readonly digest: string;
  /** Key of the entry that has the bytes: another one for most hard links. */
  readonly dataKey: string;
}

/** A list of entries that can be walked again and again. */
export type Walk = () => AsyncIterable<ArtifactEntry>;

/** Where archives have a path several times, later ones get a number. */
export class EntryKeys {
  private readonly seen = new Map<string, number>();

  /** The key of the next entry of the walk. */
  next(path: string): string {
    const count = (this.seen.get(path) ?? 0) + 1;
    this.seen.set(path, count);
    return count === 1 ? path : `${path} (no. ${count})`;
  }
}

/** The entries by key, in the order of the walk. */
export async function indexEntries(walk: Walk): Promise<ReadonlyMap<string, IndexedEntry>> {
  const keys = new EntryKeys();
  const entries = new Map<string, IndexedEntry>();
  /** First name of a group of hard links → the key and digest of whichever has the bytes. */
  const data = new Map<string, { readonly key: string; readonly digest: string }>();
  for await (const { chunks, ...fields } of walk()) {
    const key = keys.next(fields.path);
    let digest = "";
    if (fields.type === "file") {
      const hash = createHash("sha256");
      for await (const chunk of chunks.call(fields)) hash.update(chunk);
      digest = hash.digest("hex");
      const group = fields.hardLinkTo ?? fields.path;
      if (fields.size > 0 || !data.has(group)) data.set(group, { key, digest });
    }
    entries.set(key, { ...fields, digest, dataKey: key });
  }
  const linked = new Set(
    [...entries.values()].flatMap(({ hardLinkTo }) => (hardLinkTo === undefined ? [] : [hardLinkTo])),
  );
  for (const [key, entry] of entries) {
    if (entry.type !== "file" || !(entry.hardLinkTo !== undefined || linked.has(entry.path))) continue;
    const found = data.get(entry.hardLinkTo ?? entry.path);
    if (found !== undefined) entries.set(key, { ...entry, digest: found.digest, dataKey: found.key });
  }
  return entries;
}
