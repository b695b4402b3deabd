/**
 * insserv(8) 1.26: enables and removes init scripts, numbers all of them anew, and writes what startpar reads (`.depend.*`) with its lists
 * in one order, where insserv's is that of the directory. Checked against the real program on made-up sets of scripts.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import type { Node } from "../../tree/node.js";
import { expandFacility, type Facilities, type InitScript, parseInitScript, readFacilities } from "./init-script.js";
import { orderStart, orderStop, type PlacedScript, type ScriptOrder } from "./order-scripts.js";
import { makeRunLink, RUN_LEVELS, readRunLinks } from "./run-levels.js";

const SPEC: ToolSpec = {
  short: "vqfrdp:o:i:c:",
  long: {
    verbose: "v",
    silent: "q",
    force: "f",
    remove: "r",
    default: "d",
    "path=": "p",
    "override=": "o",
    "insserv-dir=": "i",
    "config=": "c",
  },
  refused: "nsuheC",
  refusedLong: ["dryrun", "dry-run", "showall", "show-all", "upstart-job", "help", "recursive"],
};

/** Where all is: an image has no second one. */
const PLACES = new Map([
  ["p", "/etc/init.d"],
  ["o", "/etc/insserv/overrides"],
  ["i", "/etc/init.d"],
  ["c", "/etc/insserv.conf"],
]);

