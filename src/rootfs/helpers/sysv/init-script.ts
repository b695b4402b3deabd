/**
 * Init scripts' headers (LSB 3.1, "Comment conventions for init scripts") and the facilities of insserv.conf.
 */
import type { Tree } from "../../tree/tree.js";

/** What a script says of itself. */
export interface InitScript {
  readonly name: string;
  readonly provides: readonly string[];
  readonly requiredStart: readonly string[];
  readonly requiredStop: readonly string[];
  readonly shouldStart: readonly string[];
  readonly shouldStop: readonly string[];
  readonly startBefore: readonly string[];
  readonly stopAfter: readonly string[];
  readonly defaultStart: readonly string[];
  readonly defaultStop: readonly string[];
  readonly interactive: boolean;
}

const KEYS: Readonly<Record<string, Exclude<keyof InitScript, "name" | "interactive">>> = {
  provides: "provides",
  "required-start": "requiredStart",
  "required-stop": "requiredStop",
  "should-start": "shouldStart",
  "should-stop": "shouldStop",
  "x-start-before": "startBefore",
  "x-stop-after": "stopAfter",
  "default-start": "defaultStart",
  "default-stop": "defaultStop",
};

/** Parses a script's header; undefined when it has none. */
export function parseInitScript(name: string, text: string): InitScript | undefined {
  const header = /^### BEGIN INIT INFO[^\n]*\n(.*?)^### END INIT INFO/ms.exec(text)?.[1];
  if (header === undefined) return undefined;
  const lists: Record<string, readonly string[]> = {};
  let interactive = false;
  for (const line of header.split("\n")) {
    const match = /^#[ \t]*([A-Za-z-]+):[ \t]*(.*)$/.exec(line);
    const key = match === null ? undefined : KEYS[match[1]!.toLowerCase()];
    if (match?.[1]?.toLowerCase() === "x-interactive") interactive = match[2]!.trim() === "true";
    if (key !== undefined) lists[key] = match![2]!.split(/[ \t,]+/).filter((word) => word !== "");
  }
  const list = (key: string): readonly string[] => lists[key] ?? [];
  const names = list("provides").filter((word) => !word.startsWith("$"));
  return {
    name,
    provides: names.length === 0 ? [name] : names,
    requiredStart: list("requiredStart"),
    requiredStop: list("requiredStop"),
    shouldStart: list("shouldStart"),
    shouldStop: list("shouldStop"),
    startBefore: list("startBefore"),
    stopAfter: list("stopAfter"),
    defaultStart: list("defaultStart").map((level) => level.toUpperCase()),
    defaultStop: list("defaultStop").map((level) => level.toUpperCase()),
    interactive,
  };
}

/** insserv.conf(5): facilities by name with `$`, and the names that are interactive. */
export interface Facilities {
  readonly members: ReadonlyMap<string, readonly string[]>;
  readonly interactive: ReadonlySet<string>;
}

/** Reads /etc/insserv.conf and insserv.conf.d. */
export function readFacilities(tree: Tree): Facilities {
  const members = new Map<string, string[]>();
  const interactive = new Set<string>();
  const directory = tree.lookup("/etc/insserv.conf.d");
  const extra = directory?.type === "directory" ? [...directory.entries.keys()].sort() : [];
  for (const path of ["/etc/insserv.conf", ...extra.map((name) => `/etc/insserv.conf.d/${name}`)]) {
    if (tree.lookup(path)?.type !== "file") continue;
    for (const line of tree.readText(path).split("\n")) {
      const [name, ...words] = line
        .replace(/#.*/, "")
        .split(/[ \t]+/)
        .filter((word) => word !== "");
      if (name === "<interactive>") for (const word of words) interactive.add(word);
      else if (name?.startsWith("$")) members.set(name, [...(members.get(name) ?? []), ...words]);
    }
  }
  return { members, interactive };
}

/** The services behind a name: itself, or a facility's members all the way down. */
export function expandFacility(facilities: Facilities, name: string, seen: ReadonlySet<string> = new Set()): string[] {
  const plain = name.replace(/^\+/, "");
  if (!plain.startsWith("$")) return [plain];
  if (seen.has(plain)) return [];
  const inner = new Set([...seen, plain]);
  return (facilities.members.get(plain) ?? []).flatMap((member) => expandFacility(facilities, member, inner));
}
