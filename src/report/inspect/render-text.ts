/**
 * Words and numbers of `inspect` as text.
 */

import type { TreeSummary } from "./inspection.js";

/** How many files of which kind. */
export function treeText(tree: TreeSummary): string {
  const count = (amount: number, one: string, many: string) => `${number(amount)} ${amount === 1 ? one : many}`;
  return [
    count(tree.files, "file", "files"),
    count(tree.directories, "directory", "directories"),
    count(tree.symlinks, "symlink", "symlinks"),
    ...(tree.hardLinks > 0 ? [count(tree.hardLinks, "hard link", "hard links")] : []),
    ...(tree.special > 0 ? [count(tree.special, "device or fifo", "devices and fifos")] : []),
    `${number(tree.bytes)} bytes`,
  ].join(", ");
}

/** A labelled line. */
export function row(label: string, value: string): string {
  return `  ${label.padEnd(13)} ${value}`;
}

/** With commas between thousands. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** What comes out of an artifact must not be able to control the terminal. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, "0");
    return `\\x${code}`;
  });
}