const IGNORED_NAMES =
  /^[$.#%_+\-\\*[\]^:()~]|(\.dpkg.*|\.ucf.*|\.rpm.*|\.ba.*|\.old|\.new|\.org|\.orig|\.save|\.swp|\.core|~)$/;

interface Placed extends PlacedScript {
  /** It has links, or shall get them. */
  readonly enabled: boolean;
}

export const insserv: Command = defineTool(SPEC, (tool) => {
  const { tree } = tool.process;
  for (const { name, value } of tool.options) {
    const place = PLACES.get(name);
    if (place !== undefined && value.replace(/\/+$/, "") !== place) tool.unsupported(`-${name} ${value}`);
  }
  const facilities = readFacilities(tree);
  const names = tool.operands.map((operand) => operand.slice(operand.lastIndexOf("/") + 1));
  for (const operand of tool.operands) if (operand.includes(",")) tool.unsupported(operand);
  const links = readRunLinks(tree);
  const linked = new Set(links.map(({ name }) => name));
  const scripts = readScripts(tool, { first: names, linked });
  for (const name of names) {
    const node = tree.lookup(`/etc/init.d/${name}`);
    if (node === undefined) return tool.die(`${name}: No such file or directory`);
    const hasHeader = scripts.some((script) => script.name === name);
    if (!hasHeader && linked.has(name)) tool.unsupported(`${name}: a script without an LSB header`);
    warn(tool, { name, hasHeader: hasHeader || headerOf(tool, name) !== undefined, isProgram: isProgram(node) });
  }
  const placed = scripts.map((script): Placed => {
    const own = links.filter((link) => link.name === script.name);
    const start = own.filter((link) => link.kind === "S").map((link) => link.level);
    const stop = own.filter((link) => link.kind === "K").map((link) => link.level);
    const asked = names.includes(script.name);
    if (asked && tool.has("r")) return { script, start: [], stop: [], enabled: false };
    if (own.length > 0 && !(tool.has("d") && (asked || names.length === 0)))
      return { script, start, stop, enabled: true };
    return { script, start: script.defaultStart, stop: script.defaultStop, enabled: asked };
  });
  const missing = missingServices(placed, facilities);
  for (const { service, by } of missing) tool.say(`FATAL: service ${service} has to be enabled to use service ${by}`);
  if (missing.length > 0 && !tool.has("f")) return tool.die("exiting now!");
  const start = orderStart(placed, facilities);
  const stop = orderStop(placed, facilities);
  const loop = start.loop ?? stop.loop;
  if (loop !== undefined) {
    tool.say(`There is a loop between service ${loop[0]} and ${loop[1]}`);
    return tool.has("f")
      ? tool.unsupported("--force with a loop of services")
      : tool.die("exiting now without changing boot order!");
  }
  for (const level of RUN_LEVELS) tree.mkdirs(`/etc/rc${level}.d`);
  writeLinks(tool, placed, { start, stop });
  writeDependencies(tool, placed, { facilities, start, stop });
  return 0;
});

function isProgram(node: Node): boolean {
  return node.type === "file" && (node.mode & 0o111) !== 0;
}

interface Asked {
  readonly name: string;
  readonly hasHeader: boolean;
  readonly isProgram: boolean;
}

/** What is asked for and cannot be started is left out, without more than a warning; so is what does not say when to start. */
function warn(tool: Tool, asked: Asked): void {
  if (tool.has("q")) return;
  const { name } = asked;
  if (!asked.hasHeader) tool.say(`warning: script '${name}' missing LSB tags`);
  if (!asked.isProgram) tool.say(`script ${name} is not an executable file, will be skipped in boot sequence!`);
  else if (!asked.hasHeader) {
    tool.say(`warning: script '${name}' missing LSB tags`);
    tool.say(`Default-Start undefined, assuming empty start runlevel(s) for script \`${name}'`);
    tool.say(`Default-Stop  undefined, assuming empty stop runlevel(s) for script \`${name}'`);
  }
}

/** What a script says of itself, or an override says of it. */
function headerOf(tool: Tool, name: string): InitScript | undefined {
  const { tree } = tool.process;
  for (const directory of ["/etc/insserv/overrides", "/etc/init.d", "/usr/share/insserv/overrides"]) {
    const path = `${directory}/${name}`;
    const script = tree.lookup(path)?.type === "file" ? parseInitScript(name, tree.readText(path)) : undefined;
    if (script !== undefined) return script;
  }
  return undefined;
}

interface Known {
  readonly first: readonly string[];
  /** Scripts with links: they have their places although they cannot be started. */
  readonly linked: ReadonlySet<string>;
}

/** The scripts with a header: those asked for first, then by name. */
function readScripts(tool: Tool, { first, linked }: Known): InitScript[] {
  const directory = tool.find("/etc/init.d");
  if (directory?.type !== "directory") return [];
  const { tree } = tool.process;
  const order = new Set([...first, ...[...directory.entries.keys()].sort()]);
  return [...order].flatMap((name) => {
    if (IGNORED_NAMES.test(name) && !first.includes(name)) return [];
    const node = tree.lookup(`/etc/init.d/${name}`);
    if (node?.type !== "file" || !(isProgram(node) || linked.has(name))) return [];
    const script = headerOf(tool, name);
    return script === undefined ? [] : [script];
  });
}

function missingServices(placed: readonly Placed[], facilities: Facilities): { service: string; by: string }[] {
  const provided = new Set(placed.filter(({ enabled }) => enabled).flatMap(({ script }) => script.provides));
  return placed
    .filter(({ enabled }) => enabled)
    .flatMap(({ script }) =>
      script.requiredStart
        .flatMap((name) => requiredServices(facilities, name))
        .filter((name) => !provided.has(name))
        .map((service) => ({ service, by: script.provides[0]! })),
    );
}

/** The services that a name requires, optional members of facilities left out. */
function requiredServices(facilities: Facilities, name: string): string[] {
  if (!name.startsWith("$")) return name.startsWith("+") ? [] : [name];
  const members = (facilities.members.get(name) ?? []).filter((member) => !member.startsWith("+"));
  return members.flatMap((member) => (member.startsWith("$") ? [] : expandFacility(facilities, member)));
}

interface Orders {
  readonly start: ScriptOrder;
  readonly stop: ScriptOrder;
}

function writeLinks(tool: Tool, placed: readonly Placed[], orders: Orders): void {
  const { tree } = tool.process;
  const known = new Set(placed.map(({ script }) => script.name));
  for (const link of readRunLinks(tree)) {
    if (known.has(link.name) || tree.lookup(link.path) === undefined) tree.unlink(link.path);
  }
  for (const { script, start, stop, enabled } of placed) {
    if (!enabled) continue;
    for (const level of start)
      makeRunLink(tree, { level, kind: "S", number: orders.start.numbers.get(script.name)!, name: script.name });
    for (const level of stop)
      makeRunLink(tree, { level, kind: "K", number: orders.stop.numbers.get(script.name)!, name: script.name });
  }
}

function writeDependencies(
  tool: Tool,
  placed: readonly Placed[],
  given: Orders & { readonly facilities: Facilities },
): void {
  const isInteractive = ({ script }: Placed): boolean =>
    script.interactive || script.provides.some((name) => given.facilities.interactive.has(name));
  const write = (name: string, order: ScriptOrder, members: readonly Placed[]): void => {
    const sorted = [...members].sort((a, b) => {
      const difference = order.numbers.get(a.script.name)! - order.numbers.get(b.script.name)!;
      return difference === 0 ? (a.script.name < b.script.name ? -1 : 1) : difference;
    });
    const names = sorted.map(({ script }) => script.name);
    let text = `TARGETS = ${names.join(" ")}\n`;
    if (name !== "stop")
      text += `${`INTERACTIVE = ${sorted
        .filter(isInteractive)
        .map(({ script }) => script.name)
        .join(" ")}`.trimEnd()}\n`;
    for (const target of names) {
      const needs = (order.after.get(target) ?? []).filter((other) => names.includes(other));
      if (needs.length > 0) text += `${target}: ${needs.join(" ")}\n`;
    }
    tool.process.tree.write(`/etc/init.d/.depend.${name}`, text, { mode: 0o644 });
  };
  const enabled = placed.filter((item) => item.enabled);
  write(
    "boot",
    given.start,
    enabled.filter(({ start }) => start.includes("S")),
  );
  write(
    "start",
    given.start,
    enabled.filter(({ start }) => start.some((level) => level !== "S")),
  );
  write(
    "stop",
    given.stop,
    enabled.filter(({ stop }) => stop.length > 0),
  );
}
