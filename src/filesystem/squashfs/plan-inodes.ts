/**
 * The inodes of an image: every node of the tree once, numbered from 1, the children of a directory one after the other.
 */
import { byteStringToText } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type DirectoryNode, type FileNode, type Node, sortedEntries } from "../../rootfs/tree/node.js";
import type { Tree } from "../../rootfs/tree/tree.js";

/** A node with its number. */
export interface PlannedInode {
  readonly node: Node;
  readonly number: number;
  /** Number of the directory that it was first found in; of the root, one more than there are inodes. */
  readonly parent: number;
  /** The first path, for messages. */
  readonly path: string;
  /** Names that lead to it. */
  links: number;
}

/** A name in a directory. */
export interface PlannedEntry {
  readonly name: string;
  readonly inode: PlannedInode;
}

/** All inodes. */
export interface InodePlan {
  readonly inodes: ReadonlyMap<Node, PlannedInode>;
  /** What each directory holds, in byte order. */
  readonly entriesOf: ReadonlyMap<DirectoryNode, readonly PlannedEntry[]>;
  /** Files in the order of their first names. */
  readonly files: readonly (PlannedInode & { readonly node: FileNode })[];
}

const NAME_BYTES_MAX = 256;
const TARGET_BYTES_MAX = 65535;
const DEVICE_MAJOR_MAX = 0xfff;
const DEVICE_MINOR_MAX = 0xfffff;

/** Numbers the nodes of a tree. @throws AssembleError `filesystem/squashfs-unrepresentable` */
export function planInodes(tree: Tree): InodePlan {
  const inodes = new Map<Node, PlannedInode>();
  const files: (PlannedInode & { readonly node: FileNode })[] = [];
  const entriesOf = new Map<DirectoryNode, readonly PlannedEntry[]>();
  let total = 1;
  const visit = (directory: DirectoryNode, self: { readonly number: number; readonly path: string }): void => {
    const below: PlannedInode[] = [];
    const entries: PlannedEntry[] = [];
    entriesOf.set(directory, entries);
    for (const [name, node] of sortedEntries(directory)) {
      const known = inodes.get(node);
      if (known !== undefined) {
        known.links++;
        entries.push({ name, inode: known });
        continue;
      }
      const planned: PlannedInode = {
        node,
        number: ++total,
        parent: self.number,
        path: `${self.path}/${name}`,
        links: 1,
      };
      refuseUnrepresentable(planned, name);
      inodes.set(node, planned);
      entries.push({ name, inode: planned });
      if (node.type === "file") files.push(planned as PlannedInode & { readonly node: FileNode });
      if (node.type === "directory") below.push(planned);
    }
    for (const child of below) visit(child.node as DirectoryNode, child);
  };
  visit(tree.root, { number: 1, path: "" });
  const root: PlannedInode = { node: tree.root, number: 1, parent: total + 1, path: "", links: 1 };
  return { inodes: inodes.set(tree.root, root), entriesOf, files };
}

function refuseUnrepresentable({ node, path }: PlannedInode, name: string): void {
  const refuse = (is: string): never => {
    throw new AssembleError(
      "filesystem/squashfs-unrepresentable",
      `Cannot put ${byteStringToText(path)} into the squashfs image: ${is}`,
    );
  };
  if (name.length > NAME_BYTES_MAX) refuse(`its name has ${name.length} bytes, at most ${NAME_BYTES_MAX} were wanted`);
  if (node.type === "symlink" && (node.target === "" || node.target.length > TARGET_BYTES_MAX))
    refuse(`its target has ${node.target.length} bytes, 1 to ${TARGET_BYTES_MAX} were wanted`);
  if ((node.type === "char" || node.type === "block") && !isDevice(node.major, node.minor))
    refuse(
      `its device number is ${node.major}:${node.minor}, at most ${DEVICE_MAJOR_MAX}:${DEVICE_MINOR_MAX} was wanted`,
    );
}

function isDevice(major: number, minor: number): boolean {
  return major >= 0 && major <= DEVICE_MAJOR_MAX && minor >= 0 && minor <= DEVICE_MINOR_MAX;
}
