/**
 * File modes: octal and symbolic changes (chmod(1), POSIX XCU `chmod` with GNU's extensions), and how ls shows them.
 */
import type { Node } from "../../tree/node.js";

/** A mode change ready to apply. */
export interface ModeChange {
  /** The permission bits that `mode` becomes. */
  apply(mode: number, options: { readonly directory: boolean; readonly umask: number }): number;
}

interface Action {
  readonly who: string;
  readonly operator: string;
  readonly permissions: string;
}

/** Reads a MODE argument; undefined when it is invalid. */
export function parseMode(text: string): ModeChange | undefined {
  const octal = /^([-+=]?)([0-7]+)$/.exec(text);
  if (octal !== null) {
    const bits = Number.parseInt(octal[2]!, 8);
    if (bits > 0o7777) return undefined;
    // With fewer than five digits, chmod leaves a directory's set-id bits unless they are mentioned.
    const mentioned = octal[2]!.length >= 5 ? 0o7777 : bits | 0o1777;
    if (octal[1] === "+") return { apply: (mode) => mode | bits };
    if (octal[1] === "-") return { apply: (mode) => mode & ~bits };
    const keepNothing = octal[1] === "=";
    return {
      apply: (mode, { directory }) => bits | (directory && !keepNothing ? mode & 0o6000 & ~mentioned : 0),
    };
  }
  const actions: Action[] = [];
  for (const clause of text.split(",")) {
    const match = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*|[0-7]+))+)$/.exec(clause);
    if (match === null) return undefined;
    for (const part of match[2]!.matchAll(/([-+=])([ugo]|[rwxXst]+|[0-7]+)?/g)) {
      actions.push({ who: match[1]!, operator: part[1]!, permissions: part[2] ?? "" });
    }
  }
  return {
    apply: (mode, options) => actions.reduce((value, action) => applyAction(value, action, options), mode),
  };
}

function applyAction(
  mode: number,
  action: Action,
  { directory, umask }: { readonly directory: boolean; readonly umask: number },
): number {
  const who = action.who === "" || action.who.includes("a") ? "ugo" : action.who;
  let affected = 0;
  if (who.includes("u")) affected |= 0o4700;
  if (who.includes("g")) affected |= 0o2070;
  if (who.includes("o")) affected |= 0o1007;
  if (action.who === "" || action.who.includes("a")) affected |= 0o7000;
  let bits = permissionBits(mode, action.permissions, directory) & affected;
  let cleared = affected;
  if (action.who === "") {
    bits &= ~umask;
    cleared = 0o7777;
  }
  if (action.operator === "+") return mode | bits;
  if (action.operator === "-") return mode & ~bits;
  // `=` keeps the set-id bits of a directory unless it names them.
  const kept = directory ? mode & 0o6000 & ~(action.permissions.includes("s") ? affected : 0) : 0;
  return (mode & ~cleared) | bits | kept;
}

function permissionBits(mode: number, permissions: string, directory: boolean): number {
  if (/^[0-7]+$/.test(permissions)) return Number.parseInt(permissions, 8);
  if (/^[ugo]$/.test(permissions)) {
    const shift = permissions === "u" ? 6 : permissions === "g" ? 3 : 0;
    return ((mode >> shift) & 7) * 0o111;
  }
  let bits = 0;
  for (const letter of permissions) {
    if (letter === "r") bits |= 0o444;
    if (letter === "w") bits |= 0o222;
    if (letter === "x" || (letter === "X" && (directory || (mode & 0o111) !== 0))) bits |= 0o111;
    if (letter === "s") bits |= 0o6000;
    if (letter === "t") bits |= 0o1000;
  }
  return bits;
}

/** The letter of a node's type in ls -l. */
export function typeLetter(node: Node): string {
  const letters = { file: "-", directory: "d", symlink: "l", char: "c", block: "b", fifo: "p", socket: "s" } as const;
  return letters[node.type];
}

/** Type and permissions as ls -l shows them: `drwxr-xr-x`. */
export function modeText(node: Node): string {
  const { mode } = node;
  const triple = (shift: number, special: boolean, letter: string): string => {
    const bits = (mode >> shift) & 7;
    const execute = bits & 1 ? (special ? letter : "x") : special ? letter.toUpperCase() : "-";
    return (bits & 4 ? "r" : "-") + (bits & 2 ? "w" : "-") + execute;
  };
  return (
    typeLetter(node) +
    triple(6, (mode & 0o4000) !== 0, "s") +
    triple(3, (mode & 0o2000) !== 0, "s") +
    triple(0, (mode & 0o1000) !== 0, "t")
  );
}

/** The number of names a node has, as stat(2) counts them. */
export function linkCount(node: Node): number {
  if (node.type !== "directory") return node.links;
  let count = 2;
  for (const child of node.entries.values()) if (child.type === "directory") count++;
  return count;
}

/** The size stat(2) gives; a directory's is a block's. */
export function sizeOf(node: Node): number {
  if (node.type === "file") return node.content.size;
  if (node.type === "symlink") return node.target.length;
  return node.type === "directory" ? 4096 : 0;
}
