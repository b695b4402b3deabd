/**
 * From a tree to inodes: numbers in the order of the tree's walk (parents first, names in byte order) from 12 on, as lost+found is 11; links
 * counted; directories, attributes and holes laid out. Blocks are given later.
 */

import { byteStringToText, fromByteString } from "../../bytes/content.js";
import { modeTypes } from "../../bytes/mode-types.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type DirectoryNode, type FileNode, makeDirectory, type Node, sortedEntries } from "../../rootfs/tree/node.js";
import type { Tree } from "../../rootfs/tree/tree.js";
import { dataRuns, type Run } from "./data-runs.js";
import {
  type DirectoryEntry,
  type DirectoryForm,
  type DirectoryPlan,
  ENTRY_TYPES,
  planDirectory,
} from "./directory.js";
import { EXTRA_ISIZE, encodeTime, FAST_SYMLINK_MAX, LINKS_MAX } from "./inode.js";
import { INODE_BYTES, INODE_JOURNAL, INODE_LOST_FOUND, INODE_ROOT } from "./superblock.js";
import { type StoredXattrs, storeXattrs } from "./xattrs.js";

/** An inode without its blocks. */
export interface InodePlan {
  readonly ino: number;
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds. */
  readonly time: number;
  links: number;
  /** Bytes. */
  readonly size: number;
  /** What fills its blocks. */
  readonly body: InodeBody;
  /** Ranges of blocks that are stored; what is between them are holes. */
  readonly runs: readonly Run[];
  readonly xattrs: StoredXattrs | undefined;
}

/** What an inode holds. */
export type InodeBody =
  | { readonly kind: "none" }
  | { readonly kind: "inline"; readonly target: Uint8Array }
  | { readonly kind: "device"; readonly major: number; readonly minor: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly node: FileNode }
  | { readonly kind: "orphans" }
  | {
      readonly kind: "directory";
      readonly plan: DirectoryPlan;
      readonly parent: number;
      readonly entries: ReadonlyMap<string, DirectoryEntry>;
    };

/** All inodes of a file system that are in use, by number. */
export interface InodesPlan {
  /** In order of their numbers; the reserved ones that are not used are left out. */
  readonly inodes: readonly InodePlan[];
  readonly lastInode: number;
  readonly orphanFile: number | undefined;
}

/** How to plan. */
export interface InodesInput extends DirectoryForm {
  /** For what the tree does not have itself. */
  readonly time: number;
  readonly journal: { readonly superblock: Uint8Array; readonly blocks: number } | undefined;
}

const LOST_FOUND = "lost+found";
const LOST_FOUND_BYTES = 16384;
const LOST_FOUND_BLOCKS_MAX = 12;
const ORPHAN_FILE_BLOCKS = 32;

/**
 * Plans all inodes.
 *
 * @throws AssembleError `ext4/unrepresentable`, `ext4/lost-found`
 */
export async function planInodes(tree: Tree, input: InodesInput): Promise<InodesPlan> {
  const { blockSize } = input;
  const numbers = new Map<Node, number>([[tree.root, INODE_ROOT]]);
  const counts = new Map<Node, number>();
  const order: { readonly path: string; readonly node: Node; readonly parent: number }[] = [];
  const given = tree.root.entries.get(LOST_FOUND);
  if (given !== undefined && given.type !== "directory")
    throw new AssembleError(
      "ext4/lost-found",
      `Cannot write the tree as ext4: its /lost+found is a ${given.type}, a directory or nothing was wanted`,
    );
  const lostFound = given ?? makeDirectory({ mode: 0o700, uid: 0, gid: 0, mtime: input.time });
  numbers.set(lostFound, INODE_LOST_FOUND);
  const orphanFile = input.journal === undefined ? undefined : INODE_LOST_FOUND + 1;
  let lastInode = orphanFile ?? INODE_LOST_FOUND;
  const visit = (path: string, directory: DirectoryNode): void => {
    for (const [name, node] of entriesOf(path, directory)) {
      counts.set(node, (counts.get(node) ?? 0) + 1);
      if (node !== lostFound) {
        if (numbers.has(node)) continue;
        numbers.set(node, ++lastInode);
      }
      const child = `${path}/${name}`;
      order.push({ path: child, node, parent: numbers.get(directory)! });
      if (node.type === "directory") visit(child, node);
    }
  };
  const entriesOf = (path: string, directory: DirectoryNode): [string, Node][] => {
    const entries = sortedEntries(directory);
    if (path !== "" || given !== undefined) return entries;
    return [...entries, [LOST_FOUND, lostFound] as [string, Node]].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  };
  order.push({ path: "", node: tree.root, parent: INODE_ROOT });
  visit("", tree.root);

  const inodes: InodePlan[] = [];
  const fixed = { mode: 0o100600, uid: 0, gid: 0, time: input.time, links: 1, xattrs: undefined };
  if (input.journal !== undefined && orphanFile !== undefined) {
    const { superblock, blocks } = input.journal;
    const body = { kind: "bytes", bytes: superblock } as const;
    inodes.push({ ...fixed, ino: INODE_JOURNAL, size: blocks * blockSize, body, runs: [{ first: 0, count: blocks }] });
    const runs = [{ first: 0, count: ORPHAN_FILE_BLOCKS }];
    const size = ORPHAN_FILE_BLOCKS * blockSize;
    inodes.push({ ...fixed, ino: orphanFile, size, body: { kind: "orphans" }, runs });
  }
  for (const { path, node, parent } of order) {
    const names = node.type === "directory" ? entriesOf(path, node) : undefined;
    inodes.push(
      await planNode(node, {
        ...input,
        path,
        ino: numbers.get(node)!,
        parent,
        links: counts.get(node)!,
        names: names?.map(([name, child]) => ({ name, ino: numbers.get(child)!, type: ENTRY_TYPES[child.type] })),
      }),
    );
  }
  return { inodes: inodes.sort((a, b) => a.ino - b.ino), lastInode, orphanFile };
}

