/**
 * deb-systemd-helper(1p) of init-system-helpers 1.68: enables units for maintainer scripts and keeps its own state, so that what
 * an administrator turned off stays off. Also deb-systemd-invoke, which does nothing where no manager runs.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";
import { type Instance, parseInstall } from "./unit-install.js";

const SPEC: ToolSpec = { long: { quiet: "quiet", user: "user", system: "system", "no-dbus": "no-dbus" }, refused: "" };

interface UnitLink {
  /** Path of the link below /etc/systemd. */
  readonly link: string;
  readonly target: string;
}

/** Where the state of one manager's units is. */
interface State {
  readonly instance: Instance;
  readonly enabled: string;
  readonly masked: string;
}

export const debSystemdHelper: Command = defineTool(SPEC, (tool) => {
  const [action, ...units] = tool.operands;
  if (action === undefined) return 0;
  if (!tool.process.environment.has("DPKG_MAINTSCRIPT_PACKAGE")) {
    tool.process.stderr.write(`${tool.name} was not called from dpkg. Exiting.\n`);
    return 1;
  }
  const instance: Instance = tool.has("user") ? "user" : "system";
  const infix = instance === "user" ? "user-" : "";
  const state: State = {
    instance,
    enabled: `/var/lib/systemd/deb-systemd-${infix}helper-enabled`,
    masked: `/var/lib/systemd/deb-systemd-${infix}helper-masked`,
  };
  const asks = ["is-enabled", "was-enabled", "debian-installed"].includes(action);
  let status = asks ? 1 : 0;
  for (const unit of units) if (!runAction(tool, { action, unit, state })) status = asks ? 0 : status;
  return status;
});

/** Runs one action for one unit; false stands for "yes" of the asking ones. */
function runAction(tool: Tool, what: { action: string; unit: string; state: State }): boolean {
  const { action, unit, state } = what;
  const { tree } = tool.process;
  const path = findService(tree, unit, state.instance);
  const say = (yes: boolean): boolean => {
    if (!tool.has("quiet")) tool.process.stderr.write(yes ? "enabled\n" : "disabled\n");
    return !yes;
  };
  switch (action) {
    case "is-enabled":
      return say(linkClosure(tool, { unit, path, state }).every(({ link }) => isLink(tree, link)));
    case "was-enabled":
      return say(stateEntries(tree, statePath(state, unit)).every((link) => isLink(tree, link)));
    case "debian-installed":
      return tree.lookup(statePath(state, unit))?.type !== "file";
    case "update-state": {
      const links = linkClosure(tool, { unit, path, state });
      writeState(
        tree,
        statePath(state, unit),
        links.map(({ link }) => link),
      );
      return true;
    }
    case "enable":
      enable(tool, { unit, path, state });
      return true;
    case "reenable":
      removeLinks(tool, { path, state, purge: false });
      makeLinks(tool, { unit, path, state, create: true });
      return true;
    case "disable":
    case "purge":
      removeLinks(tool, {
        path,
        state,
        purge: action === "purge" || tool.process.environment.get("_DEB_SYSTEMD_HELPER_PURGE") === "1",
      });
      return true;
    case "mask":
      mask(tree, path, state);
      return true;
    case "unmask":
      unmask(tree, path, state);
      return true;
    default:
      return tool.unsupported(action);
  }
}

/** The unit's path as the helper finds it: through /lib before /usr/lib, so links may differ from systemctl's own. */
function findService(tree: Tree, unit: string, instance: Instance): string {
  for (const base of ["/etc", "/lib", "/usr/lib"]) {
    if (tree.lookup(`${base}/systemd/${instance}/${unit}`)?.type === "file")
      return `${base}/systemd/${instance}/${unit}`;
  }
  return unit;
}

interface UnitOf {
  readonly unit: string;
  readonly path: string;
  readonly state: State;
}

function linkClosure(tool: Tool, of: UnitOf, visited = new Set<string>()): UnitLink[] {
  const { tree } = tool.process;
  const { path, state } = of;
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (tree.lookup(path)?.type !== "file") return tool.die(`error: unable to read ${path}`);
  const install = parseInstall(tree.readText(path));
  const base = `/etc/systemd/${state.instance}`;
  const links: UnitLink[] = [];
  for (const other of install.also) {
    if (other === name || visited.has(other)) continue;
    visited.add(other);
    const found = findService(tree, other, state.instance);
    links.push(...linkClosure(tool, { unit: other, path: found, state }, visited));
  }
  for (const alias of install.alias) if (alias !== name) links.push({ link: `${base}/${alias}`, target: path });
  const wanted =
    install.defaultInstance === undefined ? name : name.replace(/^(.*@)(\.\w+)$/, `$1${install.defaultInstance}$2`);
  for (const target of install.wantedBy) links.push({ link: `${base}/${target}.wants/${wanted}`, target: path });
  for (const target of install.requiredBy) links.push({ link: `${base}/${target}.requires/${wanted}`, target: path });
  return links;
}

