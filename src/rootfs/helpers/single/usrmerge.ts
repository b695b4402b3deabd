/**
 * The programs of usrmerge(8) in bookworm, whose packages still have files in /bin, /sbin and /lib: all of them go below /usr, and
 * links take the place of the directories. What its manual calls conflicts, and renames, stops the build.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import type { Node } from "../../tree/node.js";

const DIRECTORIES = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libo32", "/libx32"];

/** convert-usrmerge(8). */
export const convertUsrmerge: Command = defineTool({}, (tool) => {
  const { tree } = tool.process;
  if (tool.operands.length > 0) tool.unsupported(tool.words.join(" "));
  for (const directory of DIRECTORIES) {
    const node = tree.lookup(directory, { follow: false });
    if (node?.type === "symlink") continue;
    if (node?.type === "directory") {
      if (tree.lookup(`/usr${directory}`) === undefined) tree.mkdir(`/usr${directory}`, { mode: 0o755 });
      for (const name of [...node.entries.keys()].sort()) convert(tool, `${directory}/${name}`);
      tree.removeAll(directory);
    } else if (node !== undefined) tool.unsupported(`with the file ${directory}`);
    if (tree.lookup(`/usr${directory}`) !== undefined) tree.symlink(`usr${directory}`, directory);
  }
  tool.out("The system has been successfully converted.\n");
  return 0;
});

function convert(tool: Tool, path: string): void {
  const { tree } = tool.process;
  const to = `/usr${path}`;
  const source = tree.get(path, { follow: false });
  const target = tree.lookup(to, { follow: false });
  const conflict = (): never => tool.unsupported(`with both ${path} and ${to}`);
  if (target === undefined) {
    if (tree.lookup(path)?.type === "directory") tree.rename(path, to);
    // By cp, one by one: what were hard links of each other are files of their own then.
    else tree.add(to, copyOf(source));
  } else if (target.type === "symlink" && tree.lookup(to) === undefined) conflict();
  else if (source.type === "symlink") {
    const parent = path.slice(0, path.lastIndexOf("/"));
    const second = target.type === "symlink" ? target.target : undefined;
    const same = [second, to, second && `/usr${parent}/${second}`].includes(source.target);
    if (tree.lookup(path) === undefined || !(same || `${parent}/${source.target}` === second)) conflict();
  } else if (target.type === "symlink") {
    if (target.target !== path) conflict();
    tree.unlink(to);
    tree.add(to, copyOf(source));
  } else if (source.type === "directory" && target.type === "directory")
    for (const name of [...source.entries.keys()].sort()) convert(tool, `${path}/${name}`);
  else conflict();
}

function copyOf(node: Node): Node {
  const xattrs = node.xattrs === undefined ? {} : { xattrs: new Map(node.xattrs) };
  return node.type === "directory" ? { ...node, ...xattrs } : { ...node, ...xattrs, links: 0 };
}

/** convert-etc-shells: each shell of /bin and /sbin is listed with its path below /usr too. */
export const convertEtcShells: Command = defineTool({}, (tool) => {
  const path = tool.absolute(tool.operands[0] || "/etc/shells");
  const text = tool.process.tree.readText(path);
  const shells = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const added = shells
    .filter((shell) => /^\/s?bin\//.test(shell))
    .map((shell) => `/usr${shell}`)
    .filter((shell) => !shells.includes(shell));
  if (added.length === 0) return 0;
  const list = [...shells, ...added].map((shell) => `${shell}\n`).join("");
  tool.process.tree.removeAll(path);
  tool.process.tree.write(path, list, { mode: 0o644, uid: 0, gid: 0 });
  return 0;
});
