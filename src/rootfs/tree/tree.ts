/**
 * The tree: a root file system in memory, with contents left where they are.
 *
 * Paths are byte strings; a leading `/` is optional and always means the tree's own root; resolve-path.ts follows them.
 * Everything may do what root may: permission bits are kept, never enforced.
 */
import { contentOfByteString, contentOfBytes, type FileContent, toByteString } from "../../bytes/content.js";
import { FileSystemError } from "./file-system-error.js";
import { GrowableContent } from "./growable-content.js";
import {
  type DirectoryNode,
  type FileNode,
  makeDirectory,
  type Node,
  type NodeAttributes,
  type SymlinkNode,
} from "./node.js";
import { type Place, type ResolveOptions, resolvePath } from "./resolve-path.js";
import { requireWritable } from "./seal.js";

/** Attributes for a node to be made; what is left out is root's, now, with the mode a call defaults to. */
export type NewAttributes = Partial<NodeAttributes>;

/** A root file system. */
export class Tree {
  readonly root: DirectoryNode;
  /** The time that new and changed nodes get: the recipe's `sourceDateEpoch`, in seconds. */
  readonly epoch: number;
  /** Who acts: new nodes are theirs. Nothing is refused to anybody. */
  readonly user: { readonly uid: number; readonly gid: number };

  constructor(
    options: {
      readonly epoch?: number;
      readonly root?: DirectoryNode;
      readonly user?: { readonly uid: number; readonly gid: number };
    } = {},
  ) {
    this.epoch = options.epoch ?? 0;
    this.user = options.user ?? { uid: 0, gid: 0 };
    this.root = options.root ?? makeDirectory({ mode: 0o755, uid: 0, gid: 0, mtime: this.epoch });
  }

  /**
   * Resolves a path down to its last component, which need not exist.
   *
   * @throws FileSystemError ENOENT or ENOTDIR when a component before the last is missing or no directory; ELOOP.
   */
  resolve(path: string, options: ResolveOptions = {}): Place {
    return resolvePath(this.root, path, options);
  }

  /** The node at a path, or undefined if it cannot be reached for any reason. */
  lookup(path: string, options: ResolveOptions = {}): Node | undefined {
    try {
      return this.resolve(path, options).node;
    } catch (error) {
      if (error instanceof FileSystemError) return undefined;
      throw error;
    }
  }

  /** The node at a path. @throws FileSystemError */
  get(path: string, options: ResolveOptions = {}): Node {
    const { node } = this.resolve(path, options);
    if (node === undefined) throw new FileSystemError("ENOENT", path);
    return node;
  }

  /** The regular file at a path, symbolic links followed. @throws FileSystemError */
  file(path: string, options: ResolveOptions = {}): FileNode {
    const node = this.get(path, options);
    if (node.type === "directory") throw new FileSystemError("EISDIR", path);
    if (node.type !== "file") throw new FileSystemError("EINVAL", path);
    return node;
  }

  /** The directory at a path, symbolic links followed. @throws FileSystemError */
  directory(path: string, options: ResolveOptions = {}): DirectoryNode {
    const node = this.get(path, options);
    if (node.type !== "directory") throw new FileSystemError("ENOTDIR", path);
    return node;
  }

  /** The canonical path of what exists at `path`. @throws FileSystemError */
  realpath(path: string, options: ResolveOptions = {}): string {
    const place = this.resolve(path, options);
    if (place.node === undefined) throw new FileSystemError("ENOENT", path);
    return place.path;
  }

  /** The bytes of a regular file. @throws FileSystemError */
  read(path: string, options: ResolveOptions = {}): Uint8Array {
    return this.file(path, options).content.read();
  }

  /** The bytes of a regular file as a byte string. @throws FileSystemError */
  readText(path: string, options: ResolveOptions = {}): string {
    return toByteString(this.read(path, options));
  }

