/**
 * Programs that ask about the running machine or write to it: a tree under construction has neither terminal, users, log, mounts
 * nor kernel settings.
 */
import type { Command } from "../process.js";
import { openRead, readAll } from "./open.js";
import { quoteText } from "./quote.js";
import { defineTool } from "./tool.js";

/** tty(1) of coreutils 9.7. */
export const tty: Command = defineTool(
  { short: "s", long: { silent: "s", quiet: "s" }, refused: "", usage: 2 },
  (tool) => {
    if (!tool.has("s")) tool.out("not a tty\n");
    return 1;
  },
);

/** nproc(1) of coreutils 9.7: always one, so that nothing built depends on the host. */
export const nproc: Command = defineTool({ long: { all: "all", "ignore=": "ignore" }, refused: "" }, (tool) => {
  if (tool.operands.length > 0) tool.usage(`extra operand ${quoteText(tool.operands[0]!)}`);
  tool.out("1\n");
});

/** who(1) and users(1) of coreutils 9.7: nobody is logged in. */
export const who: Command = () => 0;
export const users: Command = () => 0;

/** logname(1) of coreutils 9.7. */
export const logname: Command = defineTool({ refused: "" }, (tool) => tool.die("no login name"));

/** logger(1) of bsdutils: there is no log. Without a message it reads its input, as the real one does. */
export const logger: Command = defineTool(
  {
    short: "eif:n:P:p:S:st:Tdu:",
    long: {
      "skip-empty": "e",
      "id?": "i",
      "file=": "f",
      "server=": "n",
      "port=": "P",
      "priority=": "p",
      "size=": "S",
      stderr: "s",
      "tag=": "t",
      tcp: "T",
      udp: "d",
      "socket=": "u",
    },
    refused: "hV",
    refusedLong: [
      "journald",
      "msgid",
      "no-act",
      "octet-count",
      "prio-prefix",
      "rfc3164",
      "rfc5424",
      "sd-id",
      "sd-param",
      "socket-errors",
    ],
  },
  (tool) => {
    if (tool.has("s")) tool.unsupported("-s");
    const file = tool.value("f");
    if (tool.operands.length === 0) readAll(file === undefined ? tool.process.stdin : openRead(tool.process, file));
  },
);

/** hostname(1): only asks; the name is the recipe's. */
export const hostname: Command = defineTool(
  { short: "fsd", long: { fqdn: "f", long: "f", short: "s", domain: "d" } },
  (tool) => {
    if (tool.operands.length > 0) tool.unsupported("setting the name");
    const name = tool.process.system.machine.nodename;
    if (!tool.has("f") && !tool.has("d")) tool.out(`${tool.has("s") ? name.split(".")[0] : name}\n`);
    else {
      // No resolver is there: the full name is the one that /etc/hosts has first beside it.
      const hosts = tool.find("/etc/hosts")?.type === "file" ? tool.process.tree.readText("/etc/hosts") : "";
      const lines = hosts.split("\n").map((line) => line.replace(/#.*/, "").trim().split(/\s+/).slice(1));
      const full = lines.find((names) => names.includes(name))?.[0];
      if (full === undefined) return tool.die("Name or service not known");
      const [, domain = ""] = /^[^.]*\.(.*)$/.exec(full) ?? [];
      // Of a name without a dot nothing is written, not even the line's end.
      if (!tool.has("d") || domain !== "") tool.out(`${tool.has("d") ? domain : full}\n`);
    }
    return undefined;
  },
);

/** mountpoint(1) of util-linux 2.41: only the root is mounted. */
export const mountpoint: Command = defineTool(
  { short: "q", long: { quiet: "q", nofollow: "nofollow" }, refused: "dxhV", refusedLong: ["fs-devno", "devno"] },
  (tool) => {
    const [operand] = tool.operands;
    if (operand === undefined || tool.operands.length > 1) return tool.usage("bad usage");
    const node = tool.stat(operand);
    const mounted = node === tool.process.tree.root;
    if (!tool.has("q")) tool.out(`${operand} is ${mounted ? "" : "not "}a mountpoint\n`);
    return mounted ? 0 : 32;
  },
);

/** ischroot(1) of debianutils: a tree under construction is one. */
export const ischroot: Command = defineTool(
  { short: "ft", long: { "default-false": "f", "default-true": "t" } },
  () => 0,
);

/** runlevel(8): nothing was booted. */
export const runlevel: Command = (process) => {
  process.stdout.write("unknown\n");
  return 1;
};

/** nscd(8) with -i: no daemon runs. */
export const nscd: Command = defineTool({ short: "i:", long: { "invalidate=": "i" } }, (tool) => {
  if (!tool.has("i")) tool.unsupported("as a daemon");
  return 1;
});

/** sysctl(8) of procps: settings of a kernel that does not run are left for the first boot. */
export const sysctl: Command = defineTool(
  {
    short: "eqwr:p::",
    long: { ignore: "e", quiet: "q", write: "w", "pattern=": "r", "load?": "p", system: "system" },
  },
  (tool) => {
    const reads = !tool.has("p") && !tool.has("system") && tool.operands.some((operand) => !operand.includes("="));
    if (reads || (tool.operands.length === 0 && tool.options.length === 0)) tool.unsupported("reading a setting");
    if (!tool.has("q")) tool.unsupported("without -q");
  },
);
