/**
 * The files that a program needs to run: itself, its interpreter (PT_INTERP) and the shared libraries that it and they ask for
 * (DT_NEEDED; System V gABI, chapter 5), found where glibc's loader of amd64 looks without a cache. Checked by: the loader itself, in the
 * boot test.
 */

import { AssembleError } from "../../errors/assemble-error.js";
import { parseElf, readString, sectionBytes } from "../../rootfs/helpers/elf.js";
import { readSharedObject } from "../../rootfs/helpers/ldconfig/shared-object.js";
import type { Tree } from "../../rootfs/tree/tree.js";

const LIBRARY_DIRECTORIES = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/lib", "/usr/lib"];

/**
 * Paths of all files that the programs need, as they are asked for (behind them may be links), in byte order.
 *
 * @throws AssembleError `initramfs/program-missing`
 */
export function elfClosure(tree: Tree, programs: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (path: string, by: string): void => {
    if (found.has(path)) return;
    const node = tree.lookup(path);
    if (node?.type !== "file") throw missing(path, by);
    found.add(path);
    const bytes = node.content.read();
    const elf = parseElf(bytes);
    if (elf === undefined) throw missing(path, by, "is no ELF file");
    const interpreter = sectionBytes(elf, ".interp");
    if (interpreter !== undefined) visit(readString(interpreter, 0), path);
    for (const name of readSharedObject(node.content)?.needed ?? []) {
      const place = LIBRARY_DIRECTORIES.map((directory) => `${directory}/${name}`).find(
        (candidate) => tree.lookup(candidate)?.type === "file",
      );
      if (place === undefined) throw missing(name, path);
      visit(place, path);
    }
  };
  for (const program of programs) visit(program, "the initramfs");
  return [...found].sort();
}

function missing(path: string, by: string, is = "is in none of its packages"): AssembleError {
  return new AssembleError(
    "initramfs/program-missing",
    `Cannot make the initramfs that mounts the root: ${path}, which ${by} needs, ${is}`,
  );
}
