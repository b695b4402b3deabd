/**
 * What each type of line of tmpfiles.d(5) does to the tree.
 */
import picomatch from "picomatch";
import type { Process } from "../../shell/process.js";
import { setMode } from "../../tree/acl.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Node, NodeAttributes } from "../../tree/node.js";
import type { Tree } from "../../tree/tree.js";
import { applyAcl, parseAcl } from "./tmpfiles-acl.js";
import type { TmpfilesLine } from "./tmpfiles-line.js";
import { splitWords, unescapeWord } from "./words.js";

/** Carries out a line for --create; what went wrong, if anything. */
export function createPath(process: Process, line: TmpfilesLine): string | undefined {
  try {
    return create(process, line);
  } catch (error) {
    if (error instanceof FileSystemError) return `Failed to create ${line.path}: ${error.text}`;
    throw error;
  }
}

function create(process: Process, line: TmpfilesLine): string | undefined {
  const { tree } = process;
  switch (line.type) {
    case "f":
    case "F":
      return createFile(tree, line);
    case "w":
      for (const path of matches(tree, line.path)) writeInto(tree, path, line);
      return undefined;
    case "d":
    case "D":
    case "v":
    case "q":
    case "Q":
      return createOther(tree, line, {
        type: "directory",
        make: (attributes) => void tree.mkdir(line.path, attributes),
        mode: 0o755,
      });
    case "e":
      for (const path of matches(tree, line.path))
        if (tree.lookup(path)?.type === "directory") adjust(tree, path, line);
      return undefined;
    case "p":
      return createOther(tree, line, {
        type: "fifo",
        make: (attributes) => tree.add(line.path, { type: "fifo", links: 0, ...attributes }),
        mode: 0o644,
      });
    case "b":
    case "c":
      return createDevice(tree, line);
    case "L":
      return createLink(tree, line);
    case "C":
      return copy(tree, line);
    case "z":
    case "m":
      for (const path of matches(tree, line.path)) adjust(tree, path, line);
      return undefined;
    case "Z":
      for (const path of matches(tree, line.path)) {
        adjust(tree, path, line);
        if (tree.lookup(path, { follow: false })?.type === "directory")
          for (const inner of tree.walk(path)) adjust(tree, inner.path, line);
      }
      return undefined;
    case "t":
    case "T":
      return setAttributes(tree, line);
    case "a":
    case "A":
      return setAcls(process, line);
    default:
      return undefined;
  }
}

/** Carries out a line for --remove. */
export function removePath(process: Process, line: TmpfilesLine): string | undefined {
  const { tree } = process;
  const contents = (path: string): void => {
    const node = tree.lookup(path, { follow: false });
    if (node?.type === "directory") for (const name of [...node.entries.keys()]) tree.removeAll(`${path}/${name}`);
  };
  if (line.type === "D") contents(line.path);
  if (line.type === "R") for (const path of matches(tree, line.path)) tree.removeAll(path);
  if (line.type !== "r") return undefined;
  for (const path of matches(tree, line.path)) {
    const node = tree.lookup(path, { follow: false });
    if (node?.type === "directory" && node.entries.size > 0) return `Failed to remove ${path}: Directory not empty`;
    tree.removeAll(path);
  }
  return undefined;
}

function createFile(tree: Tree, line: TmpfilesLine): string | undefined {
  const content = line.argument === undefined ? "" : unescapeWord(line.argument);
  if (content === undefined) return `Failed to unescape the argument of ${line.path}`;
  const existing = tree.lookup(line.path, { follow: false });
  const truncate = line.type === "F" || line.append;
  if (existing !== undefined && existing.type !== "file") return `${line.path} exists and is not a regular file.`;
  if (existing !== undefined) {
    if (truncate || (existing.content.size === 0 && content !== "")) tree.write(line.path, content);
    adjust(tree, line.path, line);
    return undefined;
  }
  makeParents(tree, line.path);
  tree.write(line.path, content, freshAttributes(tree, line, 0o644));
  return undefined;
}

function writeInto(tree: Tree, path: string, line: TmpfilesLine): void {
  const text = unescapeWord(line.argument ?? "") ?? "";
  const node = tree.lookup(path);
  if (node?.type !== "file") return;
  tree.writeAt(node, line.append ? node.content.size : 0, text);
}

interface Maker {
  readonly type: Node["type"];
  readonly make: (attributes: NodeAttributes) => void;
  readonly mode: number;
}

function createOther(tree: Tree, line: TmpfilesLine, maker: Maker): string | undefined {
  const existing = tree.lookup(line.path, { follow: maker.type === "directory" });
  if (existing !== undefined && existing.type !== maker.type) {
    if (!line.replace && !(line.append && maker.type !== "directory")) return undefined;
    tree.removeAll(line.path);
  } else if (existing !== undefined) {
    adjust(tree, line.path, line);
    return undefined;
  }
  makeParents(tree, line.path);
  maker.make(freshAttributes(tree, line, maker.mode));
  return undefined;
}

function createDevice(tree: Tree, line: TmpfilesLine): string | undefined {
  const numbers = /^([0-9]+):([0-9]+)$/.exec(line.argument ?? "");
  if (numbers === null) return `Can't parse device numbers '${line.argument}'.`;
  const type = line.type === "b" ? "block" : "char";
  const make = (attributes: NodeAttributes): void =>
    tree.add(line.path, { type, major: Number(numbers[1]), minor: Number(numbers[2]), links: 0, ...attributes });
  return createOther(tree, line, { type, make, mode: 0o644 });
}

