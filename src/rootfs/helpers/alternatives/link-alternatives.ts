/**
 * Points the links of a group to a choice: `link` → /etc/alternatives/`name` → path, and the same for every slave.
 */
import type { Tool } from "../../shell/tools/tool.js";
import type { Choice, LinkGroup } from "./alternative-file.js";

const ALTERNATIVES = "/etc/alternatives";

/** The path that a group's link leads to now, or undefined. */
export function currentChoice(tool: Tool, group: LinkGroup): string | undefined {
  const node = tool.find(`${ALTERNATIVES}/${group.name}`, { follow: false });
  return node?.type === "symlink" ? node.target : undefined;
}

/** The choice of the highest priority; of equals the current one, else the first by path. */
export function bestChoice(group: LinkGroup, current: string | undefined): Choice | undefined {
  let best: Choice | undefined = current === undefined ? undefined : group.choices.get(current);
  for (const path of [...group.choices.keys()].sort()) {
    const choice = group.choices.get(path)!;
    if (best === undefined || choice.priority > best.priority) best = choice;
  }
  return best;
}

/** Makes every link of a group lead to a choice; slaves without a file lose their links. */
export function linkGroup(tool: Tool, group: LinkGroup, choice: Choice): void {
  placeLink(tool, { link: group.link, name: group.name, target: choice.path });
  for (const [slave, link] of [...group.slaves].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    const target = choice.slaves.get(slave);
    if (target === undefined) removeLink(tool, link, slave);
    else if (tool.find(target) !== undefined) placeLink(tool, { link, name: slave, target });
    else {
      if (!tool.has("quiet"))
        tool.say(
          `warning: skip creation of ${link} because associated file ${target} (of link group ${group.name}) doesn't exist`,
        );
      removeLink(tool, link, slave);
    }
  }
}

/** Removes every link of a group. */
export function unlinkGroup(tool: Tool, group: LinkGroup): void {
  removeLink(tool, group.link, group.name);
  for (const [slave, link] of group.slaves) removeLink(tool, link, slave);
}

/** Removes the two links of one name; a link that is something else stays. */
export function removeLink(tool: Tool, link: string, name: string): void {
  const { tree } = tool.process;
  const node = tool.find(link, { follow: false });
  if (node?.type === "symlink" && node.target === `${ALTERNATIVES}/${name}`) tree.unlink(link);
  if (tool.find(`${ALTERNATIVES}/${name}`, { follow: false }) !== undefined) tree.unlink(`${ALTERNATIVES}/${name}`);
}

function placeLink(tool: Tool, place: { readonly link: string; readonly name: string; readonly target: string }): void {
  const { tree } = tool.process;
  const { link, name, target } = place;
  // Observed with dpkg 1.22: a new link gets the time of what the choice's path names, a link there not followed; one that is replaced does not.
  const time = { mtime: tool.find(target, { follow: false })?.mtime ?? tree.epoch };
  const existing = tool.find(link, { follow: false });
  if (existing !== undefined && existing.type !== "symlink" && !tool.has("force")) {
    tool.say(`warning: not replacing ${link} with a link`);
  } else if (existing?.type !== "symlink" || existing.target !== `${ALTERNATIVES}/${name}`) {
    if (existing !== undefined) tree.unlink(link);
    tree.symlink(`${ALTERNATIVES}/${name}`, link, existing === undefined ? time : {});
  }
  const indirect = `${ALTERNATIVES}/${name}`;
  const before = tool.find(indirect, { follow: false });
  if (before?.type === "symlink" && before.target === target) return;
  if (before !== undefined) tree.unlink(indirect);
  tree.symlink(target, indirect, before === undefined ? time : {});
}