function enable(tool: Tool, of: UnitOf): void {
  const { tree } = tool.process;
  const hasSystemctl = tree.lookup("/usr/bin/systemctl") !== undefined || tree.lookup("/bin/systemctl") !== undefined;
  if (!hasSystemctl) {
    makeLinks(tool, { ...of, create: true });
    return;
  }
  if (tree.lookup(statePath(of.state, of.unit))?.type === "file") {
    const some = linkClosure(tool, of).some(({ link }) => isLink(tree, link));
    makeLinks(tool, { ...of, create: some });
    return;
  }
  const manager = of.state.instance === "user" ? "--global" : "--system";
  const status = tool.process.run(["systemctl", "--root=/", manager, "--preset-mode=enable-only", "preset", of.unit]);
  if (status !== 0) tool.die(`error: systemctl preset failed on ${of.unit}: `);
  makeLinks(tool, { ...of, create: false });
}

function makeLinks(tool: Tool, of: UnitOf & { readonly create: boolean }): void {
  const { tree } = tool.process;
  const { state } = of;
  const file = statePath(state, of.unit);
  for (const { link, target } of linkClosure(tool, of)) {
    const entries = stateEntries(tree, file);
    if (!entries.includes(link)) writeState(tree, file, [...entries, link]);
    const mark = link.replace(`/etc/systemd/${state.instance}`, state.enabled);
    if (tree.lookup(mark) !== undefined) continue;
    if (of.create && !isLink(tree, link)) {
      makeParents(tree, link);
      tree.symlink(target, link);
    }
    makeParents(tree, mark);
    tree.write(mark, "");
  }
}

function removeLinks(tool: Tool, of: { readonly path: string; readonly state: State; readonly purge: boolean }): void {
  const { tree } = tool.process;
  const { state } = of;
  const file = statePath(state, of.path);
  for (const link of stateEntries(tree, file)) {
    if (of.purge || isLink(tree, link)) tree.removeAll(link.replace(`/etc/systemd/${state.instance}`, state.enabled));
    if (isLink(tree, link)) tree.unlink(link);
  }
  if (of.purge) tree.removeAll(file);
  for (const directory of [state.enabled, `/etc/systemd/${state.instance}`]) removeEmptyDirectories(tree, directory);
}

function removeEmptyDirectories(tree: Tree, path: string): void {
  const node = tree.lookup(path, { follow: false });
  if (node?.type !== "directory") return;
  for (const [name, child] of [...node.entries])
    if (child.type === "directory" && child.entries.size === 0) tree.rmdir(`${path}/${name}`);
}

function mask(tree: Tree, path: string, state: State): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const link = `/etc/systemd/${state.instance}/${name}`;
  if (tree.lookup(link) !== undefined || isLink(tree, link)) return;
  makeParents(tree, link);
  tree.symlink("/dev/null", link);
  makeParents(tree, `${state.masked}/${name}`);
  tree.write(`${state.masked}/${name}`, "");
}

function unmask(tree: Tree, path: string, state: State): void {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const link = `/etc/systemd/${state.instance}/${name}`;
  const node = tree.lookup(link, { follow: false });
  if (node?.type !== "symlink" || node.target !== "/dev/null") return;
  if (tree.lookup(`${state.masked}/${name}`) === undefined) return;
  tree.unlink(link);
  tree.unlink(`${state.masked}/${name}`);
}

function statePath(state: State, unit: string): string {
  return `${state.enabled}/${unit.slice(unit.lastIndexOf("/") + 1)}.dsh-also`;
}

function stateEntries(tree: Tree, path: string): string[] {
  if (tree.lookup(path)?.type !== "file") return [];
  return tree
    .readText(path)
    .split("\n")
    .filter((line) => line !== "");
}

function writeState(tree: Tree, path: string, links: readonly string[]): void {
  makeParents(tree, path);
  tree.write(path, links.map((link) => `${link}\n`).join(""), { mode: 0o644 });
}

function makeParents(tree: Tree, path: string): void {
  tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
}

function isLink(tree: Tree, path: string): boolean {
  return tree.lookup(path, { follow: false })?.type === "symlink";
}

/** deb-systemd-invoke(1p): without a running systemd there is nothing to start or stop. */
export const debSystemdInvoke: Command = (process) =>
  process.tree.lookup("/run/systemd/system") === undefined
    ? 0
    : process.unsupported("deb-systemd-invoke with a running systemd");
