/**
 * Daemons that scripts ask for their settings: `sshd -G` (sshd(8); only the host keys, which is what openssh-server's script looks for)
 * and `chronyd -p` (chronyd(8)).
 */
import type { Command } from "../../shell/process.js";
import type { Tree } from "../../tree/tree.js";

const HOST_KEYS = ["rsa", "ecdsa", "ed25519"].map((type) => `/etc/ssh/ssh_host_${type}_key`);

export const sshd: Command = (process, args) => {
  if (args.length !== 2 || args[1] !== "-G") return process.unsupported(args.join(" "));
  const lines = directives(process.tree, "/etc/ssh/sshd_config");
  const keys = lines.flatMap((line) => /^HostKey\s+(\S+)/i.exec(line)?.[1] ?? []);
  for (const key of keys.length === 0 ? HOST_KEYS : keys) process.stdout.write(`hostkey ${key}\n`);
  return 0;
};

export const chronyd: Command = (process, args) => {
  if (args.length !== 2 || args[1] !== "-p") return process.unsupported(args.join(" "));
  const { tree } = process;
  const show = (path: string): void => {
    for (const line of directives(tree, path)) {
      const [word = "", ...values] = line.split(/\s+/);
      if (word === "include") values.forEach(show);
      else if (word === "confdir") for (const file of confDirectoryFiles(tree, values)) show(file);
      else process.stdout.write(`${line}\n`);
    }
  };
  show("/etc/chrony/chrony.conf");
  return 0;
};

/** The files of several directories, the first of a name. */
function confDirectoryFiles(tree: Tree, directories: readonly string[]): string[] {
  const files = new Map<string, string>();
  for (const directory of directories) {
    const node = tree.lookup(directory);
    if (node?.type !== "directory") continue;
    for (const name of node.entries.keys())
      if (name.endsWith(".conf") && !files.has(name)) files.set(name, `${directory}/${name}`);
  }
  return [...files.keys()].sort().map((name) => files.get(name)!);
}

function directives(tree: Tree, path: string): string[] {
  if (tree.lookup(path)?.type !== "file") return [];
  return tree
    .readText(path)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^[#!;%]/.test(line));
}
