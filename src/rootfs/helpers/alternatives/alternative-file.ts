/**
 * One file of /var/lib/dpkg/alternatives (update-alternatives(1)): status, link, slaves by name, a blank line, choices by path with
 * priority and one line a slave, a blank line.
 */

/** A choice of a group: a path, its priority, and the path of each slave it has. */
export interface Choice {
  readonly path: string;
  readonly priority: number;
  /** By slave name; a slave that is missing has no path with this choice. */
  readonly slaves: ReadonlyMap<string, string>;
}

/** A link group. */
export interface LinkGroup {
  readonly name: string;
  status: "auto" | "manual";
  link: string;
  /** Link of each slave by name. */
  readonly slaves: Map<string, string>;
  readonly choices: Map<string, Choice>;
}

/** The text of a group's file. */
export function formatLinkGroup(group: LinkGroup): string {
  const names = [...group.slaves.keys()].sort();
  const lines = [group.status, group.link];
  for (const name of names) lines.push(name, group.slaves.get(name)!);
  lines.push("");
  for (const path of [...group.choices.keys()].sort()) {
    const choice = group.choices.get(path)!;
    lines.push(path, String(choice.priority), ...names.map((name) => choice.slaves.get(name) ?? ""));
  }
  return `${lines.join("\n")}\n\n`;
}

/** Parses a group's file; undefined if it is damaged. */
export function parseLinkGroup(name: string, text: string): LinkGroup | undefined {
  const lines = text.split("\n");
  let at = 0;
  const next = (): string => lines[at++] ?? "";
  const status = next();
  if (status !== "auto" && status !== "manual") return undefined;
  const group: LinkGroup = { name, status, link: next(), slaves: new Map(), choices: new Map() };
  const names: string[] = [];
  for (let slave = next(); slave !== ""; slave = next()) {
    names.push(slave);
    group.slaves.set(slave, next());
  }
  for (let path = next(); path !== ""; path = next()) {
    const priority = Number(next());
    const slaves = new Map(names.map((slave) => [slave, next()] as const).filter(([, target]) => target !== ""));
    group.choices.set(path, { path, priority, slaves });
  }
  return group;
}
