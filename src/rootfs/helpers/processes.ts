/**
 * Programs that look at processes and disks: at build time no process runs and the disk has room. Options that only choose among
 * processes are taken; what would print or answer something else stops the build.
 */
import type { Command } from "../shell/process.js";
import { defineTool, type ToolSpec } from "../shell/tools/tool.js";

/** A command that finds no process. The first signal (`-TERM`, `-9`) is no option of getopt's. */
function findsNone(spec: ToolSpec, { signals = false, operands = true } = {}): Command {
  const tool = defineTool({ ...spec, failure: 1 }, (running) => {
    if (!operands && running.operands.length > 0) running.unsupported(running.words.join(" "));
    return 1;
  });
  return (process, [name = "", ...words]) => {
    const at = signals ? words.findIndex((word) => /^-(?:\d+|(?:SIG)?[A-Z]{2,}[+\d-]*)$/.test(word)) : -1;
    return tool(process, [name, ...words.filter((_, i) => i !== at)]);
  };
}

// procps 4.0.4. Not -v, which finds what does not match, nor -c, which counts.
const CHOOSING: ToolSpec = {
  short: "d:lafg:G:inoO:P:qr:s:t:u:U:wxF:LAHme",
  long: {
    "delimiter=": "d",
    "list-name": "l",
    "list-full": "a",
    full: "f",
    "pgroup=": "g",
    "group=": "G",
    "ignore-case": "i",
    newest: "n",
    oldest: "o",
    "older=": "O",
    "parent=": "P",
    "queue=": "q",
    "runstates=": "r",
    "session=": "s",
    "signal=": "signal",
    "terminal=": "t",
    "euid=": "u",
    "uid=": "U",
    lightweight: "w",
    exact: "x",
    "pidfile=": "F",
    logpidfile: "L",
    "ignore-ancestors": "A",
    "require-handler": "H",
    "cgroup=": "cgroup",
    "ns=": "ns",
    "nslist=": "nslist",
    echo: "e",
  },
};

/** pgrep(1) and pkill(1). */
export const pgrep: Command = findsNone(CHOOSING, { signals: true });

/** pidof(8) of sysvinit: by that name alone; killall5 itself would signal whatever runs on the building machine. */
export const killall5: Command = (process, args) =>
  args[0]!.endsWith("pidof") ? findsNone({ short: "scnxzqo:d:" })(process, args) : process.unsupported(args.join(" "));

/** killall(1) of psmisc 23.7. Not -l, which lists signals. */
export const killall: Command = findsNone({ short: "egiIqrs:u:vwy:o:n:" }, { signals: true });

/** fuser(1) of psmisc. */
export const fuser: Command = findsNone({ short: "acfikmMn:suvwI46" }, { signals: true });

/** lsof(8), asked who has files open. */
export const lsof: Command = findsNone({ short: "ntwPb" });

/** 1 GiB, in blocks of 1 KiB: what df(1) says is free, wherever it is asked. */
const FREE_BLOCKS = 1 << 20;

/** df(1) of coreutils 9.7, asked for the free room alone, or for the type: without a table of what is mounted that is unknown. */
export const df: Command = defineTool({ short: "kP", long: { "output=": "output", portability: "P" } }, (tool) => {
  const field = tool.value("output");
  if ((field !== "avail" && field !== "fstype") || tool.operands.length !== 1) tool.unsupported(tool.words.join(" "));
  tool.stat(tool.operands[0]!);
  if (field === "fstype") {
    tool.process.stderr.write(
      `${tool.name}: Warning: cannot read table of mounted file systems: No such file or directory\n`,
    );
    tool.out("Type\n-\n");
    return 0;
  }
  tool.out(`   Avail\n${String(FREE_BLOCKS).padStart(8)}\n`);
  return 0;
});
