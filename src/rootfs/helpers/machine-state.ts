/**
 * Programs that ask about the running machine: at build time nothing runs and nothing is mounted, as in a chroot.
 */
import type { Command } from "../shell/process.js";
import { defineTool } from "../shell/tools/tool.js";

/** runlevel(8) where there is no /run/utmp. */
export const runlevel: Command = (process) => {
  process.stdout.write("unknown\n");
  return 1;
};

/** ischroot(1) of debianutils: yes. */
export const ischroot: Command = defineTool(
  { short: "ft", long: { "default-false": "f", "default-true": "t" }, refused: "" },
  () => 0,
);

/** The status of mountpoint(1) of util-linux for what is no mount point. */
const NOT_A_MOUNTPOINT = 32;

/** mountpoint(1): the root is one, and what mmdebstrap mounts. */
export const mountpoint: Command = defineTool(
  { short: "q", long: { quiet: "q", nofollow: "nofollow" }, refused: "dx", refusedLong: ["fs-devno", "devno"] },
  (tool) => {
    const [path] = tool.operands;
    if (path === undefined || tool.operands.length > 1) return tool.die("bad usage", 1);
    const node = tool.find(path);
    if (node === undefined) {
      if (!tool.has("q")) tool.say(`${path}: No such file or directory`);
      return 1;
    }
    const { tree } = tool.process;
    const isMounted = ["/", "/proc", "/sys"].some((mounted) => node === tree.lookup(mounted));
    if (!tool.has("q")) tool.out(`${path} is ${isMounted ? "" : "not "}a mountpoint\n`);
    return isMounted ? 0 : NOT_A_MOUNTPOINT;
  },
);
