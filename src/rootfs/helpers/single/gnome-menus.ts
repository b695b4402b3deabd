/**
 * gnome-menus-blacklist of Debian's gnome-menus 3.36: copies the desktop entries that /etc/gnome/menus.blacklist names from
 * /usr/share/applications to /usr/share/gnome/applications, hidden, and takes copies away that are no longer named.
 */
import type { Command } from "../../shell/process.js";
import type { FileNode } from "../../tree/node.js";
import type { Tree } from "../../tree/tree.js";

const SOURCE = "/usr/share/applications";
const TARGET = "/usr/share/gnome/applications";
const LIST = "/etc/gnome/menus.blacklist";

export const gnomeMenusBlacklist: Command = (process, args) => {
  if (args.length > 1) return process.unsupported(args.join(" "));
  const { tree } = process;
  const names = new Set<string>();
  if (tree.lookup(LIST)?.type !== "file") process.stderr.write(`Warning: ${LIST} cannot be opened\n`);
  else for (const line of tree.readText(LIST).split("\n")) if (!/^\s*#/.test(line)) names.add(line.trim());
  const sources = entriesOf(tree, SOURCE).filter((path) => names.has(path) || names.has(path.replace(/^.*\//s, "")));
  for (const path of entriesOf(tree, TARGET)) if (!sources.includes(path)) tree.unlink(`${TARGET}/${path}`);
  removeEmptyDirectories(tree);
  for (const path of sources) hideEntry(tree, path);
  return 0;
};

/** The desktop entries below a directory, by their path from there; symbolic links count where they lead to a file. */
function entriesOf(tree: Tree, directory: string): string[] {
  if (tree.lookup(directory)?.type !== "directory") return [];
  const isFile = (path: string): boolean => tree.lookup(path)?.type === "file";
  return [...tree.walk(directory)]
    .filter(({ path, node }) => path.endsWith(".desktop") && node.type !== "directory" && isFile(path))
    .map(({ path }) => path.slice(directory.length + 1));
}

function removeEmptyDirectories(tree: Tree): void {
  if (tree.lookup(TARGET)?.type !== "directory") return;
  for (const { path, node } of [...tree.walk(TARGET)].reverse())
    if (node.type === "directory" && node.entries.size === 0) tree.rmdir(path);
}

function hideEntry(tree: Tree, path: string): void {
  const source = tree.file(`${SOURCE}/${path}`);
  const target = `${TARGET}/${path}`;
  // The time tells whether an entry has changed.
  if ((tree.lookup(target) as FileNode | undefined)?.mtime === source.mtime) return;
  tree.mkdirs(target.replace(/\/[^/]*$/, ""));
  const lines = tree.readText(`${SOURCE}/${path}`).split("\n");
  const kept = lines.filter((line) => !line.startsWith("NoDisplay=")).join("\n");
  const text = kept === "" || kept.endsWith("\n") ? kept : `${kept}\n`;
  tree.write(target, `${text}NoDisplay=true\n`, { mtime: source.mtime });
}
