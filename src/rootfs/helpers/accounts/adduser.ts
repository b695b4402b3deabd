/**
 * adduser(8), addgroup(8), deluser(8) and delgroup(8) of Debian's adduser 3.152: system users and groups, members of groups. They call
 * useradd, groupadd, chfn, gpasswd and userdel, as the real ones do, so that the backups of the account files come out alike.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";
import { findLine, readLines } from "./account-lines.js";
import { makeHome } from "./home-directory.js";

const SPEC: ToolSpec = {
  short: "q",
  long: {
    system: "system",
    group: "group",
    quiet: "q",
    verbose: "verbose",
    debug: "verbose",
    "stdoutmsglevel=": "level",
    "stderrmsglevel=": "level",
    "logmsglevel=": "level",
    "home=": "home",
    "no-create-home": "no-create-home",
    "shell=": "shell",
    "gecos=": "comment",
    "comment=": "comment",
    "disabled-login": "disabled-login",
    "disabled-password": "disabled-password",
    "uid=": "uid",
    "gid=": "gid",
    "firstuid=": "firstuid",
    "lastuid=": "lastuid",
    "firstgid=": "firstgid",
    "lastgid=": "lastgid",
    "ingroup=": "ingroup",
    "force-badname": "bad",
    "allow-badname": "bad",
    "allow-bad-names": "bad",
    "allow-all-names": "bad",
  },
  usage: 1,
};

const LOGGING = "/usr/share/perl5/Debian/AdduserLogging.pm";
/** What perl's refusal ends it with. */
const UNSAFE_PATH = 25;
const NAME_TAKEN = 12;
const NO_GROUP = 3;

export const adduser: Command = defineTool(SPEC, (tool) => {
  requireSettings(tool);
  const [name, group] = tool.operands;
  if (name === undefined) return tool.die("Only one or two names allowed.");
  if (tool.name.endsWith("addgroup") || (tool.has("group") && !tool.has("system"))) return addGroup(tool, name);
  if (group !== undefined) return addMember(tool, { user: name, group });
  if (!tool.has("system")) return tool.unsupported("for a user that is no system user: it asks for a password");
  return addSystemUser(tool, name);
});

/**
 * Without its configuration file (which is there once adduser is configured) adduser 3.152 warns, and fails: the warning goes to logger(1)
 * too, which perl refuses to call with the PATH it was given. Older versions do not call it.
 */
function requireSettings(tool: Tool): void {
  const { tree } = tool.process;
  if (tree.lookup("/etc/adduser.conf") !== undefined || tree.lookup(LOGGING) === undefined) return;
  tool.process.stderr.write("warn: `/etc/adduser.conf' does not exist. Using defaults.\n");
  tool.exit(UNSAFE_PATH);
}

/** adduser.conf(5). */
function setting(tree: Tree, name: string, fallback: number): number {
  const text = tree.lookup("/etc/adduser.conf")?.type === "file" ? tree.readText("/etc/adduser.conf") : "";
  const match = new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*"?([0-9]+)"?[ \\t]*$`, "im").exec(text);
  return match === null ? fallback : Number.parseInt(match[1]!, name.endsWith("MODE") ? 8 : 10);
}

function firstFree(tool: Tool, kind: "uid" | "gid", system: boolean): number {
  const { tree } = tool.process;
  const scope = system ? `SYSTEM_${kind.toUpperCase()}` : kind.toUpperCase();
  const first = Number(tool.value(`first${kind}`) ?? setting(tree, `FIRST_${scope}`, system ? 100 : 1000));
  const last = Number(tool.value(`last${kind}`) ?? setting(tree, `LAST_${scope}`, system ? 999 : 59999));
  const taken = new Set(readLines(tree, kind === "uid" ? "passwd" : "group").map((line) => Number(line[2])));
  for (let id = first; id <= last; id++) if (!taken.has(id)) return id;
  return tool.die(`No ${kind.toUpperCase()} is available in the range ${first}-${last}.`);
}

function isSystemId(tree: Tree, kind: "UID" | "GID", id: string): boolean {
  return (
    Number(id) >= setting(tree, `FIRST_SYSTEM_${kind}`, 100) && Number(id) <= setting(tree, `LAST_SYSTEM_${kind}`, 999)
  );
}

function tell(tool: Tool, text: string): void {
  if (!tool.has("q")) tool.out(`info: ${text}\n`);
}

/** Runs one of shadow's programs. */
function run(tool: Tool, argv: readonly string[]): void {
  const status = tool.process.run(argv);
  if (status !== 0) tool.die(`\`${argv.join(" ")}' returned error code ${status}. Exiting.`, 82);
}

