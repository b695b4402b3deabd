/**
 * An open regular file of the tree: one open file description, with an offset that duplicated descriptors share.
 */
import { toByteString } from "../../bytes/content.js";
import { FileSystemError } from "../tree/file-system-error.js";
import type { FileNode } from "../tree/node.js";
import type { Tree } from "../tree/tree.js";
import type { Meter } from "./meter.js";
import type { Stream } from "./process.js";

/** How a file is opened. */
export interface OpenFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly append: boolean;
}

const LINE_WINDOW = 512;

/** A stream over a file's content; nothing is buffered, so other descriptors and commands see every byte at once. */
export class FileStream implements Stream {
  readonly node: FileNode;
  readonly path: string;
  readonly flags: OpenFlags;
  private offset = 0;
  private readonly tree: Tree;
  private readonly meter: Meter;

  constructor(tree: Tree, place: { node: FileNode; path: string }, options: { flags: OpenFlags; meter: Meter }) {
    this.tree = tree;
    this.node = place.node;
    this.path = place.path;
    this.flags = options.flags;
    this.meter = options.meter;
  }

  read(max: number): string {
    if (!this.flags.read) throw new FileSystemError("EBADF", this.path);
    const rest = this.node.content.size - this.offset;
    if (rest <= 0 || max <= 0) return "";
    const text = toByteString(this.node.content.read(this.offset, Math.min(max, rest)));
    this.offset += text.length;
    return text;
  }

  readLine(): string | undefined {
    if (!this.flags.read) throw new FileSystemError("EBADF", this.path);
    for (let window = LINE_WINDOW; ; window *= 4) {
      const length = Math.min(window, this.node.content.size - this.offset);
      if (length <= 0) return undefined;
      const bytes = this.node.content.read(this.offset, length);
      const newline = bytes.indexOf(10);
      if (newline < 0 && length === window) continue;
      const line = toByteString(newline < 0 ? bytes : bytes.subarray(0, newline + 1));
      this.offset += line.length;
      return line;
    }
  }

  write(bytes: string): void {
    if (!this.flags.write) throw new FileSystemError("EBADF", this.path);
    if (bytes === "") return;
    this.meter.write(bytes.length);
    if (this.flags.append) this.offset = this.node.content.size;
    this.tree.writeAt(this.node, this.offset, bytes);
    this.offset += bytes.length;
  }
}
