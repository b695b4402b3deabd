/**
 * Programs that look at processes and disks: at build time no process runs and the disk has room.
 */
import type { Command } from "../shell/process.js";
import { defineTool } from "../shell/tools/tool.js";

/** pgrep(1), pkill(1), pidof(1), fuser(1), lsof(8) and killall(1): nothing is found. */
export const noProcess: Command = () => 1;

/** 1 GiB, in blocks of 1 KiB: what df(1) says is free, wherever it is asked. */
const FREE_BLOCKS = 1 << 20;

/** df(1) of coreutils 9.7, asked for the free room alone. */
export const df: Command = defineTool({ short: "kP", long: { "output=": "output", portability: "P" } }, (tool) => {
  if (tool.value("output") !== "avail" || tool.operands.length !== 1) tool.unsupported(tool.words.join(" "));
  tool.stat(tool.operands[0]!);
  tool.out(`   Avail\n${String(FREE_BLOCKS).padStart(8)}\n`);
  return 0;
});
