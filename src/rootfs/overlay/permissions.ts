/**
 * `permissions`: mode and owner of single paths, by id or by a name of the finished tree.
 */
import { utf8ToByteString } from "../../bytes/content.js";
import type { RecipePermission } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { setMode } from "../tree/acl.js";
import type { Node } from "../tree/node.js";
import type { Tree } from "../tree/tree.js";
import { accountId } from "./account-file.js";

/** Applies the recipe's permissions. @throws AssembleError `rootfs/path-missing`, `rootfs/owner-unknown` */
export function applyPermissions(tree: Tree, permissions: readonly RecipePermission[]): void {
  for (const permission of permissions) {
    const node = tree.lookup(utf8ToByteString(permission.path));
    if (node === undefined)
      throw new AssembleError(
        "rootfs/path-missing",
        `Cannot set the permissions of ${permission.path}: it is not in the tree, an existing path was wanted`,
      );
    setAttributes(tree, node, permission);
  }
}

/** Sets what is stated of mode, owner and group. */
export function setAttributes(
  tree: Tree,
  node: Node,
  stated: {
    readonly mode?: number | undefined;
    readonly owner?: string | number | undefined;
    readonly group?: string | number | undefined;
  },
): void {
  if (stated.owner !== undefined) node.uid = resolveOwner(tree, "passwd", stated.owner);
  if (stated.group !== undefined) node.gid = resolveOwner(tree, "group", stated.group);
  if (stated.mode !== undefined && node.type !== "symlink") setMode(node, stated.mode);
}

/** The id of an owner given by number or name. @throws AssembleError `rootfs/owner-unknown` */
export function resolveOwner(tree: Tree, file: "passwd" | "group", owner: string | number): number {
  if (typeof owner === "number") return owner;
  const id = accountId(tree, file, owner);
  if (id !== undefined) return id;
  throw new AssembleError(
    "rootfs/owner-unknown",
    `Cannot give a path to ${owner}: /etc/${file} of the tree has no such name, an existing one was wanted`,
  );
}
