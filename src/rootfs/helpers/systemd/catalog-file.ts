/**
 * Compiles journal message catalogs (systemd's catalog format) into /var/lib/systemd/catalog/database. Byte-equal with
 * `journalctl --update-catalog` of systemd 257.
 */
import { ascii, at, layout, raw, u32, u64 } from "../../../bytes/layout.js";
import { StringTable } from "./string-table.js";

const Header = layout("CatalogHeader", 40, "little", {
  signature: at(0, ascii(8)),
  compatibleFlags: at(8, u32),
  incompatibleFlags: at(12, u32),
  headerSize: at(16, u64),
  itemCount: at(24, u64),
  itemSize: at(32, u64),
});

const Item = layout("CatalogItem", 56, "little", {
  id: at(0, raw(16)),
  language: at(16, ascii(32)),
  offset: at(48, u64),
});

interface CatalogEntry {
  readonly id: string;
  readonly language: string;
  text: string;
}

/** A source file, in the order of reading. */
export interface CatalogSource {
  readonly path: string;
  /** Byte string. */
  readonly text: string;
}

/** Compiles the files. */
export function compileCatalog(sources: readonly CatalogSource[]): Uint8Array {
  const entries = new Map<string, CatalogEntry>();
  for (const source of sources) importFile(source, entries);
  const strings = new StringTable();
  const items = [...entries.values()].map((entry) => ({ ...entry, offset: strings.add(entry.text) }));
  items.sort((a, b) => (a.id === b.id ? (a.language < b.language ? -1 : 1) : a.id < b.id ? -1 : 1));
  const out = new Uint8Array(Header.size + items.length * Item.size + strings.size);
  Header.encodeInto(out, 0, {
    signature: "RHHHKSLP",
    compatibleFlags: 0,
    incompatibleFlags: 0,
    headerSize: Header.size,
    itemCount: items.length,
    itemSize: Item.size,
  });
  for (const [i, item] of items.entries())
    Item.encodeInto(out, Header.size + i * Item.size, {
      id: new Uint8Array(Buffer.from(item.id, "hex")),
      language: item.language,
      offset: item.offset,
    });
  out.set(strings.bytes(), Header.size + items.length * Item.size);
  return out;
}

function importFile(source: CatalogSource, entries: Map<string, CatalogEntry>): void {
  const fileLanguage = /\.([^./]+)\.catalog$/.exec(source.path)?.[1] ?? "";
  let current: CatalogEntry | undefined;
  let blank = true;
  const finish = (): void => {
    if (current === undefined) return;
    current.text = `${current.text.replace(/\n+$/, "")}\n`;
    const key = `${current.id} ${current.language}`;
    // An entry that an earlier file has stays as it is.
    if (!entries.has(key)) entries.set(key, current);
    current = undefined;
  };
  for (const line of source.text.split("\n")) {
    if (line.startsWith("#")) continue;
    const head = blank ? /^-- ([0-9a-fA-F-]{32,36})(?: ([^ ]+))?$/.exec(line) : null;
    if (head !== null) {
      finish();
      current = { id: head[1]!.replaceAll("-", "").toLowerCase(), language: head[2] ?? fileLanguage, text: "" };
      blank = false;
      continue;
    }
    blank = line === "";
    if (current !== undefined) current.text += `${line}\n`;
  }
  finish();
}
