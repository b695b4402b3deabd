/**
 * The links of /etc/rc?.d.
 */
import type { Tree } from "../../tree/tree.js";

/** All run levels, in the order of their directories. */
export const RUN_LEVELS = ["0", "1", "2", "3", "4", "5", "6", "S"] as const;

/** A link of a run level's directory. */
export interface RunLink {
  readonly path: string;
  readonly level: string;
  readonly kind: "S" | "K";
  readonly number: number;
  /** The script's name. */
  readonly name: string;
}

/** All links, by run level and name. */
export function readRunLinks(tree: Tree): RunLink[] {
  return RUN_LEVELS.flatMap((level) => {
    const directory = tree.lookup(`/etc/rc${level}.d`);
    if (directory?.type !== "directory") return [];
    return [...directory.entries.keys()].sort().flatMap((entry) => {
      const match = /^([SK])([0-9]{2})(.+)$/.exec(entry);
      if (match === null) return [];
      return [
        {
          path: `/etc/rc${level}.d/${entry}`,
          level,
          kind: match[1] as "S" | "K",
          number: Number(match[2]),
          name: match[3]!,
        },
      ];
    });
  });
}

/** Makes a link; its directory is made when missing. */
export function makeRunLink(tree: Tree, link: Omit<RunLink, "path">): void {
  tree.mkdirs(`/etc/rc${link.level}.d`);
  const path = `/etc/rc${link.level}.d/${link.kind}${String(link.number).padStart(2, "0")}${link.name}`;
  if (tree.lookup(path, { follow: false }) === undefined) tree.symlink(`../init.d/${link.name}`, path);
}
