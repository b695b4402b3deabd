/**
 * a2enmod(8), a2dismod, a2ensite, a2dissite, a2enconf and a2disconf of Debian's apache2 2.4: links from `<kind>-enabled` into
 * `<kind>-available`, and marks of who made them. APACHE_* variables and other instances' suffixes are not emulated.
 */
import { patternTest } from "../../configure/commands/path-pattern.js";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

interface Kind {
  readonly name: "module" | "site" | "conf";
  readonly available: string;
  readonly enabled: string;
  readonly suffix: string;
}

interface Action extends Kind {
  readonly enables: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  mod: kind("module", "mods", ".load"),
  site: kind("site", "sites", ".conf"),
  conf: kind("conf", "conf", ".conf"),
};
const STATE = "/var/lib/apache2";
/** Modules that are only disabled after a question. */
const ESSENTIAL =
  /^(alias|auth_basic|authn_file|authz_host|authz_user|autoindex|deflate|dir|env|filter|logio|mime|negotiation|setenvif|unixd|version|watchdog)$/;

function kind(name: Kind["name"], directory: string, suffix: string): Kind {
  const base = `/etc/apache2/${directory}`;
  return { name, available: `${base}-available`, enabled: `${base}-enabled`, suffix };
}

export const a2enmod: Command = defineTool(
  {
    short: "fmpq",
    long: { force: "f", maintmode: "m", purge: "p", quiet: "q" },
    refused: "",
    onlyThese: true,
    usage: 2,
  },
  (tool) => {
    const [, verb, what] = /(?:^|\/)a2(en|dis)(mod|site|conf)$/.exec(tool.name) ?? [];
    if (verb === undefined || tool.operands.length === 0) return tool.unsupported(tool.words.join(" "));
    for (const name of tool.process.environment.keys())
      if (name.startsWith("APACHE_")) tool.unsupported(`with ${name}`);
    const action: Action = { ...KINDS[what!]!, enables: verb === "en" };
    let status = 0;
    for (const operand of tool.operands) {
      const names = matches(tool, action, operand);
      if (names.length === 0) {
        status = 1;
        error(tool, `No ${action.name} found matching ${operand}!`);
      }
      for (const name of names) if (!apply(tool, action, name)) status = 1;
    }
    return status;
  },
);

