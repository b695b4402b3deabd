/**
 * useradd(8) of Debian's shadow 4.17.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";
import {
  appendGroup,
  freeId,
  isAccountName,
  loginDefault,
  loginNumber,
  parseDay,
  setMembers,
} from "./account-change.js";
import { dayOf, findLine, hasAccounts, makeLockFile, readLines, writeLines } from "./account-lines.js";
import { makeHome } from "./home-directory.js";

const BAD_SYNTAX = 2;
const BAD_ARGUMENT = 3;
const ID_IN_USE = 4;
const NO_GROUP = 6;
const NAME_IN_USE = 9;

export const useradd: Command = defineTool(
  {
    short: "b:c:d:e:f:g:G:k:mMNorp:s:u:Ul",
    long: {
      "base-dir=": "b",
      "comment=": "c",
      "home-dir=": "d",
      "home=": "d",
      "expiredate=": "e",
      "inactive=": "f",
      "gid=": "g",
      "groups=": "G",
      "skel=": "k",
      "create-home": "m",
      "no-create-home": "M",
      "no-log-init": "l",
      "no-user-group": "N",
      "non-unique": "o",
      system: "r",
      "password=": "p",
      "shell=": "s",
      "uid=": "u",
      "user-group": "U",
    },
    refused: "DhKFRPZ",
    refusedLong: [
      "defaults",
      "key",
      "add-subids-for-system",
      "root",
      "prefix",
      "selinux-user",
      "selinux-range",
      "btrfs-subvolume-home",
      "badname",
    ],
    usage: BAD_SYNTAX,
  },
  (tool) => {
    const { tree } = tool.process;
    const [name] = tool.operands;
    if (name === undefined || tool.operands.length > 1) return tool.usage("one login name is needed");
    if (!isAccountName(name)) return tool.die(`invalid user name '${name}': use --badname to ignore`, BAD_ARGUMENT);
    if (findLine(readLines(tree, "passwd"), name) !== undefined)
      return tool.die(`user '${name}' already exists`, NAME_IN_USE);
    const system = tool.has("r");
    const ids = chooseIds(tool, { name, system });
    const defaults = userDefaults(tree);
    const home = tool.value("d") ?? `${tool.value("b") ?? defaults.get("HOME") ?? "/home"}/${name}`;
    const expire = parseDay(tool.value("e") ?? defaults.get("EXPIRE") ?? "");
    if (expire === undefined) return tool.die(`invalid date '${tool.value("e")}'`, BAD_ARGUMENT);
    const shell = tool.value("s") ?? defaults.get("SHELL") ?? "/bin/sh";
    const supplementary = groupNames(tool, tool.value("G"));
    if (ids.newGroup) appendGroup(tree, { name, gid: ids.gid });
    makeLockFile(tree);
    const shadowed = hasAccounts(tree, "shadow");
    const password = tool.value("p") ?? "!";
    const line = [
      name,
      shadowed ? "x" : password,
      String(ids.uid),
      String(ids.gid),
      tool.value("c") ?? "",
      home,
      shell,
    ];
    writeLines(tree, "passwd", [...readLines(tree, "passwd"), line]);
    if (shadowed) {
      const day = dayOf(tool.process.system.epoch);
      const aging = system
        ? ["", "", ""]
        : ["MIN_DAYS", "MAX_DAYS", "WARN_AGE"].map((key) => loginDefault(tree, `PASS_${key}`) ?? "");
      const inactive = tool.value("f") ?? defaults.get("INACTIVE") ?? "";
      const fields = [
        name,
        password,
        day === 0 ? "" : String(day),
        ...aging,
        inactive === "-1" ? "" : inactive,
        expire,
        "",
      ];
      writeLines(tree, "shadow", [...readLines(tree, "shadow"), fields]);
    }
    if (supplementary.length > 0) {
      setMembers(tree, (group, members) =>
        supplementary.includes(group) && !members.includes(name) ? [...members, name] : members,
      );
    }
    if (!system) addSubordinateIds(tree, name);
    const wantsHome = tool.has("m") || (!system && !tool.has("M") && loginDefault(tree, "CREATE_HOME") === "yes");
    if (wantsHome) {
      const mode = loginNumber(tree, "HOME_MODE", 0o777 & ~loginNumber(tree, "UMASK", 0o22));
      const skeleton = tool.value("k") ?? defaults.get("SKEL") ?? "/etc/skel";
      makeHome(tree, { path: home, ...ids, mode, skeleton });
    }
    if (wantsHome && !system && defaults.get("CREATE_MAIL_SPOOL") === "yes")
      tool.unsupported("with CREATE_MAIL_SPOOL=yes");
    return 0;
  },
);

interface ChosenIds {
  readonly uid: number;
  readonly gid: number;
  readonly newGroup: boolean;
}

function chooseIds(tool: Tool, user: { readonly name: string; readonly system: boolean }): ChosenIds {
  const { tree } = tool.process;
  const given = tool.value("u");
  if (given !== undefined && !/^[0-9]+$/.test(given)) tool.die(`invalid user ID '${given}'`, BAD_ARGUMENT);
  const uid = given === undefined ? freeId(tree, "uid", { system: user.system }) : Number(given);
  if (uid === undefined) return tool.die("Can't get unique UID (no more available UIDs)", ID_IN_USE);
  if (!tool.has("o") && readLines(tree, "passwd").some((line) => Number(line[2]) === uid))
    tool.die(`UID ${uid} is not unique`, ID_IN_USE);
  const group = tool.value("g");
  if (group !== undefined) {
    const line = readLines(tree, "group").find((other) => other[0] === group || other[2] === group);
    if (line === undefined) return tool.die(`group '${group}' does not exist`, NO_GROUP);
    return { uid, gid: Number(line[2]), newGroup: false };
  }
  const ownGroup = tool.has("U") || (!tool.has("N") && loginDefault(tree, "USERGROUPS_ENAB") === "yes");
  if (!ownGroup) return { uid, gid: Number(userDefaults(tree).get("GROUP") ?? 100), newGroup: false };
  if (findLine(readLines(tree, "group"), user.name) !== undefined) {
    tool.die(`group ${user.name} exists - if you want to add this user to that group, use -g.`, NAME_IN_USE);
  }
  const gid = freeId(tree, "gid", { system: user.system, preferred: uid });
  return gid === undefined
    ? tool.die("Can't get unique GID (no more available GIDs)", ID_IN_USE)
    : { uid, gid, newGroup: true };
}

/** Names of the groups of a `-G` option. */
export function groupNames(tool: Tool, list: string | undefined): string[] {
  const groups = readLines(tool.process.tree, "group");
  return (list ?? "")
    .split(",")
    .filter((word) => word !== "")
    .map((word) => {
      const line = groups.find((other) => other[0] === word || other[2] === word);
      return line?.[0] ?? tool.die(`group '${word}' does not exist`, NO_GROUP);
    });
}