function addGroup(tool: Tool, name: string): number {
  const { tree } = tool.process;
  const system = tool.has("system");
  const existing = findLine(readLines(tree, "group"), name);
  if (existing !== undefined) {
    if (system && isSystemId(tree, "GID", existing[2]!)) {
      tell(tool, `The group \`${name}' already exists as a system group. Exiting.`);
      return 0;
    }
    return tool.die(`The group \`${name}' already exists.`, NAME_TAKEN);
  }
  const gid = tool.value("gid") ?? String(firstFree(tool, "gid", system));
  tell(tool, `Adding group \`${name}' (GID ${gid}) ...`);
  run(tool, ["/usr/sbin/groupadd", "-g", gid, name]);
  return 0;
}

function addMember(tool: Tool, to: { readonly user: string; readonly group: string }): number {
  const { tree } = tool.process;
  if (findLine(readLines(tree, "passwd"), to.user) === undefined)
    return tool.die(`The user \`${to.user}' does not exist.`);
  const group = findLine(readLines(tree, "group"), to.group);
  if (group === undefined) return tool.die(`The group \`${to.group}' does not exist.`, NO_GROUP);
  if ((group[3] ?? "").split(",").includes(to.user)) {
    tell(tool, `The user \`${to.user}' is already a member of \`${to.group}'.`);
    return 0;
  }
  tell(tool, `Adding user \`${to.user}' to group \`${to.group}' ...`);
  const status = tool.process.capture(["/usr/bin/gpasswd", "-a", to.user, to.group]).status;
  return status === 0 ? 0 : tool.die(`\`/usr/bin/gpasswd' returned error code ${status}. Exiting.`, 82);
}

function addSystemUser(tool: Tool, name: string): number {
  const { tree } = tool.process;
  const existing = findLine(readLines(tree, "passwd"), name);
  if (existing !== undefined) {
    const wanted = tool.value("uid");
    if (!isSystemId(tree, "UID", existing[2]!))
      return tool.die(`The user \`${name}' already exists, but is not a system user. Exiting.`, NAME_TAKEN);
    if (wanted !== undefined && wanted !== existing[2])
      return tool.die(`The user \`${name}' already exists with a different UID. Exiting.`, NAME_TAKEN);
    tell(tool, `The system user \`${name}' already exists. Exiting.`);
    return 0;
  }
  const ingroup = tool.value("ingroup");
  if (ingroup !== undefined && tool.has("group"))
    return tool.die("The --group, --ingroup, and --gid options are mutually exclusive.");
  const uid = tool.value("uid") ?? String(firstFree(tool, "uid", true));
  tell(tool, `Adding system user \`${name}' (UID ${uid}) ...`);
  const gid = primaryGroup(tool, { name, ingroup, uid });
  const home = tool.value("home") ?? "/nonexistent";
  const shell = tool.value("shell") ?? "/usr/sbin/nologin";
  tell(tool, `Adding new user \`${name}' (UID ${uid}) with group \`${groupName(tree, gid)}' ...`);
  run(tool, ["/usr/sbin/useradd", "-r", "-d", home, "-g", gid, "-s", shell, "-u", uid, name]);
  const comment = tool.value("comment");
  if (comment !== undefined && comment !== "") setComment(tool, name, comment);
  createHome(tool, { home, uid: Number(uid), gid: Number(gid) });
  return 0;
}

function groupName(tree: Tree, gid: string): string {
  return readLines(tree, "group").find((line) => line[2] === gid)?.[0] ?? gid;
}

function primaryGroup(
  tool: Tool,
  user: { readonly name: string; readonly ingroup: string | undefined; readonly uid: string },
): string {
  const { tree } = tool.process;
  const groups = readLines(tree, "group");
  if (user.ingroup !== undefined) {
    return findLine(groups, user.ingroup)?.[2] ?? tool.die(`The group \`${user.ingroup}' does not exist.`, NO_GROUP);
  }
  const given = tool.value("gid");
  if (given !== undefined)
    return groups.some((line) => line[2] === given) ? given : tool.die(`The GID ${given} does not exist.`, NO_GROUP);
  if (!tool.has("group")) return findLine(groups, "nogroup")?.[2] ?? "65534";
  const existing = findLine(groups, user.name);
  if (existing !== undefined) {
    if (!isSystemId(tree, "GID", existing[2]!))
      tool.die(`The group \`${user.name}' already exists, but is not a system group. Exiting.`, NAME_TAKEN);
    return existing[2]!;
  }
  // A number that was asked for is the group's too, when it is free.
  const wanted = tool.value("uid");
  const gid =
    wanted !== undefined && !groups.some((line) => line[2] === wanted) ? wanted : String(firstFree(tool, "gid", true));
  tell(tool, `Adding new group \`${user.name}' (GID ${gid}) ...`);
  run(tool, ["/usr/sbin/groupadd", "-g", gid, user.name]);
  return gid;
}

