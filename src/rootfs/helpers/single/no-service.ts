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

/** lpstat(1): asked for the scheduler, or for a queue of it. */
export const lpstat: Command = (process, args) => {
  if (args.at(-1) === "-r") process.stdout.write("scheduler is not running\n");
  return args.at(-1) === "-r" ? 0 : 1;
};

/** rndc-confgen(8) -a: an empty file takes the place of the key, which is a secret of each machine. */
export const rndcConfgen: Command = defineTool({ short: "a" }, (tool) => {
  const path = "/etc/bind/rndc.key";
  if (!tool.has("a")) tool.unsupported(tool.words.join(" "));
  tool.process.stderr.write(`rndc-confgen: ${path} stays empty: a key in an image is no secret\n`);
  tool.process.tree.write(path, "", { mode: 0o640 });
  return 0;
});

/** named-checkconf(1), and `exim4 -bV`: the packages' own settings are taken to be right. */
export const acceptsSettings: Command = (process, args) =>
  args[0]!.endsWith("exim4") && !args.includes("-bV") ? process.unsupported(args.join(" ")) : 0;

/** stty(1), kbd_mode(1): no terminal is there. */
export const noTerminal: Command = (process, args) => {
  process.stderr.write(`${args[0]}: 'standard input': Inappropriate ioctl for device\n`);
  return 1;
};

/** findmnt(8), vgcfgbackup(8): nothing is mounted, and there are no volumes. */
export const nothingMounted: Command = () => 1;
export const noVolumes: Command = () => 0;
