/**
 * dpkg-statoverride(1).
 */
import { readAccounts } from "../../overlay/account-file.js";
import type { Command, Process } from "../../shell/process.js";
import type { DpkgDatabase } from "../../unpack/dpkg-database.js";
import { formatStatOverride } from "../../unpack/stat-overrides.js";
import { checkDirectories, DIRECTORY_OPTIONS, fail, readOptions } from "./command-options.js";
import { patternTest } from "./path-pattern.js";

const OPTIONS = {
  flags: {
    "--add": "add",
    "--remove": "remove",
    "--list": "list",
    "--quiet": "quiet",
    "--update": "update",
    "--force": "force",
    "--force-all": "force",
    "--force-statoverride-add": "force",
    "--force-statoverride-remove": "force",
    "--force-statoverride-deprecated": "force-deprecated",
  },
  values: DIRECTORY_OPTIONS,
} as const;

/** The command. */
export function dpkgStatoverrideCommand(database: DpkgDatabase): Command {
  return (process, args) => {
    const { flags, operands, ...options } = readOptions(process, args, OPTIONS);
    checkDirectories(process, { flags, operands, ...options });
    if (flags.has("add")) return add(database, process, { operands, flags });
    if (flags.has("remove")) {
      const path = cleanPath(operands[0] ?? "");
      if (operands.length !== 1) return fail(process, "dpkg-statoverride: error: --remove needs a single argument");
      if (database.statOverrides.get(path) === undefined) {
        if (!flags.has("quiet")) process.stderr.write("dpkg-statoverride: warning: no override present\n");
        return flags.has("force") ? 0 : 2;
      }
      database.statOverrides.remove(path);
      return 0;
    }
    if (!flags.has("list")) return fail(process, "dpkg-statoverride: error: need an action option");
    const tests = (operands.length === 0 ? ["*"] : operands.map(cleanPath)).map(patternTest);
    const found = database.statOverrides.all().filter((override) => tests.some((test) => test(override.path)));
    for (const override of found) process.stdout.write(formatStatOverride(override));
    return found.length === 0 ? 1 : 0;
  };
}

interface AddRequest {
  readonly operands: readonly string[];
  readonly flags: ReadonlySet<string>;
}

function add(database: DpkgDatabase, process: Process, request: AddRequest): number {
  const [user = "", group = "", octal = "", name = ""] = request.operands;
  if (request.operands.length !== 4) return fail(process, "dpkg-statoverride: error: --add needs four arguments");
  const path = cleanPath(name);
  const owner = resolve(database, "passwd", user);
  if (owner === undefined) return fail(process, `dpkg-statoverride: error: user '${user}' does not exist`);
  const ownerGroup = resolve(database, "group", group);
  if (ownerGroup === undefined) return fail(process, `dpkg-statoverride: error: group '${group}' does not exist`);
  if (!/^[0-7]{1,4}$|^0[0-7]{4}$/.test(octal))
    return fail(process, `dpkg-statoverride: error: invalid statoverride mode ${octal}`);
  const mode = Number.parseInt(octal, 8);
  if (database.statOverrides.get(path) !== undefined) {
    if (!request.flags.has("force"))
      return fail(process, `dpkg-statoverride: error: an override for '${path}' already exists; aborting`);
    if (!request.flags.has("quiet"))
      process.stderr.write(
        `dpkg-statoverride: warning: an override for '${path}' already exists, but --force specified so will be ignored\n`,
      );
  }
  database.statOverrides.add({ path, user: owner.name, group: ownerGroup.name, mode });
  if (request.flags.has("update")) {
    const node = database.tree.lookup(path);
    if (node === undefined) {
      if (!request.flags.has("quiet"))
        process.stderr.write(`dpkg-statoverride: warning: --update given but ${path} does not exist\n`);
    } else Object.assign(node, { uid: owner.id, gid: ownerGroup.id, mode });
  }
  return 0;
}

/** An absolute path without a slash at its end, as the database keeps it. */
function cleanPath(path: string): string {
  const clean = path.replace(/\/+$/, "");
  return clean.startsWith("/") || clean.startsWith("*") ? clean : `/${clean}`;
}

interface Account {
  readonly id: number;
  /** The name in the file: `#id` where no account has the id. */
  readonly name: string;
}

function resolve(database: DpkgDatabase, file: "passwd" | "group", word: string): Account | undefined {
  const accounts = readAccounts(database.tree, file);
  if (/^#[0-9]+$/.test(word)) {
    const id = Number(word.slice(1));
    return { id, name: accounts.find((fields) => Number(fields[2]) === id)?.[0] ?? word };
  }
  const found = accounts.find((fields) => fields[0] === word);
  return found === undefined ? undefined : { id: Number(found[2]), name: word };
}