/** /etc/default/useradd. */
function userDefaults(tree: Tree): Map<string, string> {
  const defaults = new Map<string, string>();
  if (tree.lookup("/etc/default/useradd")?.type !== "file") return defaults;
  for (const line of tree.readText("/etc/default/useradd").split("\n")) {
    const match = /^([A-Z_]+)=(.*)$/.exec(line);
    if (match !== null && match[2] !== "") defaults.set(match[1]!, match[2]!);
  }
  return defaults;
}

/** subuid(5), subgid(5): the next free range for a user, where the files are there. */
function addSubordinateIds(tree: Tree, name: string): void {
  for (const [path, key] of [
    ["/etc/subuid", "SUB_UID"],
    ["/etc/subgid", "SUB_GID"],
  ] as const) {
    const count = loginNumber(tree, `${key}_COUNT`, 65536);
    if (tree.lookup(path)?.type !== "file" || count === 0) continue;
    const text = tree.readText(path);
    const ends = text.split("\n").flatMap((line) => {
      const [, start, size] = line.split(":");
      return size === undefined ? [] : [Number(start) + Number(size)];
    });
    const start = Math.max(loginNumber(tree, `${key}_MIN`, 100_000), ...ends);
    const node = tree.file(path);
    tree.removeAll(`${path}-`);
    tree.write(`${path}-`, node.content, { mode: node.mode, uid: node.uid, gid: node.gid });
    tree.write(path, `${text}${name}:${start}:${count}\n`);
  }
}
