/**
 * Home directories as useradd and adduser make them.
 */
import type { Node } from "../../tree/node.js";
import type { Tree } from "../../tree/tree.js";

/** Whose home it is. */
export interface HomeOwner {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Directory whose content is copied, if any. */
  readonly skeleton?: string | undefined;
}

/** Makes a home with the skeleton's files; does nothing when it is there. */
export function makeHome(tree: Tree, home: HomeOwner): void {
  if (tree.lookup(home.path) !== undefined) return;
  const { uid, gid, mode } = home;
  const parent = home.path.slice(0, home.path.lastIndexOf("/"));
  if (parent !== "") tree.mkdirs(parent);
  tree.mkdir(home.path, { uid, gid, mode });
  const source = home.skeleton === undefined ? undefined : tree.lookup(home.skeleton);
  if (source?.type !== "directory") return;
  const copy = (node: Node, path: string): void => {
    if (node.type === "directory") {
      tree.mkdir(path, { uid, gid, mode: node.mode });
      for (const [name, child] of node.entries) copy(child, `${path}/${name}`);
    } else tree.add(path, { ...node, uid, gid, mtime: tree.epoch, links: 0 });
  };
  for (const [name, child] of source.entries) copy(child, `${home.path}/${name}`);
}
