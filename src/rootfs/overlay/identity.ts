/**
 * What the recipe says of the machine itself: host name, time zone, locale, root's password. Nothing comes from the host.
 */
import { utf8ToByteString } from "../../bytes/content.js";
import type { Recipe } from "../../config/recipe.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { Tree } from "../tree/tree.js";
import { readAccounts, writeAccounts } from "./account-file.js";

type Identity = Pick<Recipe, "hostname" | "timezone" | "locale" | "rootPasswordHash">;

/** Writes the recipe's identity. @throws AssembleError `rootfs/timezone-unknown`, `rootfs/no-root-account` */
export function applyIdentity(tree: Tree, recipe: Identity): void {
  if (recipe.hostname !== undefined) {
    tree.mkdirs("/etc");
    tree.write("/etc/hostname", `${recipe.hostname}\n`);
  }
  if (recipe.timezone !== undefined) setTimezone(tree, recipe.timezone);
  if (recipe.locale !== undefined) {
    tree.mkdirs("/etc/default");
    const text = `LANG=${utf8ToByteString(recipe.locale)}\n`;
    // Debian's PAM and sysvinit read /etc/default/locale; systemd reads /etc/locale.conf, which links to it in trixie.
    tree.write("/etc/default/locale", text);
    if (tree.lookup("/etc/locale.conf", { follow: false }) === undefined) tree.write("/etc/locale.conf", text);
  }
  setRootPassword(tree, recipe.rootPasswordHash);
}

function setTimezone(tree: Tree, zone: string): void {
  const file = `/usr/share/zoneinfo/${utf8ToByteString(zone)}`;
  if (tree.lookup(file)?.type !== "file" && zone !== "UTC")
    throw new AssembleError(
      "rootfs/timezone-unknown",
      `Cannot set the time zone ${zone}: ${file} is not in the tree, an installed zone was wanted`,
      { hint: "add tzdata (or tzdata-legacy) to packages" },
    );
  tree.removeAll("/etc/localtime");
  tree.symlink(file, "/etc/localtime");
  tree.write("/etc/timezone", `${utf8ToByteString(zone)}\n`);
}

function setRootPassword(tree: Tree, hash: string | undefined): void {
  const lines = readAccounts(tree, "shadow");
  const root = lines.find((line) => line[0] === "root");
  if (root === undefined) {
    if (hash === undefined) return;
    throw new AssembleError(
      "rootfs/no-root-account",
      "Cannot set root's password: /etc/shadow of the tree has no root, the package base-passwd was wanted",
    );
  }
  // Debian's base-passwd leaves root with "*": no password fits. A recipe without rootPassword keeps exactly that.
  if (hash === undefined) return;
  root[1] = hash;
  writeAccounts(tree, "shadow", lines);
}