interface NodeInput extends DirectoryForm {
  readonly path: string;
  readonly ino: number;
  readonly parent: number;
  readonly links: number;
  readonly names: readonly DirectoryEntry[] | undefined;
}

async function planNode(node: Node, input: NodeInput): Promise<InodePlan> {
  const { ino, blockSize, path } = input;
  const mode = modeTypes[node.type] | node.mode;
  if (encodeTime(node.mtime) === undefined)
    throw unrepresentable(path, `its time is ${node.mtime}`, "one from 1901 to 2446");
  const xattrs =
    node.xattrs === undefined || node.xattrs.size === 0
      ? undefined
      : storeXattrs(node.xattrs, {
          inlineBytes: INODE_BYTES - 128 - EXTRA_ISIZE,
          blockSize,
          unknown: (name) =>
            unrepresentable(path, `it has the attribute ${byteStringToText(name)}`, "one that ext4 knows"),
        });
  if (node.xattrs !== undefined && node.xattrs.size > 0 && xattrs === undefined)
    throw unrepresentable(path, "its extended attributes are too large", `${blockSize} bytes at most`);
  const common = { ino, mode, uid: node.uid, gid: node.gid, time: node.mtime, links: input.links, xattrs };
  if (node.type === "directory") return { ...common, ...planDirectoryBody(input) };
  if (input.links > LINKS_MAX) throw unrepresentable(path, `it has ${input.links} names`, `${LINKS_MAX} at most`);
  if (node.type === "file") {
    const { size } = node.content;
    if (size > (2 ** 32 - 1) * blockSize) throw unrepresentable(path, `it has ${size} bytes`, "less than 2^32 blocks");
    return { ...common, size, body: { kind: "file", node }, runs: await dataRuns(node.content, blockSize) };
  }
  if (node.type === "symlink") {
    const target = fromByteString(node.target);
    const size = target.length;
    if (size >= blockSize || size === 0)
      throw unrepresentable(path, `its target has ${size} bytes`, `1 to ${blockSize - 1}`);
    if (size < FAST_SYMLINK_MAX) return { ...common, size, body: { kind: "inline", target }, runs: [] };
    return { ...common, size, body: { kind: "bytes", bytes: target }, runs: [{ first: 0, count: 1 }] };
  }
  if (node.type === "char" || node.type === "block") {
    const { major, minor } = node;
    if (major > 0xfff || minor > 0xfffff)
      throw unrepresentable(path, `it is device ${major}:${minor}`, "4095:1048575 at most");
    return { ...common, size: 0, body: { kind: "device", major, minor }, runs: [] };
  }
  return { ...common, size: 0, body: { kind: "none" }, runs: [] };
}

function planDirectoryBody(input: NodeInput): Pick<InodePlan, "size" | "body" | "runs" | "links"> {
  const { blockSize, path, parent } = input;
  const names = input.names!;
  const long = names.find(({ name }) => name.length > 255 || name.length === 0);
  if (long !== undefined) throw unrepresentable(path, `a name in it has ${long.name.length} bytes`, "1 to 255");
  let plan = planDirectory(
    names.map(({ name }) => name),
    input,
  );
  if (plan === undefined)
    throw unrepresentable(path, `it has ${names.length} entries`, "what two levels of index hold");
  // As mke2fs: room to put files into when all else is broken.
  if (input.ino === INODE_LOST_FOUND && !plan.indexed)
    plan = { ...plan, blocks: Math.min(LOST_FOUND_BLOCKS_MAX, Math.ceil(LOST_FOUND_BYTES / blockSize)) };
  const children = names.filter(({ type }) => type === ENTRY_TYPES.directory).length;
  const entries = new Map(names.map((entry) => [entry.name, entry]));
  return {
    size: plan.blocks * blockSize,
    links: children + 2 > LINKS_MAX ? 1 : children + 2,
    body: { kind: "directory", plan, parent, entries },
    runs: [{ first: 0, count: plan.blocks }],
  };
}

function unrepresentable(path: string, is: string, wanted: string): AssembleError {
  return new AssembleError(
    "ext4/unrepresentable",
    `Cannot write ${byteStringToText(path) || "/"} to ext4: ${is}, ${wanted} was wanted`,
  );
}
