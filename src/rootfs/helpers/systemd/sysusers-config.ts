/**
 * The lines of sysusers.d(5).
 */
import type { Tree } from "../../tree/tree.js";
import { expandSpecifiers, splitWords } from "./words.js";

/** A user or a group that a line asks for. */
export interface WantedAccount {
  readonly name: string;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** File whose owner gives the ids. */
  readonly idPath: string | undefined;
  /** `uid:group`: a group that is there already. */
  readonly groupName: string | undefined;
  /** `uid:gid`: the number must exist. */
  readonly gidMustExist: boolean;
  readonly description: string;
  readonly home: string | undefined;
  readonly shell: string | undefined;
  /** `u!`: fully locked. */
  readonly locked: boolean;
}

/** All that the files ask for, first come first kept. */
export interface SysusersConfig {
  readonly users: Map<string, WantedAccount>;
  readonly groups: Map<string, WantedAccount>;
  /** Members by group. */
  readonly members: Map<string, string[]>;
  /** Ranges for free ids. */
  readonly ranges: [number, number][];
}

/** Adds the lines of a file; the messages are for lines that make no sense. */
export function parseSysusers(
  tree: Tree,
  file: { readonly path: string; readonly text: string },
  config: SysusersConfig,
): string[] {
  const complaints: string[] = [];
  file.text.split("\n").forEach((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return;
    const complaint = parseLine(tree, line, config);
    if (complaint !== undefined) complaints.push(`${file.path}:${index + 1}: ${complaint}`);
  });
  return complaints;
}

function parseLine(tree: Tree, line: string, config: SysusersConfig): string | undefined {
  const words = splitWords(line, 6);
  if (words === undefined) return "Syntax error.";
  if (words.length > 6) return "Trailing garbage.";
  const [action, ...fields] = words;
  const expanded = fields.map((field) => (field === "" || field === "-" ? undefined : expandSpecifiers(tree, field)));
  if (fields.some((field, at) => field !== "" && field !== "-" && expanded[at] === undefined))
    return "Failed to replace specifiers.";
  const [name, id, description, home, shell] = expanded;
  switch (action) {
    case "r": {
      const range = /^([0-9]+)(?:-([0-9]+))?$/.exec(id ?? "");
      if (range === null || name !== undefined) return "Lines of type 'r' take an ID range.";
      config.ranges.push([Number(range[1]), Number(range[2] ?? range[1])]);
      return undefined;
    }
    case "m": {
      if (name === undefined || id === undefined) return "Lines of type 'm' require a user and a group name.";
      const members = config.members.get(id) ?? [];
      config.members.set(id, [...members, name]);
      return undefined;
    }
    case "u":
    case "u!":
    case "g": {
      if (name === undefined) return `Lines of type '${action}' require a name.`;
      const ids = parseIds(id, action === "g");
      if (ids === undefined) return `Failed to parse ID: ${id}`;
      const wanted = { ...ids, name, description: description ?? "", home, shell, locked: action === "u!" };
      const table = action === "g" ? config.groups : config.users;
      if (!table.has(name)) table.set(name, wanted);
      return undefined;
    }
    default:
      return `Unknown command type '${action}'.`;
  }
}

type Ids = Pick<WantedAccount, "uid" | "gid" | "idPath" | "groupName" | "gidMustExist">;

function parseIds(id: string | undefined, group: boolean): Ids | undefined {
  const none: Ids = { uid: undefined, gid: undefined, idPath: undefined, groupName: undefined, gidMustExist: false };
  if (id === undefined) return none;
  if (id.startsWith("/")) return { ...none, idPath: id };
  if (group) return /^[0-9]+$/.test(id) ? { ...none, gid: Number(id) } : undefined;
  const [uid = "", of] = id.split(":");
  const number = uid === "-" ? undefined : Number(uid);
  if (uid !== "-" && !/^[0-9]+$/.test(uid)) return undefined;
  if (of === undefined) return { ...none, uid: number };
  if (/^[0-9]+$/.test(of)) return { ...none, uid: number, gid: Number(of), gidMustExist: true };
  return { ...none, uid: number, groupName: of };
}

/** Adds the users and groups that `m` lines name and nobody defines. */
export function addImplicit(
  config: SysusersConfig,
  exists: { user(name: string): boolean; group(name: string): boolean },
): void {
  const plain = (name: string): WantedAccount => ({
    name,
    uid: undefined,
    gid: undefined,
    idPath: undefined,
    groupName: undefined,
    gidMustExist: false,
    description: "",
    home: undefined,
    shell: undefined,
    locked: false,
  });
  for (const [group, members] of config.members) {
    for (const name of members) if (!config.users.has(name) && !exists.user(name)) config.users.set(name, plain(name));
    if (!config.users.has(group) && !config.groups.has(group) && !exists.group(group))
      config.groups.set(group, plain(group));
  }
}
