/** yes(1) of coreutils 9.7: a pipe that nobody reads any more, or the run's bounds, end it. */
import type { Command } from "../process.js";

export const yes: Command = (process, args) => {
  const line = `${args.slice(1).join(" ") || "y"}\n`;
  const block = line.repeat(Math.max(1, Math.floor(4096 / line.length)));
  for (;;) process.stdout.write(block);
};
