/**
 * What two lists of entries say, without their contents: files on one side only, kinds, modes, owners, times, links, order.
 */
import { byteStringToText } from "../../bytes/content.js";
import { type Difference, type DifferenceKind, pathText, type Where } from "./difference.js";
import type { IndexedEntry } from "./index-entries.js";

type Entries = ReadonlyMap<string, IndexedEntry>;

/** What is compared. */
export interface EntryLists {
  readonly left: Entries;
  readonly right: Entries;
  readonly order: boolean;
}

/** The differences between two lists. */
export function* compareEntries(where: Where, { left, right, order }: EntryLists): Generator<Difference> {
  yield* onlyIn(where, { kind: "only-left", entries: left, others: right });
  yield* onlyIn(where, { kind: "only-right", entries: right, others: left });
  const common: (readonly [string, IndexedEntry, IndexedEntry])[] = [];
  for (const [key, a] of left) {
    const b = right.get(key);
    if (b !== undefined) common.push([key, a, b]);
  }
  for (const [key, a, b] of common) yield* compareEntry([...where, pathText(key)], a, b);
  if (order) yield* compareOrder(where, left, right);
}

/** What is on one side only; a directory stands for all that is in it. */
function* onlyIn(
  where: Where,
  {
    kind,
    entries,
    others,
  }: { readonly kind: "only-left" | "only-right"; readonly entries: Entries; readonly others: Entries },
): Generator<Difference> {
  const missing = [...entries.keys()].filter((key) => !others.has(key)).sort();
  const heads = new Map<string, { readonly entry: IndexedEntry; below: number }>();
  const directories = new Set<string>();
  for (const key of missing) {
    const entry = entries.get(key)!;
    if (entry.type === "directory") directories.add(key);
    const head = topOf(key, directories);
    if (head === undefined) heads.set(key, { entry, below: 0 });
    else heads.get(head)!.below++;
  }
  for (const [key, { entry, below }] of heads) {
    const shown = describe(entry) + (below === 0 ? "" : ` with ${below} below it`);
    const [a, b] = kind === "only-left" ? [shown, ""] : ["", shown];
    yield { where: [...where, pathText(key)], kind, left: a, right: b };
  }
}

/** The outermost directory of the set that a path lies in. */
function topOf(path: string, directories: ReadonlySet<string>): string | undefined {
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
    if (directories.has(path.slice(0, at))) return path.slice(0, at);
  return undefined;
}

function describe({ type, size, mode, target }: IndexedEntry): string {
  if (type === "symlink") return `symlink to ${byteStringToText(target ?? "")}`;
  return type === "file" ? `file, ${size} bytes, mode ${octal(mode)}` : type;
}

function* compareEntry(where: Where, a: IndexedEntry, b: IndexedEntry): Generator<Difference> {
  const field = function* (kind: DifferenceKind, left: string, right: string): Generator<Difference> {
    if (left !== right) yield { where, kind, left, right };
  };
  if (a.type !== b.type) {
    yield* field("type", describe(a), describe(b));
    return;
  }
  yield* field("mode", octal(a.mode), octal(b.mode));
  yield* field("owner", `${a.uid}:${a.gid}`, `${b.uid}:${b.gid}`);
  yield* field("mtime", time(a.mtimeSeconds), time(b.mtimeSeconds));
  yield* field("target", byteStringToText(a.target ?? ""), byteStringToText(b.target ?? ""));
  yield* field("device", a.device?.join(":") ?? "", b.device?.join(":") ?? "");
  yield* field(
    "hard-links",
    byteStringToText(a.hardLinkTo ?? "its own file"),
    byteStringToText(b.hardLinkTo ?? "its own file"),
  );
  // Formats without extended attributes say nothing of them.
  if (a.xattrs !== undefined && b.xattrs !== undefined) yield* field("xattrs", xattrs(a.xattrs), xattrs(b.xattrs));
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function time(seconds: number): string {
  return `${seconds} (${new Date(seconds * 1000).toISOString().replace(".000", "")})`;
}

function xattrs(values: ReadonlyMap<string, Uint8Array>): string {
  return [...values]
    .map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`)
    .sort()
    .join(" ");
}

/** One line for the whole order: the first entry that is elsewhere, and how many are. */
function* compareOrder(where: Where, left: Entries, right: Entries): Generator<Difference> {
  const a = [...left.keys()].filter((key) => right.has(key));
  const b = [...right.keys()].filter((key) => left.has(key));
  const at = a.findIndex((key, i) => key !== b[i]);
  if (at < 0) return;
  // Either what the first has here comes later in the second, or what the second has here came earlier.
  const moved = a[at + 1] === b[at] ? a[at]! : b[at]!;
  const count = a.filter((key, i) => key !== b[i]).length;
  const after = (list: readonly string[]): string => {
    const place = list.indexOf(moved);
    return place === 0 ? "first" : `after ${pathText(list[place - 1]!)}`;
  };
  yield {
    where: [...where, pathText(moved)],
    kind: "order",
    left: after(a),
    right: after(b),
    note: `${count} entries are at another place`,
  };
}
