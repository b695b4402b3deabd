/**
 * Compiles hwdb.d (hwdb(7)) into hwdb.bin: a radix tree of match patterns, little-endian, children stored before their parent.
 * Byte-equal with `systemd-hwdb --usr update` of systemd 257.
 */
import { array, ascii, at, layout, u8, u16, u32, u64 } from "../../../bytes/layout.js";
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

interface Value {
  readonly key: string;
  readonly keyOffset: number;
  valueOffset: number;
  filenameOffset: number;
  lineNumber: number;
  filePriority: number;
}

interface HwdbNode {
  prefix: string;
  prefixOffset: number;
  /** Both made when the first one is: there are hundreds of thousands of nodes. */
  children: Map<number, HwdbNode> | undefined;
  values: Value[] | undefined;
}

/** A source file, in the order of reading. */
export interface HwdbSource {
  readonly path: string;
  /** Byte string. */
  readonly text: string;
}

/** Compiles the files. `version` is systemd's own (257). */
export function compileHwdb(sources: readonly HwdbSource[], version: number): Uint8Array {
  const compiler = new HwdbCompiler();
  for (const [index, source] of sources.entries()) compiler.importFile(source, index + 1);
  return compiler.write(version);
}

class HwdbCompiler {
  readonly #strings = new StringTable();
  readonly #root: HwdbNode = { prefix: "", prefixOffset: 0, children: undefined, values: undefined };
  #nodes = 1;
  #children = 0;
  #values = 0;

  /** Reads match lines and the indented properties below them; a malformed record is left out, as systemd-hwdb does. */
  importFile(source: HwdbSource, priority: number): void {
    let matches: string[] = [];
    let inData = false;
    for (const [index, raw] of source.text.split("\n").entries()) {
      if (raw.startsWith("#")) continue;
      const comment = raw.indexOf("#");
      const line = (comment < 0 ? raw : raw.slice(0, comment)).replace(/[ \t\r\v\f]+$/, "");
      if (line === "") {
        matches = [];
        inData = false;
      } else if (line[0] === " ") {
        if (matches.length === 0) continue;
        inData = true;
        const equals = line.indexOf("=");
        if (equals < 0) continue;
        const key = line.slice(0, equals).replace(/^ [ \t]*/, " ");
        for (const match of matches)
          this.#insert(match, { key, value: line.slice(equals + 1), path: source.path, line: index + 1, priority });
      } else if (inData) {
        matches = [];
        inData = false;
      } else matches.push(line);
    }
  }

  #insert(match: string, property: { key: string; value: string; path: string; line: number; priority: number }): void {
    let node = this.#root;
    for (let i = 0; ; i++) {
      let same = 0;
      while (same < node.prefix.length && node.prefix[same] === match[i + same]) same++;
      if (same < node.prefix.length) this.#split(node, same);
      i += same;
      if (i >= match.length) break;
      const code = match.charCodeAt(i);
      const child = node.children?.get(code);
      if (child === undefined) {
        const prefix = match.slice(i + 1);
        const added: HwdbNode = {
          prefix,
          prefixOffset: this.#strings.add(prefix),
          children: undefined,
          values: undefined,
        };
        node.children ??= new Map();
        node.children.set(code, added);
        this.#nodes++;
        this.#children++;
        node = added;
        break;
      }
      node = child;
    }
    this.#addValue(node, property);
  }

  #split(node: HwdbNode, at: number): void {
    const rest: HwdbNode = {
      prefix: node.prefix.slice(at + 1),
      prefixOffset: node.prefixOffset + at + 1,
      children: node.children,
      values: node.values,
    };
    node.children = new Map([[node.prefix.charCodeAt(at), rest]]);
    node.values = undefined;
    node.prefix = node.prefix.slice(0, at);
    node.prefixOffset = this.#strings.add(node.prefix);
    this.#nodes++;
    this.#children++;
  }

  #addValue(
    node: HwdbNode,
    property: { key: string; value: string; path: string; line: number; priority: number },
  ): void {
    const keyOffset = this.#strings.add(property.key);
    const valueOffset = this.#strings.add(property.value);
    const filenameOffset = this.#strings.add(property.path);
    const fields = { valueOffset, filenameOffset, lineNumber: property.line, filePriority: property.priority };
    const existing = node.values?.find((value) => value.key === property.key);
    if (existing !== undefined) Object.assign(existing, fields);
    else {
      node.values ??= [];
      node.values.push({ key: property.key, keyOffset, ...fields });
      this.#values++;
    }
  }

  write(version: number): Uint8Array {
    const nodesLength = this.#nodes * NodeHead.size + this.#children * ChildEntry.size + this.#values * ValueEntry.size;
    const strings = this.#strings.bytes();
    const stringsStart = Header.size + nodesLength;
    const out = new Uint8Array(stringsStart + strings.length);
    const view = new DataView(out.buffer);
    let at = Header.size;
    // The hot loop: plain stores at the offsets that the layouts above define.
    const store = (node: HwdbNode): number => {
      const codes = [...(node.children?.keys() ?? [])].sort((a, b) => a - b);
      const offsets = codes.map((code) => store(node.children!.get(code)!));
      const start = at;
      storeU64(view, at, stringsStart + node.prefixOffset);
      out[at + 8] = codes.length;
      storeU64(view, at + 16, node.values?.length ?? 0);
      at += NodeHead.size;
      for (const [i, code] of codes.entries()) {
        out[at] = code;
        storeU64(view, at + 8, offsets[i]!);
        at += ChildEntry.size;
      }
      for (const value of (node.values ?? []).sort((a, b) => (a.key < b.key ? -1 : 1))) {
        storeU64(view, at, stringsStart + value.keyOffset);
        storeU64(view, at + 8, stringsStart + value.valueOffset);
        storeU64(view, at + 16, stringsStart + value.filenameOffset);
        view.setUint32(at + 24, value.lineNumber, true);
        view.setUint16(at + 28, value.filePriority, true);
        at += ValueEntry.size;
      }
      return start;
    };
    const nodesRootOffset = store(this.#root);
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
      stringsLength: strings.length,
    });
    out.set(strings, stringsStart);
    return out;
  }
}

function storeU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 0x100000000, true);
  view.setUint32(at + 4, Math.floor(value / 0x100000000), true);
}
