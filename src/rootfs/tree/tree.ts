/**
 * The tree: a root file system in memory, with contents left where they are.
 *
 * Paths are byte strings; a leading `/` is optional and always means the tree's own root. Symbolic links resolve the way the
 * kernel resolves them inside the root (path_resolution(7)): an absolute target starts at this root again, `..` above the root
 * stays at the root, so nothing outside can be reached. Everything acts as root: permission bits are kept, never enforced.
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

/** Where a path leads: its parent directory, its last name, and the node if there is one. */
export interface Place {
  readonly parent: DirectoryNode;
  /** Last component; empty for the root itself. */
  readonly name: string;
  /** Canonical absolute path without symbolic links (but for the last component when it was not followed). */
  readonly path: string;
  readonly node: Node | undefined;
}

/** How to resolve a path. */
export interface ResolveOptions {
  /** Follow a symbolic link in the last component (default true). */
  readonly follow?: boolean;
  /** Canonical directory that a relative path starts from (default the root). */
  readonly from?: string;
}

/** Attributes for a node to be made; what is left out is root's, now, with the mode a call defaults to. */
export type NewAttributes = Partial<NodeAttributes>;

/** The kernel's limit of symbolic links in one resolution (fs/namei.c, MAXSYMLINKS). */
const MAX_SYMLINKS = 40;

/** A root file system. */
export class Tree {
  readonly root: DirectoryNode;
  /** The time that new and changed nodes get: the recipe's `sourceDateEpoch`, in seconds. */
  readonly epoch: number;

  constructor(options: { readonly epoch?: number; readonly root?: DirectoryNode } = {}) {
    this.epoch = options.epoch ?? 0;
    this.root = options.root ?? makeDirectory({ mode: 0o755, uid: 0, gid: 0, mtime: this.epoch });
  }

  /**
   * Resolves a path down to its last component, which need not exist.
   *
   * @throws FileSystemError ENOENT or ENOTDIR when a component before the last is missing or no directory; ELOOP.
   */
  resolve(path: string, options: ResolveOptions = {}): Place {
    const follow = options.follow ?? true;
    const plain = options.from === undefined || path.startsWith("/") ? this.resolvePlain(path, follow) : undefined;
    if (plain !== undefined) return plain;
    const stack: { node: DirectoryNode; name: string }[] = [];
    const enter = (start: string): void => {
      for (const name of start.split("/")) {
        if (name === "" || name === ".") continue;
        const node = (stack.at(-1)?.node ?? this.root).entries.get(name);
        if (node?.type !== "directory") throw new FileSystemError("ENOENT", path);
        stack.push({ node, name });
      }
    };
    if (options.from !== undefined && !path.startsWith("/")) enter(options.from);
    const here = (): DirectoryNode => stack.at(-1)?.node ?? this.root;
    const canonical = (): string => `/${stack.map((entry) => entry.name).join("/")}`;
    const pending = path.split("/").reverse();
    let directoryWanted = path.endsWith("/");
    let symlinks = 0;
    if (path === "") throw new FileSystemError("ENOENT", path);
    while (pending.length > 0) {
      const name = pending.pop()!;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        stack.pop();
        continue;
      }
      const parent = here();
      const node = parent.entries.get(name);
      const last = !pending.some((rest) => rest !== "" && rest !== ".");
      if (last && pending.includes(".")) directoryWanted = true;
      if (node === undefined) {
        if (!last) throw new FileSystemError("ENOENT", path);
        const base = canonical();
        return { parent, name, path: base === "/" ? `/${name}` : `${base}/${name}`, node };
      }
      if (node.type === "symlink" && (!last || follow || directoryWanted)) {
        if (++symlinks > MAX_SYMLINKS) throw new FileSystemError("ELOOP", path);
        if (node.target.startsWith("/")) stack.length = 0;
        if (last && node.target.endsWith("/")) directoryWanted = true;
        for (const part of node.target.split("/").reverse()) pending.push(part);
        continue;
      }
      if (node.type === "directory") {
        stack.push({ node, name });
        continue;
      }
      if (!last || directoryWanted) throw new FileSystemError("ENOTDIR", path);
      const base = canonical();
      return { parent, name, path: base === "/" ? `/${name}` : `${base}/${name}`, node };
    }
    const top = stack.at(-1);
    if (top === undefined) return { parent: this.root, name: "", path: "/", node: this.root };
    return { parent: stack.at(-2)?.node ?? this.root, name: top.name, path: canonical(), node: top.node };
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
  /** The place of a path without links, `.`, `..` or empty components, as most are; undefined where it takes the long way. */
  private resolvePlain(path: string, follow: boolean): Place | undefined {
    let parent = this.root;
    for (let at = path.startsWith("/") ? 1 : 0; ; ) {
      const slash = path.indexOf("/", at);
      const name = slash < 0 ? path.slice(at) : path.slice(at, slash);
      if (name === "" || name === "." || name === "..") return undefined;
      const node = parent.entries.get(name);
      if (slash < 0) {
        if (node?.type === "symlink" && follow) return undefined;
        return { parent, name, path: path.startsWith("/") ? path : `/${path}`, node };
      }
      if (node?.type !== "directory") return undefined;
      parent = node;
      at = slash + 1;
    }
  }

  private fresh(mode: number, attributes: NewAttributes, place: Place): NodeAttributes {
    const made = { mode, uid: 0, gid: 0, mtime: this.epoch, ...attributes };
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
