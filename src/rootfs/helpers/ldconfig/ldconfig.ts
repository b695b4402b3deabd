/**
 * ldconfig(8) of glibc: reads ld.so.conf, links sonames to libraries, and writes /etc/ld.so.cache. The auxiliary cache is not
 * written: it holds inode numbers and times of the machine that made it.
 */
import { byteStringToText } from "../../../bytes/content.js";
import { globPaths } from "../../overlay/glob.js";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";
import { type CacheEntry, compareLibraryNames, writeLdSoCache } from "./cache-file.js";
import { readSharedObject } from "./shared-object.js";

const SPEC: ToolSpec = {
  short: "vr:NXc:iV",
  long: { verbose: "v", "format=": "c", "ignore-aux-cache": "i", version: "V" },
  refused: "C:f:lnp",
  refusedLong: ["print-cache"],
};

const MACHINES: Readonly<Record<string, number>> = { "62/64": 0x0300, "62/32": 0x0800, "3/32": 0, "183/64": 0x0a00 };
const ELF_LIBC6 = 3;

/** Directories that the dynamic loader of amd64 always searches, after those of ld.so.conf. */
const SYSTEM_DIRECTORIES = ["/lib", "/usr/lib"];

export const ldconfig: Command = defineTool(SPEC, (tool) => {
  if (tool.has("V")) tool.unsupported("--version");
  const root = tool.value("r") ?? "/";
  if (root !== "/") tool.unsupported(`-r ${root}`);
  updateLinkerCache(tool, { links: !tool.has("X"), cache: !tool.has("N") });
  return 0;
});

function updateLinkerCache(tool: Tool, wanted: { readonly links: boolean; readonly cache: boolean }): void {
  const { tree } = tool.process;
  const entries: CacheEntry[] = [];
  for (const directory of searchedDirectories(tree)) {
    const hardware = tree.lookup(`${directory}/glibc-hwcaps`);
    if (hardware?.type === "directory" && hardware.entries.size > 0) tool.unsupported(`with ${directory}/glibc-hwcaps`);
    for (const [soname, library] of librariesIn(tree, directory)) {
      const path = `${directory}/${soname}`;
      if (wanted.links && soname !== library.name && tree.lookup(path, { follow: false }) === undefined)
        tree.symlink(library.name, path);
      if (tree.lookup(path) !== undefined) entries.push({ soname, path, flags: library.flags });
    }
  }
  if (wanted.cache) tree.write("/etc/ld.so.cache", writeLdSoCache(entries, generatorOf(tool)), { mode: 0o644 });
}

interface Library {
  /** File that the soname link points to. */
  readonly name: string;
  readonly flags: number;
}

/** The newest library of every soname in a directory. */
function librariesIn(tree: Tree, directory: string): Map<string, Library> {
  const found = new Map<string, Library>();
  const node = tree.directory(directory);
  for (const name of [...node.entries.keys()].sort()) {
    if (!/^(lib|ld-).*\.so/.test(name) || /\.dpkg-(new|tmp)$/.test(name)) continue;
    const entry = node.entries.get(name)!;
    const target = entry.type === "symlink" ? tree.lookup(`${directory}/${name}`) : entry;
    if (target?.type !== "file") continue;
    const object = readSharedObject(target.content);
    if (object === undefined) continue;
    const machine = MACHINES[`${object.machine}/${object.class}`];
    if (machine === undefined) continue;
    const stated = object.soname ?? name;
    // A link is found under the soname; one for compiling (`libx.so`) also under its own name, where the soname begins with it
    // (observed: libcrypt.so for libcrypt.so.1, but not libLLVM-19.so for libLLVM.so.19.1).
    const own = entry.type === "symlink" && isDevelopmentLink(name, stated);
    const soname = own ? name : stated;
    const before = found.get(soname);
    if (before === undefined || isNewer(name, before.name, soname))
      found.set(soname, { name, flags: ELF_LIBC6 | machine });
  }
  return found;
}

function isDevelopmentLink(name: string, soname: string): boolean {
  return name !== soname && name.endsWith(".so") && soname.startsWith(name);
}

function isNewer(name: string, before: string, soname: string): boolean {
  if (name === soname) return false;
  return before === soname ? false : compareLibraryNames(name, before) > 0;
}

/** The directories of ld.so.conf and the system's own, each real directory once, in order. */
function searchedDirectories(tree: Tree): string[] {
  const stated = [...confDirectories(tree, "/etc/ld.so.conf", 0), ...SYSTEM_DIRECTORIES];
  const seen = new Set<string>();
  return stated.filter((directory) => {
    const node = tree.lookup(directory);
    if (node?.type !== "directory") return false;
    const real = tree.realpath(directory);
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function confDirectories(tree: Tree, path: string, depth: number): string[] {
  if (depth > 10 || tree.lookup(path)?.type !== "file") return [];
  return tree
    .readText(path)
    .split("\n")
    .flatMap((line) => {
      const text = line.replace(/#.*/, "").trim();
      if (text === "" || text.startsWith("hwcap ")) return [];
      const include = /^include[ \t]+(.+)$/.exec(text);
      if (include === null) return [text.replace(/(.)\/+$/, "$1")];
      return include[1]!
        .split(/[ \t]+/)
        .flatMap((pattern) => globPaths(tree, byteStringToText(pattern.startsWith("/") ? pattern : `/etc/${pattern}`)))
        .flatMap((file) => confDirectories(tree, file, depth + 1));
    });
}

/** `ldconfig (Debian GLIBC 2.41-12) stable release version 2.41`, out of the program in the tree. */
function generatorOf(tool: Tool): string {
  for (const path of ["/usr/sbin/ldconfig", "/sbin/ldconfig", "/sbin/ldconfig.real"]) {
    if (tool.find(path)?.type !== "file") continue;
    const text = Buffer.from(tool.process.tree.read(path)).toString("latin1");
    const found = /ldconfig \([^)\0]*\) [a-z]+ release version [0-9.]+/.exec(text);
    if (found !== null) return found[0];
  }
  return tool.unsupported("of an unknown version");
}
