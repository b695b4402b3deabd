import { describe, expect, it } from "vitest";
import { elfClosure } from "#dist/initramfs/root-init/elf-closure.js";
import { Tree } from "#dist/rootfs/tree/tree.js";
import { makeElf } from "../../fixtures/elf/make-elf.js";

const LIBRARIES = "/usr/lib/x86_64-linux-gnu";

function packages(): Tree {
  const tree = new Tree();
  for (const path of [LIBRARIES, "/usr/lib64", "/usr/sbin"]) tree.mkdirs(path);
  tree.symlink("usr/lib", "/lib");
  tree.symlink("usr/lib64", "/lib64");
  const interpreter = "/lib64/ld-linux-x86-64.so.2";
  tree.write("/usr/sbin/tool", makeElf({ interpreter, needed: ["liba.so.1", "libc.so.6"] }));
  tree.write("/usr/sbin/static", makeElf());
  tree.write(`${LIBRARIES}/liba.so.1.2`, makeElf({ needed: ["libb.so", "libc.so.6"] }));
  tree.symlink("liba.so.1.2", `${LIBRARIES}/liba.so.1`);
  // The two need each other.
  tree.write(`${LIBRARIES}/libb.so`, makeElf({ needed: ["liba.so.1"] }));
  tree.write(`${LIBRARIES}/libc.so.6`, makeElf({ needed: ["ld-linux-x86-64.so.2"] }));
  tree.write(`${LIBRARIES}/libunused.so`, makeElf());
  tree.write(`${LIBRARIES}/ld-linux-x86-64.so.2`, makeElf());
  tree.symlink("../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/usr/lib64/ld-linux-x86-64.so.2");
  return tree;
}

describe("elfClosure", () => {
  it("is a program, its interpreter, and the libraries of libraries, each once", () => {
    expect(elfClosure(packages(), ["/usr/sbin/tool", "/usr/sbin/static"])).toEqual([
      "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
      "/lib/x86_64-linux-gnu/liba.so.1",
      "/lib/x86_64-linux-gnu/libb.so",
      "/lib/x86_64-linux-gnu/libc.so.6",
      "/lib64/ld-linux-x86-64.so.2",
      "/usr/sbin/static",
      "/usr/sbin/tool",
    ]);
  });

  it.each([
    ["a program", "/usr/sbin/other", (_: Tree) => {}, "/usr/sbin/other, which the initramfs needs"],
    ["a library", "/usr/sbin/tool", (tree: Tree) => tree.unlink(`${LIBRARIES}/libb.so`), "libb.so, which /lib/"],
    ["no ELF file", "/usr/sbin/tool", (tree: Tree) => tree.write("/usr/sbin/tool", "#!/bin/sh\n"), "is no ELF file"],
  ])("refuses what is missing: %s", (_, program, change, message) => {
    const tree = packages();
    change(tree);
    expect(() => elfClosure(tree, [program])).toThrow(
      expect.objectContaining({ code: "initramfs/program-missing", message: expect.stringContaining(message) }),
    );
  });
});
