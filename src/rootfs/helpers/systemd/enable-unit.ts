/**
 * Enables, disables and masks unit files on disk, as `systemctl` does where no manager runs (systemctl(1), “Unit File Commands”).
 */
import type { Tree } from "../../tree/tree.js";
import { findUnit, type Instance, isMasked, parseInstall, templateOf, unitDirectories } from "./unit-install.js";

/** What became of a request. */
export type EnableResult = "done" | "missing" | "masked" | "no-install";

/** Enables a unit and those it names in Also=. */
export function enableUnit(tree: Tree, unit: string, instance: Instance, seen = new Set<string>()): EnableResult {
  if (seen.has(unit)) return "done";
  seen.add(unit);
  const path = findUnit(tree, unit, instance);
  if (path === undefined) return "missing";
  if (isMasked(tree, path)) return "masked";
  const real = canonicalUnit(tree, path);
  const install = parseInstall(tree.readText(path));
  const base = `/etc/systemd/${instance}`;
  const isTemplate = /@\.[a-z]+$/.test(unit);
  const wanted =
    isTemplate && install.defaultInstance !== undefined ? unit.replace("@.", `@${install.defaultInstance}.`) : unit;
  const links: string[] = [];
  // A template without an instance to start can only be linked by its aliases.
  if (!isTemplate || wanted !== unit) {
    for (const [list, suffix] of [
      [install.wantedBy, "wants"],
      [install.requiredBy, "requires"],
      [install.upheldBy, "upholds"],
    ] as const)
      for (const target of list) links.push(`${base}/${expand(target, unit)}.${suffix}/${wanted}`);
  }
  for (const alias of install.alias) links.push(`${base}/${expand(alias, unit)}`);
  for (const link of links) placeLink(tree, link, real);
  for (const other of install.also) enableUnit(tree, expand(other, unit), instance, seen);
  return links.length === 0 && install.also.length === 0 ? "no-install" : "done";
}

/** Removes every link below /etc/systemd that enables a unit. */
export function disableUnit(tree: Tree, unit: string, instance: Instance): EnableResult {
  const path = findUnit(tree, unit, instance);
  const base = `/etc/systemd/${instance}`;
  const directory = tree.lookup(base);
  if (path === undefined) return "missing";
  if (directory?.type !== "directory") return "done";
  const names = new Set([unit]);
  for (const { path: link, node } of [...tree.walk(base)]) {
    if (node.type !== "symlink" || node.target === "/dev/null") continue;
    const name = link.slice(link.lastIndexOf("/") + 1);
    const leadsHere = node.target === unit || node.target.endsWith(`/${unit}`);
    const inWants = /\.(wants|requires|upholds)$/.test(link.slice(0, link.lastIndexOf("/")));
    if (inWants ? names.has(name) || templateOf(name) === unit : leadsHere) tree.unlink(link);
  }
  for (const name of [...directory.entries.keys()]) {
    const child = directory.entries.get(name);
    if (child?.type === "directory" && child.entries.size === 0 && /\.(wants|requires|upholds)$/.test(name))
      tree.rmdir(`${base}/${name}`);
  }
  return "done";
}

/** Links a unit to /dev/null. False if a real file is in the way. */
export function maskUnit(tree: Tree, unit: string, instance: Instance): boolean {
  const path = `/etc/systemd/${instance}/${unit}`;
  const node = tree.lookup(path, { follow: false });
  if (node?.type === "file") return false;
  if (node !== undefined) tree.unlink(path);
  tree.mkdirs(`/etc/systemd/${instance}`);
  tree.symlink("/dev/null", path);
  return true;
}

/** Removes a mask. */
export function unmaskUnit(tree: Tree, unit: string, instance: Instance): void {
  const path = `/etc/systemd/${instance}/${unit}`;
  if (isMasked(tree, path)) tree.unlink(path);
}

/** Whether a link of /etc/systemd enables a unit; `static` where nothing could. */
export function unitState(tree: Tree, unit: string, instance: Instance): string {
  const path = findUnit(tree, unit, instance);
  if (path === undefined) return "not-found";
  if (isMasked(tree, path)) return "masked";
  const base = `/etc/systemd/${instance}`;
  if (tree.lookup(base)?.type === "directory") {
    for (const { path: link, node } of tree.walk(base)) {
      if (node.type !== "symlink" || node.target === "/dev/null") continue;
      if (link.endsWith(`/${unit}`) && /\.(wants|requires|upholds)\//.test(link)) return "enabled";
      if (node.target.endsWith(`/${unit}`) && !link.endsWith(`/${unit}`)) return "enabled";
    }
  }
  const install = parseInstall(tree.readText(path));
  const installable =
    install.wantedBy.length + install.requiredBy.length + install.alias.length + install.also.length > 0;
  return installable ? "disabled" : "static";
}

/** A unit reached over a link of the vendor's directories is linked by its real name. */
function canonicalUnit(tree: Tree, path: string): string {
  const node = tree.lookup(path, { follow: false });
  if (node?.type !== "symlink") return path;
  const real = tree.realpath(path);
  const directory = path.slice(0, path.lastIndexOf("/"));
  const name = real.slice(real.lastIndexOf("/"));
  // In the directory by the name that it was found under, which can be /lib's.
  if (real === `${tree.realpath(directory)}${name}`) return `${directory}${name}`;
  return unitDirectories(tree, "system")
    .concat(unitDirectories(tree, "user"))
    .some((directory) => real.startsWith(`${directory}/`))
    ? real
    : path;
}

function placeLink(tree: Tree, link: string, target: string): void {
  const node = tree.lookup(link, { follow: false });
  if (node?.type === "symlink" && node.target === target) return;
  if (node !== undefined) tree.unlink(link);
  tree.mkdirs(link.slice(0, link.lastIndexOf("/")));
  tree.symlink(target, link);
}

/** The specifiers that [Install] may use, as far as they follow from the unit's name: %n %N %p %i %j %%. */
function expand(text: string, unit: string): string {
  const stem = unit.replace(/\.[a-z]+$/, "");
  const at = stem.indexOf("@");
  const prefix = at < 0 ? stem : stem.slice(0, at);
  const values: Record<string, string> = {
    "%n": unit,
    "%N": stem,
    "%p": prefix,
    "%i": at < 0 ? "" : stem.slice(at + 1),
    "%j": prefix.slice(prefix.lastIndexOf("-") + 1),
    "%%": "%",
  };
  return text.replace(/%./g, (specifier) => values[specifier] ?? specifier);
}