function setComment(tool: Tool, name: string, comment: string): void {
  const [full = "", room, work, home, ...other] = comment.split(",");
  const argv = ["/usr/bin/chfn", "-f", full];
  if (room !== undefined) argv.push("-r", room);
  if (work !== undefined) argv.push("-w", work);
  if (home !== undefined) argv.push("-h", home);
  if (other.length > 0) argv.push("-o", other.join(","));
  run(tool, [...argv, name]);
}

function createHome(tool: Tool, user: { readonly home: string; readonly uid: number; readonly gid: number }): void {
  if (tool.has("no-create-home") || user.home === "/nonexistent") {
    if (!tool.has("no-create-home") || user.home === "/nonexistent") return;
    tell(tool, `Not creating \`${user.home}'.`);
    return;
  }
  const { tree } = tool.process;
  if (tree.lookup(user.home) !== undefined) {
    tool.say(`Warning: The home dir ${user.home} you specified already exists.`);
    return;
  }
  tell(tool, `Creating home directory \`${user.home}' ...`);
  makeHome(tree, { path: user.home, uid: user.uid, gid: user.gid, mode: setting(tree, "SYS_DIR_MODE", 0o755) });
}

const REMOVE_SPEC: ToolSpec = {
  short: "q",
  long: {
    system: "system",
    group: "group",
    quiet: "q",
    "only-if-empty": "only-if-empty",
    "remove-home": "remove-home",
    verbose: "verbose",
    force: "force",
  },
};

export const deluser: Command = defineTool(REMOVE_SPEC, (tool) => {
  requireSettings(tool);
  const { tree } = tool.process;
  const [name, group] = tool.operands;
  if (name === undefined) return tool.die("Only one or two names allowed.");
  if (tool.name.endsWith("delgroup") || tool.has("group")) return deleteGroup(tool, name);
  const user = findLine(readLines(tree, "passwd"), name);
  if (group !== undefined) {
    const line = findLine(readLines(tree, "group"), group);
    if (user === undefined || line === undefined)
      return tool.die(
        `The ${user === undefined ? "user" : "group"} \`${user === undefined ? name : group}' does not exist.`,
        2,
      );
    if (!(line[3] ?? "").split(",").includes(name))
      return tool.die(`The user \`${name}' is not a member of group \`${group}'.`, 6);
    return tool.process.capture(["/usr/bin/gpasswd", "-d", name, group]).status;
  }
  if (user === undefined) {
    if (!tool.has("system")) return tool.die(`The user \`${name}' does not exist.`, 2);
    tell(tool, `The user \`${name}' does not exist, but --system was given. Exiting.`);
    return 0;
  }
  if (tool.has("system") && !isSystemId(tree, "UID", user[2]!))
    return tool.die(`The user \`${name}' is not a system user. Exiting.`);
  tell(tool, `Removing user \`${name}' ...`);
  run(tool, ["/usr/sbin/userdel", ...(tool.has("remove-home") ? ["-r"] : []), name]);
  return 0;
});

function deleteGroup(tool: Tool, name: string): number {
  const { tree } = tool.process;
  const line = findLine(readLines(tree, "group"), name);
  if (line === undefined) {
    if (!tool.has("system")) return tool.die(`The group \`${name}' does not exist.`, 3);
    tell(tool, `The group \`${name}' does not exist.`);
    return 0;
  }
  if (tool.has("only-if-empty") && (line[3] ?? "") !== "") return tool.die(`The group \`${name}' is not empty!`, 5);
  const user = readLines(tree, "passwd").find((other) => other[3] === line[2]);
  if (user !== undefined) return tool.die(`\`${user[0]}' still has \`${name}' as their primary group!`, 7);
  tell(tool, `Removing group \`${name}' ...`);
  run(tool, ["/usr/sbin/groupdel", name]);
  return 0;
}
