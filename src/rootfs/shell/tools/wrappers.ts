/**
 * Programs that run another one under conditions that do not exist here: nice, nohup, timeout, ionice, setsid, stdbuf, chrt.
 */
import type { Command } from "../process.js";
import { quoteText } from "./quote.js";
import { runProgram } from "./run-program.js";
import { defineTool } from "./tool.js";

/** nice(1) of coreutils 9.7. */
export const nice: Command = (process, args) =>
  runNice(
    process,
    args.map((arg, i) => (i === 1 && /^-[-+]?[0-9]+$/.test(arg) ? `-n${arg.slice(1)}` : arg)),
  );

const runNice = defineTool(
  { short: "n:", long: { "adjustment=": "n" }, refused: "", failure: 125, operandsEndOptions: true },
  (tool) => {
    const adjustment = tool.value("n");
    if (adjustment !== undefined && !/^[-+]?[0-9]+$/.test(adjustment)) {
      tool.die(`invalid adjustment ${quoteText(adjustment)}`);
    }
    if (tool.operands.length === 0) {
      if (adjustment !== undefined) tool.usage("a command must be given with an adjustment");
      tool.out("0\n");
      return 0;
    }
    return runProgram(tool, tool.operands);
  },
);

/** nohup(1) of coreutils 9.7; nothing is a terminal here. */
export const nohup: Command = defineTool({ refused: "", failure: 125, operandsEndOptions: true }, (tool) => {
  if (tool.operands.length === 0) tool.usage("missing operand");
  return runProgram(tool, tool.operands, { message: (name, reason) => `failed to run command '${name}': ${reason}` });
});

/** timeout(1) of coreutils 9.7; no time passes. */
export const timeout: Command = defineTool(
  {
    short: "fk:ps:v",
    long: {
      foreground: "f",
      "kill-after=": "k",
      "preserve-status": "p",
      "signal=": "s",
      verbose: "v",
    },
    refused: "",
    failure: 125,
    operandsEndOptions: true,
  },
  (tool) => {
    const [duration, ...command] = tool.operands;
    if (duration === undefined || command.length === 0) return tool.usage();
    for (const time of [duration, ...tool.values("k")]) {
      if (!/^[0-9]*\.?[0-9]*[smhd]?$/.test(time) || !/[0-9]/.test(time))
        tool.usage(`invalid time interval ${quoteText(time)}`);
    }
    return runProgram(tool, command, { message: (name, reason) => `failed to run command '${name}': ${reason}` });
  },
);

/** stdbuf(1) of coreutils 9.7; nothing is buffered. */
export const stdbuf: Command = defineTool(
  {
    short: "i:o:e:",
    long: { "input=": "i", "output=": "o", "error=": "e" },
    refused: "",
    failure: 125,
    operandsEndOptions: true,
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("missing operand");
    if (tool.options.length === 0) tool.usage("you must specify a buffering mode option");
    return runProgram(tool, tool.operands, { message: (name, reason) => `failed to run command '${name}': ${reason}` });
  },
);

/** ionice(1) of util-linux 2.41. */
export const ionice: Command = defineTool(
  {
    short: "c:n:t",
    long: { "class=": "c", "classdata=": "n", ignore: "t" },
    refused: "hpPuV",
    refusedLong: ["pid", "pgid", "uid"],
    operandsEndOptions: true,
  },
  (tool) => {
    if (tool.operands.length === 0) return tool.unsupported("without a command");
    return runProgram(tool, tool.operands, { message: (name, reason) => `failed to execute ${name}: ${reason}` });
  },
);

/** setsid(1) of util-linux 2.41. */
export const setsid: Command = defineTool(
  {
    short: "cfw",
    long: { ctty: "c", fork: "f", wait: "w" },
    refused: "hV",
    operandsEndOptions: true,
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("no command specified");
    return runProgram(tool, tool.operands, { message: (name, reason) => `failed to execute ${name}: ${reason}` });
  },
);

/** flock(1) of util-linux 2.41: there is nobody to wait for. */
export const flock: Command = defineTool(
  {
    short: "sxeunw:E:oF",
    long: {
      shared: "s",
      exclusive: "x",
      unlock: "u",
      nonblock: "n",
      nb: "n",
      "timeout=": "w",
      wait: "w",
      "conflict-exit-code=": "E",
      close: "o",
      "no-fork": "F",
      verbose: "verbose",
    },
    refused: "chV",
    refusedLong: ["command", "fcntl"],
    operandsEndOptions: true,
  },
  (tool) => {
    const [target, ...command] = tool.operands;
    if (target === undefined) return tool.usage("requires file descriptor, file or directory");
    if (command.length === 0) {
      if (!/^[0-9]+$/.test(target)) tool.die(`bad file descriptor: ${quoteText(target)}`, 64);
      if (tool.process.files.has(Number(target))) return 0;
      return tool.die(`${target}: Bad file descriptor`, 65);
    }
    if (command[0] === "-c") tool.unsupported("-c");
    const existing = tool.find(target);
    if (existing === undefined)
      tool.process.tree.write(tool.absolute(target), "", { mode: 0o666 & ~tool.process.umask });
    return runProgram(tool, command, { message: (name, reason) => `failed to execute ${name}: ${reason}` });
  },
);
