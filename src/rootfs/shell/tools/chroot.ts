/** chroot(1) of coreutils 9.7: the program sees another tree whose root is the directory. */
import { FileSystemError } from "../../tree/file-system-error.js";
import { Tree } from "../../tree/tree.js";
import type { Command } from "../process.js";
import { quoteAlways } from "./quote.js";
import { defineTool } from "./tool.js";

export const chroot: Command = defineTool(
  {
    long: { "skip-chdir": "skip" },
    refused: "",
    refusedLong: ["groups", "userspec"],
    failure: 125,
    operandsEndOptions: true,
  },
  (tool) => {
    const [directory, ...command] = tool.operands;
    if (directory === undefined) return tool.usage("missing operand");
    if (command.length === 0) return tool.unsupported("without a command");
    const { process } = tool;
    try {
      const root = process.tree.directory(tool.absolute(directory));
      const tree =
        root === process.tree.root
          ? process.tree
          : new Tree({ root, epoch: process.tree.epoch, user: process.tree.user });
      if (tool.has("skip") && tree !== process.tree)
        tool.die("option --skip-chdir only permitted if NEWROOT is old '/'");
      const status = process.run(command, { tree, cwd: "/" });
      if (status === 127 && tree.lookup(command[0]!) === undefined && command[0]!.includes("/")) {
        tool.say(`failed to run command ${quoteAlways(command[0]!)}: No such file or directory`);
      }
      return status;
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return tool.die(`cannot change root directory to ${quoteAlways(directory)}: ${error.text}`);
    }
  },
);
