/**
 * update-rc.d(8) of init-system-helpers: the links of init scripts, by insserv where it is installed, else all with the number 01.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import { parseInitScript } from "./init-script.js";
import { makeRunLink, type RunLink, readRunLinks } from "./run-levels.js";

const SPEC: ToolSpec = { short: "f", operandsEndOptions: true, refused: "h" };

export const updateRc: Command = defineTool(SPEC, (tool) => {
  const [name, action, ...rest] = tool.operands;
  if (name === undefined || action === undefined) return usage(tool, "not enough arguments");
  if (tool.find("/usr/sbin/openrc") !== undefined) tool.unsupported("with openrc installed");
  switch (action) {
    case "remove":
      return remove(tool, name);
    case "start":
    case "stop":
      tool.say("warning: start and stop actions are no longer supported; falling back to defaults");
      return defaults(tool, name, "S");
    case "defaults":
      return defaults(tool, name, "S");
    case "defaults-disabled":
      return defaults(tool, name, "K");
    case "enable":
    case "disable":
      return toggle(tool, { name, action, levels: rest });
    default:
      return usage(tool);
  }
});

function usage(tool: Tool, message?: string): number {
  const complaint = message === undefined ? "" : `update-rc.d: error: ${message}\n`;
  tool.process.stderr.write(`${complaint}usage: update-rc.d [-f] <basename> remove
       update-rc.d [-f] <basename> defaults
       update-rc.d [-f] <basename> defaults-disabled
       update-rc.d <basename> disable|enable [S|2|3|4|5]
\t\t-f: force

The disable|enable API is not stable and might change in the future.
`);
  return 1;
}

/** insserv counts only when it is configured too. */
function insservPath(tool: Tool): string | undefined {
  const path = ["/sbin/insserv", "/usr/lib/insserv/insserv"].find((candidate) => tool.find(candidate)?.type === "file");
  return tool.find("/etc/insserv.conf") === undefined ? undefined : path;
}

/** Runs insserv, always with -f; its status. */
function runInsserv(tool: Tool, path: string, args: readonly string[]): number {
  return tool.process.run([path, "-f", ...args]);
}

function order(tool: Tool, path: string, args: readonly string[]): void {
  const status = runInsserv(tool, path, args);
  if (status !== 0) tool.die("error: insserv rejected the script header", status);
}

function linksOf(tool: Tool, name: string): RunLink[] {
  return readRunLinks(tool.process.tree).filter((link) => link.name === name);
}

function isScript(tool: Tool, name: string): boolean {
  return tool.find(`/etc/init.d/${name}`)?.type === "file";
}

function remove(tool: Tool, name: string): number {
  const path = insservPath(tool);
  if (path === undefined) for (const link of linksOf(tool, name)) tool.process.tree.unlink(link.path);
  else if (isScript(tool, name)) runInsserv(tool, path, ["-r", name]);
  else order(tool, path, []);
  return 0;
}

function defaults(tool: Tool, name: string, kind: "S" | "K"): number {
  const path = insservPath(tool);
  const linked = linksOf(tool, name).length > 0;
  if (path === undefined) {
    if (linked) return 0;
    if (!isScript(tool, name)) return tool.die(`error: unable to read /etc/init.d/${name}`);
    const script = parseInitScript(name, tool.process.tree.readText(`/etc/init.d/${name}`));
    for (const level of script?.defaultStart ?? []) makeRunLink(tool.process.tree, { level, kind, number: 1, name });
    for (const level of script?.defaultStop ?? [])
      makeRunLink(tool.process.tree, { level, kind: "K", number: 1, name });
    return 0;
  }
  if (kind === "K" && linked) return 0;
  if (!isScript(tool, name)) return tool.die(`error: initscript does not exist: /etc/init.d/${name}`);
  order(tool, path, [name]);
  if (kind === "K") toggleLinks(tool, { name, action: "disable", levels: [] });
  return 0;
}

interface Toggle {
  readonly name: string;
  readonly action: "enable" | "disable";
  readonly levels: readonly string[];
}

function toggle(tool: Tool, what: Toggle): number {
  toggleLinks(tool, what);
  const path = insservPath(tool);
  if (path !== undefined) order(tool, path, [what.name]);
  if (tool.process.environment.get("_SKIP_SYSTEMD_NATIVE") === "1") return 0;
  if (tool.find("/usr/bin/systemctl") === undefined) toggleUnit(tool, what);
  else {
    tool.process.run(["systemctl", "--root=/", "--quiet", what.action, what.name], {
      environment: { SYSTEMCTL_SKIP_SYSV: "1" },
    });
  }
  return 0;
}

/** Without systemctl the links of a unit of that name are made here. */
function toggleUnit(tool: Tool, { name, action }: Toggle): void {
  const { tree } = tool.process;
  const directories = ["/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"];
  const path = directories
    .map((directory) => `${directory}/${name}.service`)
    .find((one) => tool.find(one)?.type === "file");
  if (path === undefined) return;
  for (const [, target] of tree.readText(path).matchAll(/^\s*WantedBy=(.+)$/gim)) {
    const wants = `/etc/systemd/system/${target}.wants`;
    const link = `${wants}/${name}.service`;
    if (action === "enable") {
      tree.mkdirs(wants);
      if (tool.find(link, { follow: false }) === undefined) tree.symlink(path, link);
    } else if (tool.find(link) !== undefined) tree.unlink(link);
  }
}

/** Turns start links into stop links or back. */
function toggleLinks(tool: Tool, what: Toggle): void {
  const { tree } = tool.process;
  const paths = [
    `/etc/insserv/overrides/${what.name}`,
    `/etc/init.d/${what.name}`,
    `/usr/share/insserv/overrides/${what.name}`,
  ];
  const header = paths.find((path) => tool.find(path)?.type === "file");
  if (header === undefined) tool.die(`error: cannot find a LSB script for ${what.name}`);
  const levels =
    what.levels.length > 0 ? what.levels : (parseInitScript(what.name, tree.readText(header))?.defaultStart ?? []);
  if (levels.length === 0) tool.die(`error: ${what.name} Default-Start contains no runlevels, aborting.`);
  for (const level of levels) {
    if (!/^[S2345]$/.test(level)) tool.say(`warning: ${what.action} action will have no effect on runlevel ${level}`);
  }
  const links = linksOf(tool, what.name).filter((link) => /^[S2345]$/.test(link.level) && levels.includes(link.level));
  if (links.length === 0) tool.die("error: no runlevel symlinks to modify, aborting!");
  const kind = what.action === "disable" ? "K" : "S";
  for (const link of links) {
    if (link.kind === kind) continue;
    tree.rename(link.path, link.path.replace(/\/[SK]([^/]*)$/, `/${kind}$1`));
  }
}
