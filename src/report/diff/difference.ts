/**
 * One difference between two artifacts, said in one line.
 */
import { byteStringToText } from "../../bytes/content.js";
import { printable } from "../inspect/render-text.js";

/** What a difference is in. */
export type DifferenceKind =
  | "only-left"
  | "only-right"
  | "type"
  | "mode"
  | "owner"
  | "mtime"
  | "target"
  | "device"
  | "hard-links"
  | "xattrs"
  | "order"
  | "content"
  /** A field of a header or table. */
  | "field"
  | "package"
  /** What is stored is the same, how it is stored is not: compressed bytes, padding, the layout of a file system. */
  | "encoding"
  /** One side cannot be read further. */
  | "damaged";

/** Lines of a text that changed. */
export interface LineChange {
  readonly left: readonly string[];
  readonly right: readonly string[];
}

/** One difference; values are for people. */
export interface Difference {
  /** From the outermost layer inwards: `.initrd`, `etc/passwd`, `line 3`. */
  readonly where: readonly string[];
  readonly kind: DifferenceKind;
  /** Empty where the left side has nothing. */
  readonly left: string;
  readonly right: string;
  readonly note?: string;
  /** Of texts: the changed lines, cut off where there are many. */
  readonly lines?: LineChange;
}

/** Layers around what is compared, outermost first. */
export type Where = readonly string[];

/** A path of an archive as text. */
export function pathText(path: string): string {
  return path === "" ? "/" : byteStringToText(path);
}

/** A difference as one line of text that cannot control a terminal. */
export function formatDifference(difference: Difference): string {
  const { where, kind, left, right, note } = difference;
  const place = where.length === 0 ? "" : `${where.join(" › ")}: `;
  const tail = note === undefined ? "" : ` (${note})`;
  return printable(`${place}${wording(kind, left, right)}${tail}`);
}

function wording(kind: DifferenceKind, left: string, right: string): string {
  if (kind === "only-left") return `only in the first: ${left}`;
  if (kind === "only-right") return `only in the second: ${right}`;
  if (kind === "encoding" || kind === "damaged") return left === "" ? right : left;
  if (kind === "package")
    return left === "" ? `added ${right}` : right === "" ? `removed ${left}` : `${left} → ${right}`;
  const name = kind === "content" || kind === "field" ? "" : `${kind} `;
  return `${name}${left === "" ? "nothing" : left} ≠ ${right === "" ? "nothing" : right}`;
}
