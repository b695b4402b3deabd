/**
 * systemd-sysusers(8) of systemd 257: makes the users and groups of sysusers.d(5). Ids are searched downward from 999; a user without
 * a number takes that of its group. Checked against the account files of trees that mmdebstrap made.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";
import {
  type AccountLine,
  dayOf,
  findLine,
  hasAccounts,
  makeLockFile,
  readLines,
  writeLines,
} from "../accounts/account-lines.js";
import { confFiles } from "./conf-files.js";
import { addImplicit, parseSysusers, type SysusersConfig, type WantedAccount } from "./sysusers-config.js";

const DIRECTORIES = ["/etc/sysusers.d", "/run/sysusers.d", "/usr/local/lib/sysusers.d", "/usr/lib/sysusers.d"];
const FIRST_ID = 999;

const SPEC: ToolSpec = {
  long: { "root=": "root" },
  refused: "hV",
  refusedLong: ["cat-config", "tldr", "image", "image-policy", "replace", "dry-run", "inline", "no-pager"],
};

interface Accounts {
  readonly tool: Tool;
  readonly tree: Tree;
  readonly config: SysusersConfig;
  readonly passwd: AccountLine[];
  readonly group: AccountLine[];
  readonly newUsers: Map<string, { readonly wanted: WantedAccount; readonly uid: number; readonly gid: number }>;
  readonly newGroups: Map<string, number>;
  readonly free: Generator<number>;
}

export const systemdSysusers: Command = defineTool(SPEC, (tool) => {
  const { tree } = tool.process;
  const root = tool.value("root") ?? "/";
  if (root !== "/" && root !== "") tool.unsupported(`--root=${root}`);
  const config: SysusersConfig = { users: new Map(), groups: new Map(), members: new Map(), ranges: [] };
  for (const path of configPaths(tool)) {
    for (const complaint of parseSysusers(tree, { path, text: tree.readText(path) }, config)) tool.complain(complaint);
  }
  const passwd = readLines(tree, "passwd");
  const group = readLines(tree, "group");
  addImplicit(config, {
    user: (name) => findLine(passwd, name) !== undefined,
    group: (name) => findLine(group, name) !== undefined,
  });
  makeLockFile(tree);
  const accounts: Accounts = {
    tool,
    tree,
    config,
    passwd,
    group,
    newUsers: new Map(),
    newGroups: new Map(),
    free: freeIds(config.ranges),
  };
  for (const wanted of config.groups.values()) addGroup(accounts, wanted.name, wanted);
  for (const wanted of config.users.values()) addUserAndGroup(accounts, wanted);
  writeGroups(accounts);
  writeUsers(accounts);
  return tool.status;
});

function configPaths(tool: Tool): string[] {
  const { tree } = tool.process;
  if (tool.operands.length === 0) return confFiles(tree, DIRECTORIES, ".conf");
  return tool.operands.flatMap((name) => {
    if (name === "-") tool.unsupported("-");
    const candidates = name.includes("/")
      ? [tool.absolute(name)]
      : DIRECTORIES.map((directory) => `${directory}/${name}`);
    const path = candidates.find((candidate) => tree.lookup(candidate) !== undefined);
    if (path === undefined) tool.complain(`Failed to read '${name}': No such file or directory`);
    return path === undefined || tree.lookup(path)?.type !== "file" ? [] : [path];
  });
}

/** Ids from the highest down; each is offered once, to users and groups together. */
function* freeIds(ranges: readonly (readonly [number, number])[]): Generator<number> {
  if (ranges.length === 0) for (let id = FIRST_ID; id > 0; id--) yield id;
  else for (const id of [...new Set(ranges.flatMap(([from, to]) => numbers(from, to)))].sort((a, b) => b - a)) yield id;
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}

function uidIsFree(accounts: Accounts, uid: number, name: string, withGid = true): boolean {
  if (accounts.passwd.some((line) => Number(line[2]) === uid)) return false;
  if ([...accounts.newUsers.values()].some((user) => user.uid === uid)) return false;
  if (!withGid) return true;
  if ([...accounts.newGroups].some(([group, gid]) => gid === uid && group !== name)) return false;
  return !accounts.group.some((line) => Number(line[2]) === uid && line[0] !== name);
}

function gidIsFree(accounts: Accounts, gid: number, name: string, withUid = true): boolean {
  if (accounts.group.some((line) => Number(line[2]) === gid)) return false;
  if ([...accounts.newGroups.values()].includes(gid)) return false;
  if (!withUid) return true;
  if ([...accounts.newUsers].some(([user, { uid }]) => uid === gid && user !== name)) return false;
  return !accounts.passwd.some((line) => Number(line[2]) === gid && line[0] !== name);
}

