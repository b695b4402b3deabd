/**
 * su(1) and runuser(1) of util-linux 2.41, called by root: a shell's command, or a program, as another user. What it makes is that
 * user's; permission bits are not enforced, as nowhere here. PAM is not asked: Debian's rules let root pass.
 */
import type { Command, RunOptions } from "../../shell/process.js";
import { readGroups, readUsers, type User } from "../../shell/tools/accounts.js";
import { runProgram } from "../../shell/tools/run-program.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import { Tree } from "../../tree/tree.js";

const SPEC: ToolSpec = {
  short: "c:fg:lmps:w:",
  long: {
    "command=": "c",
    fast: "f",
    "group=": "g",
    login: "l",
    "preserve-environment": "p",
    "shell=": "s",
    "session-command=": "c",
    "whitelist-environment=": "w",
  },
  refused: "GPT",
  refusedLong: ["supp-group", "pty", "no-pty"],
  operandsEndOptions: true,
};

/** Search paths of login.defs(5) in util-linux, which a login gets. */
const ROOT_PATH = "/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin";
const USER_PATH = "/usr/local/bin:/bin:/usr/bin:/usr/local/games:/usr/games";

export const su: Command = (process, args) => runSu(process, reordered(args));

/** Options may follow the user's name; what follows a second operand is the shell's. */
function reordered(args: readonly string[]): readonly string[] {
  const [name = "", ...rest] = args;
  const options: string[] = [];
  const operands: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === "--") return [name, ...options, "--", ...operands, ...rest.slice(i + 1)];
    if (word === "-") options.push("-l");
    else if (word.startsWith("-")) {
      options.push(word);
      if (
        /^-[flmp]*[cgsw]$|^--(command|group|shell|session-command|whitelist-environment)$/.test(word) &&
        i + 1 < rest.length
      )
        options.push(rest[++i]!);
    } else operands.push(word);
  }
  return [name, ...options, "--", ...operands];
}

const runSu = defineTool(SPEC, (tool) => {
  const [name = "root", ...rest] = tool.operands;
  const user = findUser(tool, name);
  const command = tool.value("c");
  if (command === undefined && rest.length === 0) return tool.unsupported("without a command");
  const shell = tool.value("s") ?? (user.shell || "/bin/sh");
  const flags = command === undefined ? [] : ["-c", command];
  return runProgram(tool, [shell, ...flags, ...rest], asUser(tool, user));
});

export const runuser: Command = (process, args) =>
  args.some((arg) => arg === "-u" || arg.startsWith("--user")) ? runProgramAs(process, args) : su(process, args);

const runProgramAs = defineTool({ ...SPEC, short: "g:u:", long: { "group=": "g", "user=": "u" } }, (tool) => {
  const user = findUser(tool, tool.value("u") ?? "");
  if (tool.operands.length === 0) tool.usage("no command was specified");
  return runProgram(tool, tool.operands, asUser(tool, user));
});

/** setpriv(1) with other ids, and nothing else. */
export const setpriv: Command = defineTool(
  {
    long: {
      "reuid=": "u",
      "regid=": "g",
      "ruid=": "u",
      "rgid=": "g",
      "euid=": "u",
      "egid=": "g",
      "init-groups": "i",
      "clear-groups": "i",
    },
    operandsEndOptions: true,
  },
  (tool) => {
    if (tool.operands.length === 0) tool.usage("No program specified");
    const name = tool.value("u") ?? "root";
    return runProgram(tool, tool.operands, asUser(tool, findUser(tool, name)));
  },
);

function findUser(tool: Tool, name: string): User {
  const user = readUsers(tool.process.tree).find((entry) => entry.name === name);
  return user ?? tool.die(`user ${name} does not exist or the user entry does not contain all the required fields`);
}

function asUser(tool: Tool, user: User): RunOptions {
  const { tree } = tool.process;
  const group = tool.value("g");
  const gid = group === undefined ? user.gid : readGroups(tree).find((entry) => entry.name === group)?.gid;
  if (gid === undefined) return tool.die(`group ${group} does not exist`);
  const acting = new Tree({ root: tree.root, epoch: tree.epoch, user: { uid: user.uid, gid } });
  if (tool.has("u") || tool.has("p") || tool.has("m")) return { tree: acting };
  const environment: Record<string, string | undefined> = {
    HOME: user.home,
    SHELL: tool.value("s") ?? (user.shell || "/bin/sh"),
    ...(user.uid !== 0 && { USER: user.name, LOGNAME: user.name }),
  };
  if (!tool.has("l")) return { tree: acting, environment };
  const kept = new Set(["TERM", "COLORTERM", "NO_COLOR", ...(tool.value("w")?.split(",") ?? [])]);
  for (const name of tool.process.environment.keys()) if (!kept.has(name)) environment[name] ??= undefined;
  Object.assign(environment, { USER: user.name, LOGNAME: user.name, PATH: user.uid === 0 ? ROOT_PATH : USER_PATH });
  return {
    tree: acting,
    environment,
    cwd: tool.find(user.home)?.type === "directory" ? tree.realpath(user.home) : "/",
  };
}
