/**
 * The output formats of diff(1): normal and unified.
 */
import type { Change } from "./changes.js";

/** A file's lines. */
export interface Lines {
  readonly texts: readonly string[];
  /** The last line has its newline. */
  readonly whole: boolean;
}

function line(mark: string, { texts, whole }: Lines, at: number): string {
  const missing = !whole && at === texts.length - 1;
  return `${mark}${texts[at]}\n${missing ? "\\ No newline at end of file\n" : ""}`;
}

/** POSIX's default format: commands as of ed with the lines. */
export function normalDiff(a: Lines, b: Lines, changes: readonly Change[]): string {
  const range = (from: number, to: number): string =>
    to - from <= 1 ? String(Math.max(from + 1, to)) : `${from + 1},${to}`;
  let text = "";
  for (const { fromA, toA, fromB, toB } of changes) {
    const letter = fromA === toA ? "a" : fromB === toB ? "d" : "c";
    const left = fromA === toA ? String(fromA) : range(fromA, toA);
    const right = fromB === toB ? String(fromB) : range(fromB, toB);
    text += `${left}${letter}${right}\n`;
    for (let i = fromA; i < toA; i++) text += line("< ", a, i);
    if (letter === "c") text += "---\n";
    for (let i = fromB; i < toB; i++) text += line("> ", b, i);
  }
  return text;
}

/** The unified format, without its two header lines. */
export function unifiedDiff(
  a: Lines,
  b: Lines,
  { changes, context }: { changes: readonly Change[]; context: number },
): string {
  let text = "";
  for (let i = 0; i < changes.length; ) {
    let last = i;
    while (last + 1 < changes.length && changes[last + 1]!.fromA - changes[last]!.toA <= 2 * context) last++;
    text += hunk(a, b, { changes: changes.slice(i, last + 1), context });
    i = last + 1;
  }
  return text;
}

function hunk(a: Lines, b: Lines, { changes, context }: { changes: readonly Change[]; context: number }): string {
  const first = changes[0]!;
  const last = changes.at(-1)!;
  const fromA = Math.max(0, first.fromA - context);
  const toA = Math.min(a.texts.length, last.toA + context);
  const fromB = Math.max(0, first.fromB - context);
  const toB = Math.min(b.texts.length, last.toB + context);
  const range = (from: number, to: number): string => {
    if (to - from === 1) return String(from + 1);
    return `${to === from ? from : from + 1},${to - from}`;
  };
  let text = `@@ -${range(fromA, toA)} +${range(fromB, toB)} @@\n`;
  let at = fromA;
  for (const change of changes) {
    for (; at < change.fromA; at++) text += line(" ", a, at);
    for (; at < change.toA; at++) text += line("-", a, at);
    for (let i = change.fromB; i < change.toB; i++) text += line("+", b, i);
  }
  for (; at < toA; at++) text += line(" ", a, at);
  return text;
}
