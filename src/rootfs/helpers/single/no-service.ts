/**
 * Clients and checkers of services, none of which runs while an image is built: each answers as it does in a chroot.
 */
import type { Command } from "../../shell/process.js";
import { defineTool } from "../../shell/tools/tool.js";

/** udevadm(8): without a udev there is nobody to tell. */
export const udevadm: Command = (process, args) => {
  switch (args[1]) {
    case "--version":
      process.stdout.write("257\n");
      return 0;
    case "control":
    case "settle":
    case "trigger":
      return 0;
    default:
      return process.unsupported(args.join(" "));
  }
};

/** dbus-uuidgen(1): the machine's identity is made at boot. */
export const dbusUuidgen: Command = (process, args) =>
  args[1]?.startsWith("--ensure") && args.length === 2 ? 0 : process.unsupported(args.join(" "));

/** dbus-send(1): no message bus can be reached. */
export const dbusSend: Command = (process) => {
  process.stderr.write("Failed to open connection to message bus: No such file or directory\n");
  return 1;
};

/** systemd-sysctl(8): settings of the kernel that runs, which is not the image's. */
export const systemdSysctl: Command = defineTool({ long: { "prefix=": "prefix", strict: "strict" } }, () => 0);

/** lpstat(1): asked for the scheduler, or for one queue of it. */
export const lpstat: Command = defineTool({ short: "h:rp:E" }, (tool) => {
  if (tool.has("r") === tool.has("p") || tool.operands.length > 0) tool.unsupported(tool.words.join(" "));
  if (tool.has("r")) tool.out("scheduler is not running\n");
  return tool.has("r") ? 0 : 1;
});

/** rndc-confgen(8) -a: an empty file takes the place of the key, which is a secret of each machine. */
export const rndcConfgen: Command = defineTool({ short: "a" }, (tool) => {
  const path = "/etc/bind/rndc.key";
  if (!tool.has("a")) tool.unsupported(tool.words.join(" "));
  tool.process.stderr.write(`rndc-confgen: ${path} stays empty: a key in an image is no secret\n`);
  tool.process.tree.write(path, "", { mode: 0o640 });
  return 0;
});

/** named-checkconf(1): the package's own settings are taken to be right. */
export const namedCheckconf: Command = defineTool({}, (tool) => {
  const [path, ...others] = tool.operands;
  if (path !== undefined && others.length > 0) tool.unsupported(tool.words.join(" "));
  tool.stat(path ?? "/etc/bind/named.conf");
  return 0;
});

/** exim4(8) -bV, which reads the settings and says what it is: they are the package's own. */
export const exim: Command = (process, args) => {
  const others = args.slice(1).filter((word, i, all) => word !== "-bV" && word !== "-C" && all[i - 1] !== "-C");
  return args.includes("-bV") && others.length === 0 ? 0 : process.unsupported(args.join(" "));
};

/** stty(1), kbd_mode(1): no terminal is there, whatever is asked of it. */
export const noTerminal: Command = (process, args) => {
  process.stderr.write(`${args[0]}: 'standard input': Inappropriate ioctl for device\n`);
  return 1;
};

/** findmnt(8): nothing is mounted that could be listed. */
export const findmnt: Command = defineTool(
  {
    short: "nvo:t:S:T:M:O:rfkmsu",
    long: { noheadings: "n", nofsroot: "v", "output=": "o", "types=": "t", "source=": "S", "target=": "T", raw: "r" },
  },
  () => 1,
);

/** vgcfgbackup(8) of lvm2: there are no volume groups to save; its directory of locks is made. */
export const lvm: Command = (process, args) => {
  const isBackup = args[0]!.endsWith("vgcfgbackup") && args.slice(1).every((word) => /^-(?:v+|q+|-quiet)$/.test(word));
  if (!isBackup) return process.unsupported(args.join(" "));
  process.tree.mkdirs("/run/lock/lvm", { mode: 0o700 });
  return 0;
};

/** bootctl(1): no EFI system partition is mounted. */
export const bootctl: Command = defineTool(
  { short: "pxq", long: { "print-esp-path": "p", "print-boot-path": "x", quiet: "q" } },
  (tool) => {
    if (tool.operands.length > 0 || tool.has("p") === tool.has("x")) tool.unsupported(tool.words.join(" "));
    if (!tool.has("q")) tool.process.stderr.write("Couldn't find EFI system partition.\n");
    return 1;
  },
);
