/**
 * Clients and checkers of services, none of which runs while an image is built: each answers as it does in a chroot.
 */
import { type Command, NotEmulated } from "../../shell/process.js";
import { defineTool } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";

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

/** busctl(1) of systemd 257: no bus can be reached. */
export const busctl: Command = (process, args) => {
  if (args.some((word) => /^(?:-h|--help|--version)$/.test(word))) return process.unsupported(args.join(" "));
  process.stderr.write("Failed to connect to system scope bus via local transport: No such file or directory\n");
  return 1;
};

/** lpadmin(8) and lpinfo(8): without options they show what they are for, else no scheduler can be reached. */
export const lpClient: Command = (process, args) => {
  const name = args[0]!.slice(args[0]!.lastIndexOf("/") + 1);
  if (args.length < 2 || args.includes("--help")) return process.unsupported(args.join(" "));
  if (args.includes("-m") && name === "lpadmin")
    process.stderr.write(
      `${name}: Printer drivers are deprecated and will stop working in a future version of CUPS.\n`,
    );
  process.stderr.write(`${name}: ${name === "lpadmin" ? "Unable to connect to server: " : ""}Bad file descriptor\n`);
  return 1;
};

/** dmsetup(8): no kernel's device mapper can be asked. */
export const dmsetup: Command = (process, args) => {
  const asks = /^(?:deps|info|ls|status|table|targets|clear|create|load|mknodes|reload|remove|resume|suspend|wait)$/;
  const verb = args.slice(1).find((word) => !word.startsWith("-"));
  if (verb === undefined || !asks.test(verb) || args.some((word) => /^(?:-h|--help|--version)$/.test(word)))
    return process.unsupported(args.join(" "));
  process.stderr.write(`/dev/mapper/control: open failed: No such device
Failure to communicate with kernel device-mapper driver.
Check that device-mapper is available in the kernel.
Command failed.
`);
  return 1;
};

/** losetup(8): there are no loop devices. */
export const losetup: Command = defineTool({ short: "alJ", long: { all: "a", list: "l", json: "J" } }, (tool) => {
  const [device] = tool.operands;
  if (tool.operands.length > 1 || tool.has("J")) tool.unsupported(tool.words.join(" "));
  if (device === undefined) return 0;
  if (tool.find(device) !== undefined) tool.unsupported(`of ${device}`);
  return tool.die(`${device}: No such file or directory`);
});

/** init(8) of sysvinit, called to tell the one that runs something: there is none. */
export const telinit: Command = (process, args) => {
  if (args.length !== 2 || !/^[0-9SsQqAaBbCcUu]$/.test(args[1]!)) throw new NotEmulated();
  process.stderr.write(`${args[0]}: /run/initctl: No such file or directory\n`);
  return 1;
};

/** loadkeys(1): asked for the console before anything else. */
export const loadkeys: Command = (process, args) => {
  const shows = /^--(?:bkeymap|mktable|tkeymap|parse|help|version)|^-[a-z]*[bmphV]/;
  if (args.slice(1).some((word) => shows.test(word))) return process.unsupported(args.join(" "));
  process.stderr.write("Couldn't get a file descriptor referring to the console.\n");
  return 1;
};

/** setfont(8): no console is there, whatever font is asked for; what it would write of one is none either. */
export const setfont: Command = (process, args) => {
  if (args.some((word) => /^(?:-h|-V|--help|--version)$/.test(word))) return process.unsupported(args.join(" "));
  const console = /^(?:-C|--console)$/;
  const device = args[args.findIndex((word) => console.test(word)) + 1];
  const isGiven = args.some((word) => console.test(word)) && device !== undefined;
  if (isGiven && process.tree.lookup(process.absolute(device)) !== undefined)
    return process.unsupported(args.join(" "));
  process.stderr.write(
    isGiven ? `Couldn't open ${device}\n` : "Couldn't get a file descriptor referring to the console.\n",
  );
  return 1;
};

/** exim_dumpdb(8): shows a hints database, which a tree that was never started does not have. */
export const eximDumpdb: Command = defineTool({ short: "zk" }, (tool) => {
  const [spool, name = ""] = tool.operands;
  if (tool.operands.length !== 2 || !/^(?:retry|misc|wait-.*|callout|ratelimit|tls|seen)$/.test(name)) {
    tool.process.stderr.write(`Usage: ${tool.name} [-z] [-k]  <spool-directory> <database-name>
  <database-name> = retry | misc | wait-<transport-name> | callout | ratelimit | tls | seen
`);
    return 1;
  }
  const lock = `${spool}/db/${name}.lockfile`;
  if (tool.find(lock) !== undefined) tool.unsupported(tool.words.join(" "));
  tool.process.stderr.write(`** Failed to open database lock file ${lock}: No such file or directory\n`);
  return 1;
});

function storeOfJava(tree: Tree): string | undefined {
  if (tree.lookup("/usr/bin/keytool") === undefined) return undefined;
  return tree.realpath("/usr/bin/keytool").replace(/\/bin\/keytool$/, "/lib/security/cacerts");
}

/** keytool(1) of OpenJDK: Java's store is not made while an image is built, so there is none to list or to convert. */
export const keytool: Command = (process, args) => {
  const value = (name: string): string | undefined => args[args.indexOf(name) + 1 || args.length];
  const imports = args.includes("-importkeystore");
  const store = imports
    ? value("-srckeystore")
    : args.includes("-cacerts")
      ? storeOfJava(process.tree)
      : value("-keystore");
  const isKnown = imports || args.includes("-list");
  if (!isKnown || store === undefined || process.tree.lookup(process.absolute(store)) !== undefined)
    return process.unsupported(args.join(" "));
  if (imports) process.stderr.write(`Importing keystore ${store} to ${value("-destkeystore")}...\n`);
  const reason = imports
    ? `java.io.FileNotFoundException: ${store} (No such file or directory)`
    : `java.lang.Exception: Keystore file does not exist: ${store}`;
  process.stdout.write(`keytool error: ${reason}\n`);
  return 1;
};

/** linux-check-removal(8): the kernel that runs is not the image's. */
export const linuxCheckRemoval: Command = (process, args) => {
  if (args.length !== 2 || args[1] === "help" || args[1] === "--help") return process.unsupported(args.join(" "));
  return 0;
};