/** The number of a group, made if it is not there; undefined when that is impossible. */
function addGroup(accounts: Accounts, name: string, wanted: WantedAccount): number | undefined {
  const existing = findLine(accounts.group, name)?.[2] ?? accounts.newGroups.get(name);
  if (existing !== undefined) return Number(existing);
  const { tool } = accounts;
  if (wanted.gidMustExist && wanted.gid !== undefined) {
    if (!gidIsFree(accounts, wanted.gid, name, false)) return wanted.gid;
    tool.complain(`Failed to create ${wanted.name}: please create GID ${wanted.gid}`);
    return undefined;
  }
  const owner = wanted.idPath === undefined ? undefined : accounts.tree.lookup(wanted.idPath, { follow: false });
  let gid: number | undefined;
  if (wanted.gid !== undefined && gidIsFree(accounts, wanted.gid, name, false)) gid = wanted.gid;
  if (gid === undefined && wanted.uid !== undefined && gidIsFree(accounts, wanted.uid, name)) gid = wanted.uid;
  if (gid === undefined && owner !== undefined && gidIsFree(accounts, owner.gid, name)) gid = owner.gid;
  gid ??= next(accounts, (id) => gidIsFree(accounts, id, name));
  tool.process.stderr.write(`Creating group '${name}' with GID ${gid}.\n`);
  accounts.newGroups.set(name, gid);
  return gid;
}

function addUserAndGroup(accounts: Accounts, wanted: WantedAccount): void {
  const { tool } = accounts;
  let gid: number | undefined;
  if (wanted.groupName !== undefined && wanted.groupName !== wanted.name) {
    const existing = findLine(accounts.group, wanted.groupName)?.[2] ?? accounts.newGroups.get(wanted.groupName);
    if (existing === undefined)
      tool.complain(`Failed to create user '${wanted.name}': group '${wanted.groupName}' is missing.`);
    else gid = Number(existing);
  } else gid = addGroup(accounts, wanted.name, wanted);
  if (gid === undefined || findLine(accounts.passwd, wanted.name) !== undefined) return;
  const owner = wanted.idPath === undefined ? undefined : accounts.tree.lookup(wanted.idPath, { follow: false });
  let uid: number | undefined;
  const strict = wanted.gidMustExist || wanted.groupName !== undefined;
  if (wanted.uid !== undefined && uidIsFree(accounts, wanted.uid, wanted.name, !strict)) uid = wanted.uid;
  if (uid === undefined && owner !== undefined && uidIsFree(accounts, owner.uid, wanted.name)) uid = owner.uid;
  if (uid === undefined && uidIsFree(accounts, gid, wanted.name)) uid = gid;
  uid ??= next(accounts, (id) => uidIsFree(accounts, id, wanted.name));
  const description = wanted.description === "" ? "n/a" : wanted.description;
  tool.process.stderr.write(`Creating user '${wanted.name}' (${description}) with UID ${uid} and GID ${gid}.\n`);
  accounts.newUsers.set(wanted.name, { wanted, uid, gid });
}

function next(accounts: Accounts, fits: (id: number) => boolean): number {
  for (let item = accounts.free.next(); !item.done; item = accounts.free.next())
    if (fits(item.value)) return item.value;
  return accounts.tool.die("No free group ID available.");
}

function writeGroups(accounts: Accounts): void {
  const { tree, config, newGroups } = accounts;
  for (const file of ["group", "gshadow"] as const) {
    const before = readLines(tree, file);
    const lines = before
      .filter((line) => file === "group" || !newGroups.has(line[0]!))
      .map((line) => withMembers(line, config.members.get(line[0]!)));
    for (const [name, gid] of newGroups) {
      const line = file === "group" ? [name, "x", String(gid), ""] : [name, "!*", "", ""];
      lines.push(withMembers(line, config.members.get(name)));
    }
    const changed = newGroups.size > 0 || lines.some((line, at) => line[3] !== before[at]?.[3]);
    if (changed) writeLines(tree, file, lines, { mode: file === "group" ? 0o644 : 0, gid: 0 });
  }
}

function withMembers(line: AccountLine, members: readonly string[] | undefined): AccountLine {
  const present = (line[3] ?? "").split(",").filter((member) => member !== "");
  const missing = (members ?? []).filter((member) => !present.includes(member));
  if (missing.length === 0) return line;
  return [...line.slice(0, 3), [...new Set([...present, ...missing])].sort().join(",")];
}

function writeUsers(accounts: Accounts): void {
  const { tree, newUsers, tool } = accounts;
  if (newUsers.size === 0) return;
  const day = String(dayOf(tool.process.system.epoch));
  const shadow = readLines(tree, "shadow").map((line) =>
    newUsers.has(line[0]!) ? [line[0]!, line[1]!, day, ...line.slice(3)] : line,
  );
  const users = [...newUsers].map(([name, { wanted, uid, gid }]) => {
    const shell = wanted.shell ?? (uid === 0 ? "/bin/bash" : "/usr/sbin/nologin");
    if (findLine(shadow, name) === undefined)
      shadow.push([name, "!*", day, "", "", "", "", wanted.locked ? "1" : "", ""]);
    return [name, "x", String(uid), String(gid), wanted.description, wanted.home ?? "/", shell];
  });
  writeLines(tree, "passwd", [...accounts.passwd, ...users]);
  writeLines(tree, "shadow", shadow, hasAccounts(tree, "shadow") ? {} : { mode: 0, gid: 0 });
}
