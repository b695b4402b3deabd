/**
 * Pathname expansion: names of the tree that match a pattern, in byte order.
 */
import type { DirectoryNode } from "../tree/node.js";
import { hasMagic, matchPattern, unquotePattern } from "./pattern.js";
import type { Shell } from "./shell.js";

/** The paths that match, or the field itself where none does. */
export function expandPath(shell: Shell, pattern: string, text: string): string[] {
  if (!hasMagic(pattern)) return [text];
  const found = matchPaths(shell, pattern);
  if (found.length > 0) return found.sort();
  if (shell.options.has("nullglob")) return [];
  if (shell.options.has("failglob")) shell.fail(`no match: ${text}`, 1);
  return [text];
}

/** All paths that match a pattern, unsorted. */
function matchPaths(shell: Shell, pattern: string): string[] {
  // A run of slashes stays as it is written, so components keep the slashes before them.
  const components = pattern.split(/(\/+)/);
  let paths = [""];
  for (let i = 0; i < components.length && paths.length > 0; i += 2) {
    const component = components[i]!;
    const slashes = components[i + 1] ?? "";
    const last = slashes === "";
    if (component !== "") {
      paths = hasMagic(component)
        ? paths.flatMap((path) => matchNames(shell, path, { component, directories: !last }))
        : paths.map((path) => path + unquotePattern(component)).filter((path) => exists(shell, path, last));
    }
    paths = paths.map((path) => path + slashes);
  }
  return paths.filter((path) => path !== "");
}

function exists(shell: Shell, path: string, last: boolean): boolean {
  const node = shell.process.tree.lookup(shell.process.absolute(path), { follow: !last });
  return node !== undefined && (last || node.type === "directory");
}

interface NameSearch {
  readonly component: string;
  readonly directories: boolean;
}

function matchNames(shell: Shell, path: string, { component, directories }: NameSearch): string[] {
  const { tree, cwd } = shell.process;
  const directory = tree.lookup(path === "" ? cwd : shell.process.absolute(path));
  if (directory?.type !== "directory") return [];
  const compiled = shell.process.system.pattern(component, shell.dialect);
  const bash = shell.dialect === "bash";
  const hidden = component.startsWith(".") || component.startsWith("\\.") || (bash && shell.options.has("dotglob"));
  const names = [...directory.entries.keys(), ...(bash || !hidden ? [] : [".", ".."])];
  return names
    .filter((name) => (hidden || !name.startsWith(".")) && matchPattern(compiled, name))
    .filter((name) => !directories || leadsToDirectory(shell, { directory, name, path: path + name }))
    .map((name) => path + name);
}

interface Entry {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly path: string;
}

function leadsToDirectory(shell: Shell, { directory, name, path }: Entry): boolean {
  const node = directory.entries.get(name);
  if (node !== undefined && node.type !== "symlink") return node.type === "directory";
  return shell.process.tree.lookup(shell.process.absolute(path))?.type === "directory";
}