  /**
   * Writes a whole file. An existing regular file keeps mode, owner and hard links and gets the content (as `>` does);
   * given attributes win. Symbolic links are followed. @throws FileSystemError
   */
  write(path: string, content: FileContent | Uint8Array | string, attributes: NewAttributes = {}): FileNode {
    const place = this.resolve(path);
    const value =
      typeof content === "string"
        ? contentOfByteString(content)
        : content instanceof Uint8Array
          ? contentOfBytes(content)
          : content;
    if (place.node?.type === "directory") throw new FileSystemError("EISDIR", path);
    if (place.node !== undefined && place.node.type !== "file") throw new FileSystemError("EINVAL", path);
    if (place.node !== undefined) {
      place.node.content = value;
      Object.assign(place.node, { mtime: this.epoch }, attributes);
      return place.node;
    }
    const node: FileNode = { type: "file", content: value, links: 0, ...this.fresh(0o644, attributes, place) };
    this.attach(place, node);
    return node;
  }

  /** Writes `bytes` (a byte string) into a file's content at an offset; the content is copied on the first write. */
  writeAt(node: FileNode, offset: number, bytes: string): void {
    if (!(node.content instanceof GrowableContent)) node.content = new GrowableContent(node.content.read());
    (node.content as GrowableContent).write(offset, bytes);
    node.mtime = this.epoch;
  }

  /** Makes one directory (default 0755). @throws FileSystemError EEXIST, ENOENT, ENOTDIR */
  mkdir(path: string, attributes: NewAttributes = {}): DirectoryNode {
    const place = this.resolve(path, { follow: false });
    if (place.node !== undefined) throw new FileSystemError("EEXIST", path);
    const node = makeDirectory(this.fresh(0o755, attributes, place));
    if (attributes.gid === undefined) node.mode |= place.parent.mode & 0o2000;
    this.attach(place, node);
    return node;
  }

  /** Makes a directory and its missing parents; attributes are for directories that are made. */
  mkdirs(path: string, attributes: NewAttributes = {}): DirectoryNode {
    let at = "";
    for (const name of path.split("/")) {
      if (name === "") continue;
      at += `/${name}`;
      const node = this.resolve(at).node;
      if (node === undefined) this.mkdir(this.resolve(at).path, attributes);
      else if (node.type !== "directory") throw new FileSystemError("ENOTDIR", path);
    }
    return this.directory(at === "" ? "/" : at);
  }

  /** Makes a symbolic link. @throws FileSystemError EEXIST, ENOENT, ENOTDIR */
  symlink(target: string, path: string, attributes: NewAttributes = {}): SymlinkNode {
    const place = this.resolve(path, { follow: false });
    if (place.node !== undefined) throw new FileSystemError("EEXIST", path);
    const node: SymlinkNode = { type: "symlink", target, links: 0, ...this.fresh(0o777, attributes, place) };
    this.attach(place, node);
    return node;
  }

  /** Makes a hard link; a symbolic link as `existing` is linked itself. @throws FileSystemError */
  link(existing: string, path: string): void {
    const node = this.get(existing, { follow: false });
    if (node.type === "directory") throw new FileSystemError("EPERM", existing);
    const place = this.resolve(path, { follow: false });
    if (place.node !== undefined) throw new FileSystemError("EEXIST", path);
    this.attach(place, node);
  }

  /** Puts any node at a free path. @throws FileSystemError EEXIST, ENOENT, ENOTDIR */
  add(path: string, node: Node): void {
    const place = this.resolve(path, { follow: false });
    if (place.node !== undefined) throw new FileSystemError("EEXIST", path);
    this.attach(place, node);
  }

  /** Removes a directory entry that is no directory. @throws FileSystemError ENOENT, EISDIR */
  unlink(path: string): void {
    const place = this.resolve(path, { follow: false });
    if (place.node === undefined) throw new FileSystemError("ENOENT", path);
    if (place.node.type === "directory") throw new FileSystemError("EISDIR", path);
    this.detach(place);
  }

