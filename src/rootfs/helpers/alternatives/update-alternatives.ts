/**
 * update-alternatives(1) of dpkg 1.22: installs, removes, sets and shows alternatives. `--config` and `--all` keep what is there, since
 * nobody answers; the log is not written.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import { type Choice, formatLinkGroup, type LinkGroup, parseLinkGroup } from "./alternative-file.js";
import { bestChoice, currentChoice, linkGroup, removeLink, unlinkGroup } from "./link-alternatives.js";

const DATABASE = "/var/lib/dpkg/alternatives";

const SPEC: ToolSpec = {
  long: {
    install: "install",
    slave: "slave",
    remove: "remove",
    "remove-all": "remove-all",
    set: "set",
    auto: "auto",
    display: "display",
    list: "list",
    query: "query",
    config: "config",
    "get-selections": "get-selections",
    quiet: "quiet",
    verbose: "verbose",
    force: "force",
    "skip-auto": "skip-auto",
    "log=": "log",
  },
  refused: "",
  refusedLong: ["altdir", "admindir", "instdir", "root", "all", "set-selections", "debug", "help", "version"],
  failure: 2,
};

const ACTIONS = [
  "install",
  "remove",
  "remove-all",
  "set",
  "auto",
  "display",
  "list",
  "query",
  "config",
  "get-selections",
];

export const updateAlternatives: Command = defineTool(SPEC, (tool) => {
  const actions = ACTIONS.filter((action) => tool.has(action));
  if (actions.length > 1) return tool.die(`two commands specified: --${actions[1]} and --${actions[0]}`);
  const [name, path] = tool.operands;
  switch (actions[0]) {
    case "install":
      return install(tool);
    case "get-selections":
      return getSelections(tool);
    case undefined:
      return tool.die(
        "need --display, --query, --list, --get-selections, --config, --set, --set-selections, --install, --remove, --all, --remove-all or --auto",
      );
  }
  if (name === undefined) return tool.die(`--${actions[0]} needs <name>`);
  const group = readGroup(tool, name);
  if (actions[0] === "remove")
    return path === undefined ? tool.die("--remove needs <name> <path>") : remove(tool, { name, group, path });
  if (group === undefined) {
    if (actions[0] === "remove-all") return 0;
    return tool.die(`error: no alternatives for ${name}`);
  }
  switch (actions[0]) {
    case "remove-all":
      return removeGroup(tool, group);
    case "set":
      return path === undefined ? tool.die("--set needs <name> <path>") : set(tool, group, path);
    case "auto":
      group.status = "auto";
      return update(tool, group);
    case "config":
      return update(tool, group);
    case "list":
      return tool.out(`${[...group.choices.keys()].sort().join("\n")}\n`);
    case "query":
      return query(tool, group);
    default:
      return tool.unsupported(`--${actions[0]}`);
  }
});

function install(tool: Tool): number | undefined {
  const [link, name, path, priority, ...rest] = tool.operands;
  if (link === undefined || name === undefined || path === undefined || priority === undefined)
    return tool.die("--install needs <link> <name> <path> <priority>");
  if (!/^[+-]?[0-9]+$/.test(priority)) return tool.die("error: priority must be an integer");
  if (!link.startsWith("/") || !path.startsWith("/"))
    return tool.die("error: alternative link is not absolute as it should be");
  if (tool.find(path) === undefined) return tool.die(`error: alternative path ${path} doesn't exist`);
  const group = readGroup(tool, name) ?? newGroup(name, link);
  if (group.link !== link) tool.unsupported(`--install ${link} ${name}: the link was ${group.link}`);
  // Operands of --slave follow each other in threes: link, name, path.
  if (rest.length % 3 !== 0) return tool.die("--slave needs <link> <name> <path>");
  const slaves = new Map<string, string>();
  for (let i = 0; i < rest.length; i += 3) {
    const [slaveLink, slave, target] = rest.slice(i, i + 3) as [string, string, string];
    const before = group.slaves.get(slave);
    if (before !== undefined && before !== slaveLink)
      tool.unsupported(`--slave ${slaveLink} ${slave}: the link was ${before}`);
    group.slaves.set(slave, slaveLink);
    slaves.set(slave, target);
  }
  const choice: Choice = { path, priority: Number(priority), slaves };
  group.choices.set(path, choice);
  return update(tool, group);
}

function newGroup(name: string, link: string): LinkGroup {
  return { name, status: "auto", link, slaves: new Map(), choices: new Map() };
}

function update(tool: Tool, group: LinkGroup): number {
  const current = currentChoice(tool, group);
  if (group.status === "manual" && (current === undefined || !group.choices.has(current))) group.status = "auto";
  const choice = group.status === "manual" ? group.choices.get(current!)! : bestChoice(group, current)!;
  linkGroup(tool, group, choice);
  writeGroup(tool, group);
  return 0;
}

function set(tool: Tool, group: LinkGroup, path: string): number {
  const choice = group.choices.get(path);
  if (choice === undefined) return tool.die(`error: alternative ${path} for ${group.name} not registered; not setting`);
  group.status = "manual";
  linkGroup(tool, group, choice);
  writeGroup(tool, group);
  return 0;
}

function remove(tool: Tool, what: { name: string; group: LinkGroup | undefined; path: string }): number {
  const { group, path } = what;
  if (group === undefined || !group.choices.delete(path)) return 0;
  if (group.choices.size === 0) return removeGroup(tool, group);
  for (const [slave, link] of [...group.slaves]) {
    if ([...group.choices.values()].some((choice) => choice.slaves.has(slave))) continue;
    group.slaves.delete(slave);
    removeLink(tool, link, slave);
  }
  return update(tool, group);
}

function removeGroup(tool: Tool, group: LinkGroup): number {
  unlinkGroup(tool, group);
  tool.process.tree.removeAll(`${DATABASE}/${group.name}`);
  return 0;
}

function query(tool: Tool, group: LinkGroup): number {
  const current = currentChoice(tool, group);
  const slaveLines = (slaves: ReadonlyMap<string, string>): string =>
    [...slaves]
      .sort((a, b) => (a[0] < b[0] ? -1 : 1))
      .map(([name, path]) => ` ${name} ${path}\n`)
      .join("");
  let text = `Name: ${group.name}\nLink: ${group.link}\n`;
  if (group.slaves.size > 0) text += `Slaves:\n${slaveLines(group.slaves)}`;
  text += `Status: ${group.status}\n`;
  const best = bestChoice(group, undefined);
  if (best !== undefined) text += `Best: ${best.path}\n`;
  text += `Value: ${current ?? "none"}\n`;
  for (const path of [...group.choices.keys()].sort()) {
    const choice = group.choices.get(path)!;
    text += `\nAlternative: ${path}\nPriority: ${choice.priority}\n`;
    if (choice.slaves.size > 0) text += `Slaves:\n${slaveLines(choice.slaves)}`;
  }
  tool.out(text);
  return 0;
}

function getSelections(tool: Tool): number {
  const directory = tool.find(DATABASE);
  if (directory?.type !== "directory") return 0;
  for (const name of [...directory.entries.keys()].sort()) {
    const group = readGroup(tool, name);
    if (group !== undefined)
      tool.out(`${name.padEnd(30)} ${group.status.padEnd(8)} ${currentChoice(tool, group) ?? ""}\n`);
  }
  return 0;
}

function readGroup(tool: Tool, name: string): LinkGroup | undefined {
  const path = `${DATABASE}/${name}`;
  if (tool.find(path)?.type !== "file") return undefined;
  return parseLinkGroup(name, tool.process.tree.readText(path)) ?? tool.unsupported(`with a damaged ${path}`);
}

function writeGroup(tool: Tool, group: LinkGroup): void {
  tool.process.tree.write(`${DATABASE}/${group.name}`, formatLinkGroup(group), { mode: 0o644, uid: 0, gid: 0 });
}
