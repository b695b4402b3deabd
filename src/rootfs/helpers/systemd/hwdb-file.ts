/**
 * Compiles hwdb.d (hwdb(7)) into hwdb.bin: a radix tree of match patterns, little-endian, children stored before their parent.
 * Byte-equal with `systemd-hwdb --usr update` of systemd 257.
 */
import { array, ascii, at, layout, u8, u16, u32, u64 } from "../../../bytes/layout.js";
import { HwdbTrie, type HwdbValue } from "./hwdb-trie.js";
import { StringTable } from "./string-table.js";

const Header = layout("HwdbHeader", 80, "little", {
  signature: at(0, ascii(8)),
  toolVersion: at(8, u64),
  fileSize: at(16, u64),
  headerSize: at(24, u64),
  nodeSize: at(32, u64),
  childEntrySize: at(40, u64),
  valueEntrySize: at(48, u64),
  nodesRootOffset: at(56, u64),
  nodesLength: at(64, u64),
  stringsLength: at(72, u64),
});

const NodeHead = layout("HwdbNode", 24, "little", {
  prefixOffset: at(0, u64),
  childrenCount: at(8, u8),
  padding: at(9, array(7, u8)),
  valuesCount: at(16, u64),
});

const ChildEntry = layout("HwdbChild", 16, "little", {
  character: at(0, u8),
  padding: at(1, array(7, u8)),
  childOffset: at(8, u64),
});

const ValueEntry = layout("HwdbValue", 32, "little", {
  keyOffset: at(0, u64),
  valueOffset: at(8, u64),
  filenameOffset: at(16, u64),
  lineNumber: at(24, u32),
  filePriority: at(28, u16),
  padding: at(30, u16),
});

/** A source file, in the order of reading. */
export interface HwdbSource {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Compiles the files, each of which is only asked for when the one before it is done. `version` is systemd's own (257). */
export function compileHwdb(sources: Iterable<HwdbSource>, version: number): Uint8Array {
  const strings = new StringTable(EXPECTED_STRING_BYTES);
  const trie = new HwdbTrie(strings);
  let filePriority = 0;
  for (const source of sources) importFile(source, { trie, strings, filePriority: ++filePriority });
  return write(trie, strings, version);
}

interface Importer {
  readonly trie: HwdbTrie;
  readonly strings: StringTable;
  readonly filePriority: number;
}

/** Debian 13's files need 2.7 MiB. */
const EXPECTED_STRING_BYTES = 3 << 20;

const TAB = 9;
const LINE_FEED = 10;
const SPACE = 32;
const HASH = 35;
const EQUALS = 61;

/** Reads match lines and the indented properties below them; a malformed record is left out, as systemd-hwdb does. */
function importFile({ path, bytes }: HwdbSource, { trie, strings, filePriority }: Importer): void {
  const fileName = Buffer.from(path, "latin1");
  // Where the record's match lines are, in pairs; then the nodes that they have led to.
  let matches: number[] = [];
  let nodes: number[] = [];
  let filenameOffset: number | undefined;
  let inData = false;
  for (let start = 0, lineNumber = 1; start <= bytes.length; lineNumber++) {
    const next = lineEnd(bytes, start);
    const from = start;
    start = next + 1;
    if (bytes[from] === HASH) continue;
    const end = trimmedEnd(bytes, from, next);
    if (end === from) {
      matches = [];
      nodes = [];
      inData = false;
    } else if (bytes[from] !== SPACE) {
      if (inData) {
        matches = [];
        nodes = [];
        inData = false;
      } else matches.push(from, end);
    } else {
      if (matches.length === 0) continue;
      inData = true;
      const equals = bytes.subarray(from, end).indexOf(EQUALS) + from;
      if (equals < from) continue;
      const key = keyOf(bytes, from, equals);
      let value: HwdbValue | undefined;
      for (let i = 0; i < matches.length; i += 2) {
        // The strings of the first match's nodes come before those of its property, those of the second after them.
        nodes[i] ??= trie.insert(bytes.subarray(matches[i], matches[i + 1]));
        value ??= {
          keyOffset: strings.addBytes(key),
          valueOffset: strings.addBytes(bytes, equals + 1, end),
          filenameOffset: (filenameOffset ??= strings.addBytes(fileName)),
          lineNumber,
          filePriority,
        };
        trie.setValue(nodes[i]!, value);
      }
    }
  }
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const found = bytes.indexOf(LINE_FEED, from);
  return found < 0 ? bytes.length : found;
}

/** Where a line ends without its comment and the blanks before that. */
function trimmedEnd(bytes: Uint8Array, from: number, to: number): number {
  let end = from;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === HASH) break;
    if (byte !== SPACE && (byte < TAB || byte > 13)) end = at + 1;
  }
  return end;
}

/** A property's key with the last of the blanks before it, which is a part of what is stored. */
function keyOf(bytes: Uint8Array, from: number, equals: number): Uint8Array {
  let first = from;
  while (first < equals && (bytes[first] === SPACE || bytes[first] === TAB)) first++;
  return bytes.subarray(first - 1, equals);
}

/** The file's bytes: a node follows its children, its entry for each of them and its values follow the node. */
function write(trie: HwdbTrie, strings: StringTable, version: number): Uint8Array {
  const nodesLength = trie.nodes * NodeHead.size + (trie.nodes - 1) * ChildEntry.size + trie.values * ValueEntry.size;
  const text = strings.bytes();
  const stringsStart = Header.size + nodesLength;
  const out = new Uint8Array(stringsStart + text.length);
  const view = new DataView(out.buffer);
  let at = Header.size;
  // The hot loop: plain stores at the offsets that the layouts above define.
  const store = (node: number): number => {
    const offsets: number[] = [];
    const children = trie.childrenOf(node);
    for (const child of children) offsets.push(store(child));
    const values = trie.valuesOf(node);
    const start = at;
    storeU64(view, at, stringsStart + trie.prefixOffset(node));
    out[at + 8] = children.length;
    storeU64(view, at + 16, values.length);
    at += NodeHead.size;
    for (let i = 0; i < children.length; i++) {
      out[at] = trie.character(children[i]!);
      storeU64(view, at + 8, offsets[i]!);
      at += ChildEntry.size;
    }
    if (values.length > 1) values.sort((a, b) => compareStrings(text, a.keyOffset, b.keyOffset));
    for (const value of values) {
      storeU64(view, at, stringsStart + value.keyOffset);
      storeU64(view, at + 8, stringsStart + value.valueOffset);
      storeU64(view, at + 16, stringsStart + value.filenameOffset);
      view.setUint32(at + 24, value.lineNumber, true);
      view.setUint16(at + 28, value.filePriority, true);
      at += ValueEntry.size;
    }
    return start;
  };
  const nodesRootOffset = store(HwdbTrie.root);
  Header.encodeInto(out, 0, {
    signature: "KSLPHHRH",
    toolVersion: version,
    fileSize: out.length,
    headerSize: Header.size,
    nodeSize: NodeHead.size,
    childEntrySize: ChildEntry.size,
    valueEntrySize: ValueEntry.size,
    nodesRootOffset,
    nodesLength,
    stringsLength: text.length,
  });
  out.set(text, stringsStart);
  return out;
}

/** The order of two NUL-terminated strings of a table. */
function compareStrings(text: Uint8Array, a: number, b: number): number {
  for (; text[a] === text[b]; a++, b++) if (text[a] === 0) return 0;
  return text[a]! - text[b]!;
}

function storeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 0x100000000, true);
  view.setUint32(at + 4, Math.floor(value / 0x100000000), true);
}