function createLink(tree: Tree, line: TmpfilesLine): string | undefined {
  const target = line.argument ?? `/usr/share/factory${line.path}`;
  const directory = line.path.slice(0, line.path.lastIndexOf("/"));
  if (line.ifTargetExists && tree.lookup(target.startsWith("/") ? target : `${directory}/${target}`) === undefined)
    return undefined;
  const existing = tree.lookup(line.path, { follow: false });
  if (existing?.type === "symlink" && existing.target === target) return undefined;
  if (existing !== undefined) {
    if (!line.append && !line.replace) return undefined;
    tree.removeAll(line.path);
  }
  makeParents(tree, line.path);
  tree.symlink(target, line.path, { uid: line.user?.id ?? 0, gid: line.group?.id ?? 0 });
  return undefined;
}

function copy(tree: Tree, line: TmpfilesLine): string | undefined {
  const source = line.argument ?? `/usr/share/factory${line.path}`;
  const node = tree.lookup(source, { follow: false });
  if (node === undefined) return undefined;
  const existing = tree.lookup(line.path, { follow: false });
  const mayFill = existing?.type === "directory" && (existing.entries.size === 0 || line.append);
  if (existing === undefined || (mayFill && node.type === "directory")) {
    makeParents(tree, line.path);
    copyNode(tree, { node, path: line.path });
  }
  adjust(tree, line.path, line);
  return undefined;
}

function copyNode(tree: Tree, item: { readonly node: Node; readonly path: string }): void {
  const { node, path } = item;
  const existing = tree.lookup(path, { follow: false });
  if (node.type === "directory") {
    const { mode, uid, gid } = node;
    if (existing === undefined) tree.mkdir(path, { mode, uid, gid });
    for (const [name, child] of [...node.entries]) copyNode(tree, { node: child, path: `${path}/${name}` });
  } else if (existing === undefined) tree.add(path, { ...node, links: 0 });
}

/** Extended attributes: `name=value` words. */
function setAttributes(tree: Tree, line: TmpfilesLine): undefined {
  const pairs = (splitWords(line.argument ?? "", Number.POSITIVE_INFINITY) ?? []).filter((word) => word.includes("="));
  const set = (node: Node): void => {
    for (const pair of pairs) {
      const cut = pair.indexOf("=");
      node.xattrs ??= new Map();
      node.xattrs.set(
        pair.slice(0, cut),
        Uint8Array.from(pair.slice(cut + 1), (char) => char.charCodeAt(0)),
      );
    }
  };
  for (const path of matches(tree, line.path)) {
    set(tree.get(path, { follow: false }));
    if (line.type === "T" && tree.lookup(path, { follow: false })?.type === "directory")
      for (const { node } of tree.walk(path)) set(node);
  }
}

/** Access control lists. A list that cannot be read is not an error. */
function setAcls({ tree, stderr }: Process, line: TmpfilesLine): undefined {
  const acl = parseAcl(tree, line.argument ?? "");
  if (acl === undefined) {
    stderr.write(`Failed to parse ACL "${line.argument ?? ""}", ignoring: Invalid argument\n`);
    return;
  }
  for (const path of matches(tree, line.path)) {
    const node = tree.get(path, { follow: false });
    applyAcl(node, acl, line.append);
    if (line.type === "A" && node.type === "directory")
      for (const inner of tree.walk(path)) applyAcl(inner.node, acl, line.append);
  }
}

/** Attributes of what is made. A directory with the set-group-id bit hands its group down, as the kernel does. */
function freshAttributes(tree: Tree, line: TmpfilesLine, mode: number): NodeAttributes {
  const attributes = {
    mode: line.mode?.bits ?? mode,
    uid: line.user?.id ?? 0,
    gid: line.group?.id ?? 0,
    mtime: tree.epoch,
  };
  const parent = tree.resolve(line.path, { follow: false }).parent;
  if ((parent.mode & 0o2000) !== 0 && line.group === undefined) attributes.gid = parent.gid;
  return attributes;
}

/** Sets mode and owner of what was there before. */
function adjust(tree: Tree, path: string, line: TmpfilesLine): void {
  const node = tree.lookup(path, { follow: "dDvqQe".includes(line.type) });
  if (node === undefined) return;
  if (line.mode !== undefined && !line.mode.onlyNew && node.type !== "symlink") {
    setMode(node, line.mode.masked ? maskedMode(line.mode.bits, node) : line.mode.bits);
  }
  if (line.user !== undefined && !line.user.onlyNew) node.uid = line.user.id;
  if (line.group !== undefined && !line.group.onlyNew) node.gid = line.group.id;
}

/** `~`: bits that nobody had are left out, and set-id and sticky of what is no directory. */
function maskedMode(bits: number, node: Node): number {
  let mode = bits;
  for (const all of [0o111, 0o222, 0o444]) if ((node.mode & all) === 0) mode &= ~all;
  return node.type === "directory" ? mode : mode & ~0o7000;
}

function makeParents(tree: Tree, path: string): void {
  tree.mkdirs(path.slice(0, path.lastIndexOf("/")) || "/", { mode: 0o755 });
}

/** Paths that a pattern matches, in byte order (glob(7): `*` neither crosses `/` nor starts with a dot). */
function matches(tree: Tree, pattern: string): string[] {
  let found = [""];
  for (const part of pattern.split("/")) {
    if (part === "") continue;
    found = found.flatMap((directory) => {
      if (!/[*?[\\]/.test(part))
        return tree.lookup(`${directory}/${part}`, { follow: false }) === undefined ? [] : [`${directory}/${part}`];
      const node = tree.lookup(directory === "" ? "/" : directory);
      if (node?.type !== "directory") return [];
      const isMatch = picomatch(part, { nobrace: true, noextglob: true, dot: part.startsWith(".") });
      return [...node.entries.keys()]
        .filter((name) => isMatch(name))
        .sort()
        .map((name) => `${directory}/${name}`);
    });
  }
  return found;
}