/** Names without a wildcard match themselves, whether they are there or not: glob(3) of perl. */
function matches(tool: Tool, { enables, available, enabled, suffix }: Action, operand: string): string[] {
  const word = operand.endsWith(suffix) ? operand.slice(0, -suffix.length) : operand;
  if (!/[*?[{~\\\s]/.test(word)) return [word];
  if (/[{~\\\s]/.test(word)) tool.unsupported(operand);
  const node = tool.find(enables ? available : enabled);
  const isMatch = patternTest(`${word}${suffix}`);
  const names = node?.type === "directory" ? [...node.entries.keys()].sort().filter(isMatch) : [];
  return names.filter((name) => !name.startsWith(".")).map((name) => name.slice(0, -suffix.length));
}

function apply(tool: Tool, action: Action, name: string): boolean {
  const { available, enabled, suffix } = action;
  if (action.name === "module" && (name === "cgi" || name === "cache_disk")) tool.unsupported(name);
  const target = `${available}/${name}${suffix}`;
  const link = `${enabled}/${name}${suffix}`;
  const title = `${action.name[0]!.toUpperCase()}${action.name.slice(1)}`;
  if (tool.find(target) === undefined) {
    if (tool.find(link, { follow: false }) !== undefined) tool.unsupported(`with the dangling link ${link}`);
    if (tool.has("p")) mark(tool, action, name);
    else error(tool, `${title} ${name} does not exist!`);
    return tool.has("p");
  }
  if (!depends(tool, action, name)) return false;
  const settings = action.name === "module" && tool.find(`${available}/${name}.conf`) !== undefined;
  const places = [{ target, link }];
  if (settings) places.push({ target: `${available}/${name}.conf`, link: `${enabled}/${name}.conf` });
  return action.enables
    ? enable(tool, action, { name, title, places })
    : disable(tool, action, { name, title, places });
}

interface Change {
  readonly name: string;
  readonly title: string;
  /** The link itself, then the one of a module's settings. */
  readonly places: readonly { readonly target: string; readonly link: string }[];
}

function enable(tool: Tool, action: Action, { name, title, places }: Change): boolean {
  const states = places.map(({ target, link }) => state(tool, target, link));
  const wrong = states.find((one) => one !== "ok" && one !== "missing");
  if (wrong !== undefined) {
    error(tool, `${title} ${name} not properly enabled: ${wrong}`);
    return false;
  }
  const isNew = states[0] === "missing";
  if (isNew) tool.out(`Enabling ${action.name} ${name}.\n`);
  else if (states.includes("missing")) tool.out(`Enabling config file ${name}.conf.\n`);
  else info(tool, `${title} ${name} already enabled`);
  places.forEach(({ target, link }, i) => {
    if (states[i] === "missing") tool.process.tree.symlink(`../${target.slice("/etc/apache2/".length)}`, link);
  });
  if (isNew) mark(tool, action, name);
  return true;
}

function disable(tool: Tool, action: Action, { name, title, places }: Change): boolean {
  const [first, ...rest] = places;
  const existing = tool.find(first!.link, { follow: false });
  if (existing === undefined) {
    for (const { link } of rest) if (tool.find(link) !== undefined) tool.unsupported(`with the stale ${link}`);
    info(tool, `${title} ${name} already disabled`);
    if (tool.has("p")) mark(tool, action, name);
    return true;
  }
  if (action.name === "module" && ESSENTIAL.test(name) && !tool.has("f")) tool.unsupported(`${name} without -f`);
  for (const { link } of places) {
    const node = tool.find(link, { follow: false });
    if (node?.type === "symlink") tool.process.tree.unlink(link);
    else if (node !== undefined) error(tool, `${link} is not a symbolic link, not deleting`);
  }
  mark(tool, action, name);
  tool.out(`${title} ${name} disabled.\n`);
  return true;
}

function state(tool: Tool, target: string, link: string): string {
  const node = tool.find(link, { follow: false });
  if (node === undefined) return "missing";
  if (node.type !== "symlink") return `${link} is a real file, not touching it`;
  const { tree } = tool.process;
  if (tool.find(link) === undefined) {
    tree.unlink(link);
    return "missing";
  }
  return tree.realpath(link) === tree.realpath(target)
    ? "ok"
    : `${link} exists but does not point to ${target}, not touching it`;
}

/** What a file's head says after `# Depends:` or `# Conflicts:`. */
function listed(tool: Tool, path: string, field: "Depends" | "Conflicts"): string[] {
  for (const line of tool.process.tree.readText(path).split("\n")) {
    const match = new RegExp(`^# ${field}:\\s+(.*?)\\s*$`).exec(line);
    if (match !== null) return match[1]!.split(/\s+/).filter((word) => word !== "");
    if (!/^\s*(#.*)?$/.test(line)) break;
  }
  return [];
}

function depends(tool: Tool, action: Action, name: string): boolean {
  const { available, enabled, suffix } = action;
  const own = `${available}/${name}${suffix}`;
  if (action.enables && action.name === "module") {
    for (const other of listed(tool, own, "Depends")) {
      info(tool, `Considering dependency ${other} for ${name}:`);
      if (!apply(tool, action, other)) {
        error(tool, `Could not enable dependency ${other} for ${name}, aborting`);
        return false;
      }
    }
    const conflicts = listed(tool, own, "Conflicts").filter((other) => {
      info(tool, `Considering conflict ${other} for ${name}:`);
      return state(tool, `${available}/${other}.load`, `${enabled}/${other}.load`) === "ok";
    });
    for (const other of conflicts)
      error(tool, `Module ${other} is enabled - cannot proceed due to conflicts. It needs to be disabled first!`);
    return conflicts.length === 0;
  }
  if (action.enables) {
    for (const other of listed(tool, own, "Depends")) {
      info(tool, `Checking dependency ${other} for ${name}:`);
      if (tool.find(`/etc/apache2/mods-enabled/${other}.load`) !== undefined) continue;
      tool.process.stderr.write(`WARNING: Module ${other} is not enabled, but ${name} depends on it, aborting\n`);
      return false;
    }
    return true;
  }
  return action.name !== "module" || nothingDependsOn(tool, action, name);
}

function nothingDependsOn(tool: Tool, action: Action, name: string): boolean {
  const node = tool.find(action.enabled);
  const loads =
    node?.type === "directory" ? [...node.entries.keys()].sort().filter((one) => one.endsWith(".load")) : [];
  const depending = loads
    .filter((load) => listed(tool, `${action.enabled}/${load}`, "Depends").includes(name))
    .map((load) => load.slice(0, -".load".length));
  if (depending.length === 0) return true;
  if (tool.has("f")) return depending.every((other) => apply(tool, action, other));
  error(tool, `The following modules depend on ${name} and need to be disabled first: ${depending.join(" ")}`);
  return false;
}

/** Notes who did it, in place of the mark there was. */
function mark(tool: Tool, { name: what, enables }: Action, name: string): void {
  const { tree } = tool.process;
  const directory = `${STATE}/${what}/${enables ? "enabled" : "disabled"}_by_${tool.has("m") ? "maint" : "admin"}`;
  tree.mkdirs(directory);
  for (const { path, node } of [...tree.walk(`${STATE}/${what}`)])
    if (node.type === "file" && path.endsWith(`/${name}`)) tree.unlink(path);
  if (!tool.has("p")) tree.write(`${directory}/${name}`, "", { mode: 0o644 });
}

function info(tool: Tool, message: string): void {
  if (!tool.has("q")) tool.out(`${message}\n`);
}

function error(tool: Tool, message: string): void {
  tool.process.stderr.write(`ERROR: ${message}\n`);
}
