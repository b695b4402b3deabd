/**
 * Two texts, line by line: each change by the number of its first line.
 */
import { findChanges } from "../../rootfs/shell/tools/diff/changes.js";
import type { Difference, Where } from "./difference.js";

/** Longer texts are compared as bytes. */
const TEXT_BYTES_MAX = 16 << 20;
/** Changes of one text that are told one by one. */
const CHANGES_SHOWN = 5;
const LINES_KEPT = 40;
/** The shortest edit script is not looked for where it would take too long. */
const WORK_MAX = 20_000_000;

/** The text of bytes, without NULs at its end; undefined for what is none. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > TEXT_BYTES_MAX) return undefined;
  try {
    // Sections of PE files are often padded.
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end));
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The changes from one text to the other. */
export function* diffText(where: Where, left: string, right: string): Generator<Difference> {
  const [a, b] = [linesOf(left), linesOf(right)];
  let before = 0;
  while (before < a.length && before < b.length && a[before] === b[before]) before++;
  let after = 0;
  while (after < Math.min(a.length, b.length) - before && a.at(-1 - after) === b.at(-1 - after)) after++;
  const middleA = a.slice(before, a.length - after);
  const middleB = b.slice(before, b.length - after);
  const ids = new Map<string, number>();
  const number = (line: string): number => {
    const id = ids.get(line) ?? ids.size;
    ids.set(line, id);
    return id;
  };
  const changes =
    middleA.length * middleB.length > WORK_MAX
      ? [{ fromA: 0, toA: middleA.length, fromB: 0, toB: middleB.length }]
      : findChanges(middleA.map(number), middleB.map(number));
  for (const { fromA, toA, fromB, toB } of changes.slice(0, CHANGES_SHOWN)) {
    const removed = middleA.slice(fromA, toA);
    const added = middleB.slice(fromB, toB);
    const [x, y] = excerpts(removed[0] ?? "", added[0] ?? "");
    const several = removed.length > 1 || added.length > 1;
    yield {
      where: [...where, `line ${before + (removed.length > 0 ? fromA : fromB) + 1}`],
      kind: "content",
      left: removed.length === 0 ? "" : x,
      right: added.length === 0 ? "" : y,
      ...(several ? { note: `${removed.length} lines ≠ ${added.length} lines` } : {}),
      lines: { left: removed.slice(0, LINES_KEPT), right: added.slice(0, LINES_KEPT) },
    };
  }
  if (changes.length > CHANGES_SHOWN)
    yield { where, kind: "content", left: "", right: "", note: `${changes.length - CHANGES_SHOWN} more changes` };
}

/** Lines; a last one without a newline is another line than one with it. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines[lines.length - 1] += " (no newline at the end)";
  return lines;
}

const CONTEXT = 20;
const EXCERPT = 100;

/** The parts of two lines around where they begin to differ. */
function excerpts(left: string, right: string): [string, string] {
  let same = 0;
  while (same < left.length && left[same] === right[same]) same++;
  const start = Math.max(left.length, right.length) <= EXCERPT || same < CONTEXT * 2 ? 0 : same - CONTEXT;
  const cut = (text: string): string => {
    const part = text.slice(start, start + EXCERPT);
    return JSON.stringify(`${start > 0 ? "…" : ""}${part}${start + EXCERPT < text.length ? "…" : ""}`);
  };
  return [cut(left), cut(right)];
}
