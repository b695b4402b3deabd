/**
 * Splits a tree into the segments of an initramfs: independent cpio archives, one after the other, which compress in parallel
 * and are cached by content (kernel: Documentation/driver-api/early-userspace/buffer-format.rst allows any number of them).
 *
 * The first segment holds every directory, symbolic link and special file, so parents come before children. Files follow in
 * groups: the packages in byte order of their names, filled up to `SEGMENT_BYTES`; then what configuring made; then what the
 * recipe added, so that a changed file of the recipe recompresses little. A hard-link group stays in one segment, a file
 * larger than a segment is one of its own.
 */
import { byteStringToText } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";
import type { FileNode, Node } from "../rootfs/tree/node.js";
import type { Tree } from "../rootfs/tree/tree.js";

/** Input bytes a segment is filled up to. */
const SEGMENT_BYTES = 8 << 20;
/** Input bytes of a segment of recipe files: these change most. */
const RECIPE_SEGMENT_BYTES = 4 << 20;
/** newc has 32-bit sizes. */
const MAX_FILE_BYTES = 0xffffffff;

/** What put a file into the tree. Files of packages are grouped by the package's name. */
export type FileOrigin =
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "configure" }
  | { readonly kind: "recipe" };

/** One entry of the archive. */
export interface SegmentMember {
  /** Path without a leading slash; a byte string. */
  readonly path: string;
  readonly node: Node;
  /** Inode number: equal for the names of one hard-linked file. */
  readonly ino: number;
}

/** One independent cpio archive. */
export interface Segment {
  readonly members: readonly SegmentMember[];
  /** Whether the recipe's scripts and files have a say in its bytes: files of the recipe, and all names and links. */
  readonly ofRecipe: boolean;
}

/**
 * Plans the segments of a tree. Pure: depends on the tree and the origins alone.
 *
 * @throws AssembleError `initramfs/xattr`, `initramfs/socket`, `initramfs/file-too-large` naming the first file that the newc
 * format cannot hold
 */
export function planSegments(tree: Tree, originOf: (file: FileNode) => FileOrigin): Segment[] {
  const frame: SegmentMember[] = [];
  const groups = new Map<FileNode, string[]>();
  let ino = 1;
  for (const { path, node } of tree.walk()) {
    refuseUnrepresentable(path, node);
    if (node.type !== "file") {
      frame.push({ path: path.slice(1), node, ino: ino++ });
      continue;
    }
    const names = groups.get(node);
    if (names === undefined) groups.set(node, [path.slice(1)]);
    else names.push(path.slice(1));
  }
  const files = [...groups]
    .map(([node, paths]) => ({ node, paths, order: orderOf(originOf(node)) }))
    .sort((a, b) => compare(a.order, b.order) || compare(a.paths[0]!, b.paths[0]!));
  const segments: Segment[] = [{ members: frame, ofRecipe: true }];
  let open: SegmentMember[] = [];
  let bytes = 0;
  let openOrder = "";
  const close = (): void => {
    if (open.length > 0) segments.push({ members: open, ofRecipe: openOrder[0] === RECIPE });
    open = [];
    bytes = 0;
  };
  for (const { node, paths, order } of files) {
    const limit = order[0] === RECIPE ? RECIPE_SEGMENT_BYTES : SEGMENT_BYTES;
    const mixes = order[0] !== openOrder[0];
    if (mixes || bytes + node.content.size > limit) close();
    openOrder = order;
    const number = ino++;
    for (const path of paths) open.push({ path, node, ino: number });
    bytes += node.content.size;
  }
  close();
  return segments;
}

const PACKAGE = "1";
const CONFIGURE = "2";
const RECIPE = "3";

/** A sort key whose first character is the kind. */
function orderOf(origin: FileOrigin): string {
  if (origin.kind === "package") return PACKAGE + origin.name;
  return origin.kind === "configure" ? CONFIGURE : RECIPE;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function refuseUnrepresentable(path: string, node: Node): void {
  const name = byteStringToText(path);
  if (node.xattrs !== undefined && node.xattrs.size > 0)
    throw new AssembleError(
      "initramfs/xattr",
      `Cannot put ${name} into the initramfs: it has the extended attribute ${[...node.xattrs.keys()].sort()[0]}, which a cpio archive cannot hold`,
      { hint: "remove the capability in a finalize script (setcap -r), or choose a root file system that keeps it" },
    );
  if (node.type === "socket")
    throw new AssembleError(
      "initramfs/socket",
      `Cannot put ${name} into the initramfs: it is a socket, which only a running program can make`,
    );
  if (node.type === "file" && node.content.size > MAX_FILE_BYTES)
    throw new AssembleError(
      "initramfs/file-too-large",
      `Cannot put ${name} into the initramfs: it has ${node.content.size} bytes, less than 4 GiB was wanted`,
    );
}
