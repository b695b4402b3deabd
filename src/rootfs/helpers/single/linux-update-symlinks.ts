/**
 * linux-update-symlinks of linux-base, for the one kernel of a new root: `/vmlinuz`, `/initrd.img` and their `.old`.
 */
import type { Command } from "../../shell/process.js";

const SETTINGS = "/etc/kernel-img.conf";

export const linuxUpdateSymlinks: Command = (process, args) => {
  const { tree } = process;
  const [, change = "", version = "", image = ""] = args;
  if (!["install", "upgrade"].includes(change) || args.length !== 4) return process.unsupported(args.join(" "));
  if (tree.lookup(SETTINGS) !== undefined) return process.unsupported(`${args[0]} with ${SETTINGS}`);
  const boot = tree.lookup("/boot");
  const images = boot?.type === "directory" ? [...boot.entries.keys()].filter((name) => /^vmlinu[xz]-/.test(name)) : [];
  if (images.some((name) => name.replace(/^vmlinu[xz]-/, "") !== version))
    return process.unsupported(`${args[0]} with another kernel`);
  const initrd = process.environment.get("INITRD") === "No" ? undefined : `/boot/initrd.img-${version}`;
  for (const [link, target] of [
    ["/vmlinuz.old", image],
    ["/initrd.img.old", initrd],
    ["/vmlinuz", image],
    ["/initrd.img", initrd],
  ] as const) {
    const old = tree.lookup(link, { follow: false });
    const source = target?.replace(/^\/+/, "");
    if (old?.type === "symlink" && old.target === source) continue;
    if (old !== undefined) tree.unlink(link);
    if (source === undefined) continue;
    tree.symlink(source, link);
    process.stdout.write(`I: ${link} is now a symlink to ${source}\n`);
  }
  return 0;
};
