/**
 * linux-run-hooks of linux-base: runs the hooks of kernel packages with run-parts(8).
 */
import type { Command } from "../../shell/process.js";

const HOOKS = new Map([
  ["image", { prefix: "", count: 2 }],
  ["headers", { prefix: "header_", count: 1 }],
]);

export const linuxRunHooks: Command = (process, args) => {
  const [, type = "", script = "", ...rest] = args;
  const hooks = HOOKS.get(type);
  const separator = rest.indexOf("--");
  if (args.includes("--help") || type === "help") return process.unsupported(args.join(" "));
  if (hooks === undefined || !/^(?:pre|post)(?:inst|rm)$/.test(script) || separator !== hooks.count) return 2;
  const directories = ["/etc/kernel", "/usr/share/kernel"]
    .map((root) => `${root}/${hooks.prefix}${script}.d`)
    .filter((path) => process.tree.lookup(path)?.type === "directory");
  if (directories.length === 0) return 0;
  const given = rest.slice(0, separator).map((word) => `--arg=${word}`);
  return process.run(["run-parts", "--report", "--exit-on-error", ...given, ...directories], {
    environment: { DEB_MAINT_PARAMS: rest.slice(separator + 1).join(" ") },
  });
};
