/**
 * usermod(8) and userdel(8) of Debian's shadow 4.17.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { changeLine, loginDefault, parseDay, removeLine, setMembers, splitMembers } from "./account-change.js";
import { type AccountLine, dayOf, findLine, readLines } from "./account-lines.js";
import { groupNames } from "./useradd.js";

const BAD_SYNTAX = 2;
const BAD_ARGUMENT = 3;
const ID_IN_USE = 4;
const MISSING = 6;
const NAME_IN_USE = 9;

export const usermod: Command = defineTool(
  {
    short: "ac:d:e:f:g:G:l:Lop:rs:u:U",
    long: {
      append: "a",
      "comment=": "c",
      "home=": "d",
      "expiredate=": "e",
      "inactive=": "f",
      "gid=": "g",
      "groups=": "G",
      "login=": "l",
      lock: "L",
      "non-unique": "o",
      "password=": "p",
      remove: "r",
      "shell=": "s",
      "uid=": "u",
      unlock: "U",
    },
    refused: "bhmRPvVwWZ",
    refusedLong: [
      "badname",
      "move-home",
      "root",
      "prefix",
      "add-subuids",
      "del-subuids",
      "add-subgids",
      "del-subgids",
      "selinux-user",
      "selinux-range",
    ],
    usage: BAD_SYNTAX,
  },
  (tool) => {
    const { tree } = tool.process;
    const [name] = tool.operands;
    if (name === undefined) return tool.usage("one login name is needed");
    const passwd = readLines(tree, "passwd");
    if (findLine(passwd, name) === undefined) return tool.die(`user '${name}' does not exist`, MISSING);
    const newName = tool.value("l") ?? name;
    if (newName !== name && findLine(passwd, newName) !== undefined)
      return tool.die(`user '${newName}' already exists`, NAME_IN_USE);
    const uid = tool.value("u");
    if (uid !== undefined && !/^[0-9]+$/.test(uid)) return tool.die(`invalid user ID '${uid}'`, BAD_ARGUMENT);
    if (uid !== undefined && !tool.has("o") && passwd.some((line) => line[2] === uid && line[0] !== name)) {
      return tool.die(`UID '${uid}' already exists`, ID_IN_USE);
    }
    const groups = tool.has("G") ? groupNames(tool, tool.value("G")) : undefined;
    if ([...PASSWD_OPTIONS, ...SHADOW_OPTIONS].some((option) => tool.has(option))) changeUser(tool, { name, newName });
    if (uid !== undefined) chownHome(tool, newName, Number(uid));
    if (groups === undefined && newName === name) return 0;
    setMembers(tree, (group, members) => {
      const renamed = members.map((member) => (member === name ? newName : member));
      if (groups === undefined) return renamed;
      const wanted = groups.includes(group);
      const present = renamed.includes(newName);
      if (tool.has("r")) return wanted ? renamed.filter((member) => member !== newName) : renamed;
      if (wanted && !present) return [...renamed, newName];
      return !wanted && present && !tool.has("a") ? renamed.filter((member) => member !== newName) : renamed;
    });
    return 0;
  },
);

/** The options that change a user's line in passwd, and in shadow: only a file that is changed leaves a backup. */
const PASSWD_OPTIONS = ["c", "d", "g", "l", "L", "p", "s", "u", "U"];
const SHADOW_OPTIONS = ["e", "f", "l", "L", "p", "U"];

function changeUser(tool: Tool, user: { readonly name: string; readonly newName: string }): void {
  const { tree } = tool.process;
  const group = tool.value("g");
  const gid =
    group === undefined
      ? undefined
      : readLines(tree, "group").find((line) => line[0] === group || line[2] === group)?.[2];
  if (group !== undefined && gid === undefined) tool.die(`group '${group}' does not exist`, MISSING);
  const expire = tool.value("e");
  const day = expire === undefined ? undefined : parseDay(expire);
  if (expire !== undefined && day === undefined) tool.die(`invalid date '${expire}'`, BAD_ARGUMENT);
  const secret = (old: string): string => {
    const password = tool.value("p") ?? old;
    if (tool.has("L")) return password.startsWith("!") ? password : `!${password}`;
    if (!tool.has("U") || !password.startsWith("!")) return password;
    if (password === "!") tool.die("unlocking the user's password would result in a passwordless account.", 1);
    return password.slice(1);
  };
  const shadowed = findLine(readLines(tree, "shadow"), user.name) !== undefined;
  const changes = (
    file: "passwd" | "shadow",
    options: readonly string[],
    change: (line: AccountLine) => AccountLine,
  ) => {
    if (options.some((option) => tool.has(option))) changeLine(tree, { file, name: user.name }, change);
  };
  changes("passwd", PASSWD_OPTIONS, ([, password, uid, oldGid, comment, home, shell]) => [
    user.newName,
    shadowed ? password! : secret(password!),
    tool.value("u") ?? uid!,
    gid ?? oldGid!,
    tool.value("c") ?? comment!,
    tool.value("d") ?? home!,
    tool.value("s") ?? shell!,
  ]);
  changes("shadow", SHADOW_OPTIONS, (line) => {
    const changed = [...line];
    changed[0] = user.newName;
    changed[1] = secret(line[1]!);
    const today = dayOf(tool.process.system.epoch);
    if (tool.has("p")) changed[2] = today === 0 ? "" : String(today);
    if (tool.has("f")) changed[6] = tool.value("f") === "-1" ? "" : tool.value("f")!;
    if (day !== undefined) changed[7] = day;
    return changed;
  });
}

/** A new number for a user takes the files of the home with it. */
function chownHome(tool: Tool, name: string, uid: number): void {
  const { tree } = tool.process;
  const home = findLine(readLines(tree, "passwd"), name)?.[5];
  const node = home === undefined || home === "/" ? undefined : tree.lookup(home);
  if (node?.type !== "directory" || node.uid === uid) return;
  const old = node.uid;
  node.uid = uid;
  for (const inner of tree.walk(home)) if (inner.node.uid === old) inner.node.uid = uid;
}

export const userdel: Command = defineTool(
  {
    short: "fr",
    long: { force: "f", remove: "r" },
    refused: "hRPZ",
    refusedLong: ["root", "prefix", "selinux-user"],
    usage: BAD_SYNTAX,
  },
  (tool) => {
    const { tree } = tool.process;
    const [name] = tool.operands;
    if (name === undefined) return tool.usage("one login name is needed");
    const user = findLine(readLines(tree, "passwd"), name);
    if (user === undefined) return tool.die(`user '${name}' does not exist`, MISSING);
    removeLine(tree, { file: "passwd", name });
    removeLine(tree, { file: "shadow", name });
    setMembers(tree, (_, members) => members.filter((member) => member !== name));
    const group = findLine(readLines(tree, "group"), name);
    const alone =
      group?.[2] === user[3] &&
      splitMembers(group?.[3]).length === 0 &&
      !readLines(tree, "passwd").some((line) => line[3] === user[3]);
    if (loginDefault(tree, "USERGROUPS_ENAB") === "yes" && alone) {
      removeLine(tree, { file: "group", name });
      removeLine(tree, { file: "gshadow", name });
    }
    if (!tool.has("r")) return 0;
    tree.removeAll(`/var/mail/${name}`);
    const home = tree.lookup(user[5]!);
    if (home === undefined || (home.uid !== Number(user[2]) && !tool.has("f"))) {
      tool.say(
        home === undefined
          ? `${name} home directory (${user[5]}) not found`
          : `${user[5]} not owned by ${name}, not removing`,
      );
      return 12;
    }
    tree.removeAll(user[5]!);
    return 0;
  },
);