  /** Removes an empty directory. @throws FileSystemError ENOENT, ENOTDIR, ENOTEMPTY */
  rmdir(path: string): void {
    const place = this.resolve(path, { follow: false });
    if (place.node === undefined) throw new FileSystemError("ENOENT", path);
    if (place.node.type !== "directory") throw new FileSystemError("ENOTDIR", path);
    if (place.node.entries.size > 0) throw new FileSystemError("ENOTEMPTY", path);
    if (place.name === "") throw new FileSystemError("EINVAL", path);
    this.detach(place);
  }

  /** Removes what is at a path with all below it; nothing there is no error. */
  removeAll(path: string): void {
    let place: Place;
    try {
      place = this.resolve(path, { follow: false });
    } catch (error) {
      if (error instanceof FileSystemError) return;
      throw error;
    }
    if (place.node === undefined || place.name === "") return;
    this.detach(place);
  }

  /** rename(2): replaces a file by a file, an empty directory by a directory. @throws FileSystemError */
  rename(from: string, to: string): void {
    const source = this.resolve(from, { follow: false });
    const target = this.resolve(to, { follow: false });
    if (source.node === undefined) throw new FileSystemError("ENOENT", from);
    if (source.name === "" || target.name === "") throw new FileSystemError("EINVAL", to);
    if (source.node === target.node) return;
    if (source.node.type === "directory") {
      if (`${target.path}/`.startsWith(`${source.path}/`)) throw new FileSystemError("EINVAL", to);
      if (target.node !== undefined && target.node.type !== "directory") throw new FileSystemError("ENOTDIR", to);
      if (target.node !== undefined && target.node.entries.size > 0) throw new FileSystemError("ENOTEMPTY", to);
    } else if (target.node?.type === "directory") throw new FileSystemError("EISDIR", to);
    for (const { parent } of [source, target]) requireWritable(parent);
    if (target.node !== undefined) this.detach(target);
    source.parent.entries.delete(source.name);
    target.parent.entries.set(target.name, source.node);
    source.parent.mtime = this.epoch;
    target.parent.mtime = this.epoch;
  }

  /** Every node below (and without) `start`, parents first, names in byte order, as canonical absolute paths. */
  *walk(start = "/"): Generator<{ readonly path: string; readonly node: Node }> {
    const place = this.resolve(start);
    if (place.node?.type !== "directory") return;
    const stack: { path: string; node: Node }[] = [];
    const push = (prefix: string, directory: DirectoryNode): void => {
      const names = [...directory.entries.keys()].sort().reverse();
      for (const name of names) stack.push({ path: `${prefix}/${name}`, node: directory.entries.get(name)! });
    };
    push(place.path === "/" ? "" : place.path, place.node);
    while (stack.length > 0) {
      const item = stack.pop()!;
      yield item;
      if (item.node.type === "directory") push(item.path, item.node);
    }
  }

  /** What is made in a set-group-id directory gets its group, a directory the bit too (fs/inode.c, inode_init_owner). */
  private fresh(mode: number, attributes: NewAttributes, place: Place): NodeAttributes {
    const made = { mode, ...this.user, mtime: this.epoch, ...attributes };
    if ((place.parent.mode & 0o2000) !== 0 && attributes.gid === undefined) made.gid = place.parent.gid;
    return made;
  }

  private attach(place: Place, node: Node): void {
    if (place.name === "") throw new FileSystemError("EEXIST", place.path);
    if (place.name.length > 255) throw new FileSystemError("ENAMETOOLONG", place.path);
    place.parent.entries.set(place.name, node);
    place.parent.mtime = this.epoch;
    if (node.type !== "directory") node.links++;
  }

  private detach(place: Place): void {
    place.parent.entries.delete(place.name);
    place.parent.mtime = this.epoch;
    if (place.node !== undefined) release(place.node);
  }
}

/** Counts the links of all that a removed entry held. */
function release(node: Node): void {
  if (node.type !== "directory") node.links--;
  else for (const child of node.entries.values()) release(child);
}
