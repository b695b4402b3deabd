/**
 * dpkg-query(1) over the database: --show, --list, --status, --listfiles, --search, --control-*, and `dpkg --get-selections`.
 */
import { toByteString } from "../../../bytes/content.js";
import type { Command, Process } from "../../shell/process.js";
import { type DpkgDatabase, type InstalledPackage, infoName } from "../../unpack/dpkg-database.js";
import { infoPath } from "../info-files.js";
import { formatStanza } from "../status-file.js";
import { checkDirectories, DIRECTORY_OPTIONS, fail, readOptions } from "./command-options.js";
import { searchPaths } from "./dpkg-search.js";
import { installedPackages, type KnownPackage, matchPackages, shownName, statusLetters } from "./known-packages.js";
import { formatPackage, synopsis } from "./show-format.js";

const OPTIONS = {
  flags: {
    "-W": "show",
    "--show": "show",
    "-l": "list",
    "--list": "list",
    "-s": "status",
    "--status": "status",
    "-L": "listfiles",
    "--listfiles": "listfiles",
    "-S": "search",
    "--search": "search",
    "-c": "control-path",
    "--control-path": "control-path",
    "--control-list": "control-list",
    "--control-show": "control-show",
    "--no-pager": "no-pager",
  },
  values: { "-f": "showformat", "--showformat": "showformat", ...DIRECTORY_OPTIONS },
} as const;

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own syntax
const DEFAULT_FORMAT = "${binary:Package}\t${Version}\n";

/** The command. */
export function dpkgQueryCommand(database: DpkgDatabase): Command {
  return (process, args) => {
    const options = readOptions(process, args, OPTIONS);
    checkDirectories(process, options);
    const action = [...options.flags].find((flag) => flag !== "no-pager");
    if (action === undefined) return fail(process, "dpkg-query: error: need an action option");
    return runQuery(database, process, {
      action,
      operands: options.operands,
      format: options.values.get("showformat"),
    });
  };
}

/** One of dpkg-query's actions. */
export interface Query {
  readonly action: string;
  readonly operands: readonly string[];
  readonly format?: string | undefined;
}

/** Carries an action out; dpkg calls this for those of its own options that dpkg-query has. */
export function runQuery(database: DpkgDatabase, process: Process, query: Query): number {
  const { operands } = query;
  switch (query.action) {
    case "show":
      return show(database, process, query);
    case "list":
      return list(database, process, operands);
    case "status":
      return eachInstalled(database, process, operands, (entry) => formatStanza(database, entry));
    case "listfiles":
      return eachInstalled(database, process, operands, (entry) => listFiles(database, entry));
    case "search":
      return searchPaths(database, process, operands);
    case "get-selections":
      return selections(database, process, operands);
    case "control-path":
      return controlPath(database, process, operands);
    case "control-list":
      return controlList(database, process, operands);
    case "control-show":
      return controlShow(database, process, operands);
    default:
      return process.unsupported(`dpkg-query --${query.action}`);
  }
}

function show(database: DpkgDatabase, process: Process, query: Query): number {
  const { packages, status } = selected(database, process, query.operands);
  for (const known of packages) {
    const text = formatPackage(database, known, query.format ?? DEFAULT_FORMAT);
    if (text === undefined) return fail(process, "dpkg-query: error in show format: missing closing brace");
    process.stdout.write(text);
  }
  return status;
}

/** The packages that the operands name, all installed ones where there are none; 1 where an operand matches nothing. */
function selected(
  database: DpkgDatabase,
  process: Process,
  operands: readonly string[],
): { packages: readonly KnownPackage[]; status: number } {
  if (operands.length === 0) return { packages: installedPackages(database), status: 0 };
  let status = 0;
  const packages = new Map<string, KnownPackage>();
  for (const word of operands) {
    const matches = matchPackages(database, word);
    for (const known of matches) packages.set(known.name, known);
    if (matches.length > 0) continue;
    process.stderr.write(`dpkg-query: no packages found matching ${word}\n`);
    status = 1;
  }
  return { packages: [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), status };
}

const HEADER = `Desired=Unknown/Install/Remove/Purge/Hold
| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend
|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)
`;

/** The table of `dpkg -l`, as wide as its content: stdout is no terminal. */
function list(database: DpkgDatabase, process: Process, operands: readonly string[]): number {
  const { packages, status } = selected(database, process, operands);
  if (packages.length === 0) return status;
  const rows = packages.map((known) => {
    const record = known.installed?.record;
    const columns = [shownName(known), record?.version ?? "<none>", record?.architecture ?? "<none>"];
    const text = record === undefined ? "(no description available)" : synopsis(record.control.get("Description"));
    return { letters: statusLetters(database, known), columns: [...columns, text] };
  });
  const widths = [14, 12, 12, 33].map((least, i) =>
    Math.max(least, ...rows.map((row) => (row.columns[i] as string).length)),
  );
  const line = (columns: readonly string[]): string =>
    columns.map((text, i) => (i === columns.length - 1 ? text : text.padEnd(widths[i] as number))).join(" ");
  process.stdout.write(`${HEADER}||/ ${line(["Name", "Version", "Architecture", "Description"])}\n`);
  process.stdout.write(`+++-${widths.map((width) => "=".repeat(width)).join("-")}\n`);
  for (const row of rows) process.stdout.write(`${row.letters} ${line(row.columns)}\n`);
  return status;
}

/** Writes what `format` makes of each installed package, an empty line between two. */
function eachInstalled(
  database: DpkgDatabase,
  process: Process,
  operands: readonly string[],
  format: (entry: InstalledPackage) => string,
): number {
  let status = 0;
  let first = true;
  const entries = operands.length === 0 ? database.sorted().map((entry) => entry.record.name) : operands;
  for (const word of entries) {
    const entry = database.find(word);
    if (entry === undefined || !database.state.packages.has(entry.record.name)) {
      process.stderr.write(`dpkg-query: package '${word}' is not installed\n`);
      status = 1;
      continue;
    }
    if (!first) process.stdout.write("\n");
    first = false;
    process.stdout.write(format(entry));
  }
  return status;
}

function listFiles(database: DpkgDatabase, entry: InstalledPackage): string {
  let text = "";
  for (const path of entry.files) {
    text += `${path}\n`;
    const diversion = database.diversions.from(path);
    if (diversion === undefined) continue;
    if (diversion.owner === undefined) text += `locally diverted to: ${diversion.to}\n`;
    else if (diversion.owner === entry.record.name) text += `package diverts others to: ${diversion.to}\n`;
    else text += `diverted by ${diversion.owner} to: ${diversion.to}\n`;
  }
  return text;
}

function selections(database: DpkgDatabase, process: Process, operands: readonly string[]): number {
  const words = operands.length === 0 ? undefined : operands;
  const packages =
    words === undefined ? installedPackages(database) : words.flatMap((word) => matchPackages(database, word));
  for (const known of packages) {
    if (known.installed === undefined) continue;
    const name = shownName(known);
    process.stdout.write(`${name}${"\t".repeat(Math.max(1, 6 - Math.floor(name.length / 8)))}install\n`);
  }
  for (const word of words ?? [])
    if (matchPackages(database, word).length === 0) process.stderr.write(`dpkg: no packages found matching ${word}\n`);
  return 0;
}

/** The names of a package's control files, `.list` not among them. */
function controlFiles(database: DpkgDatabase, entry: InstalledPackage): string[] {
  const stem = `${infoName(entry.record)}.`;
  const names = [...database.tree.directory("/var/lib/dpkg/info").entries.keys()].sort();
  return names
    .filter((name) => name.startsWith(stem))
    .map((name) => name.slice(stem.length))
    .filter((name) => name !== "list");
}

function controlPath(database: DpkgDatabase, process: Process, operands: readonly string[]): number {
  const [word = "", member] = operands;
  const entry = database.find(word);
  if (entry === undefined) return notInstalled(process, word);
  for (const name of controlFiles(database, entry))
    if (member === undefined || name === member) process.stdout.write(`${infoPath(entry, name)}\n`);
  return 0;
}

function controlList(database: DpkgDatabase, process: Process, operands: readonly string[]): number {
  const [word = ""] = operands;
  const entry = database.find(word);
  if (entry === undefined) return notInstalled(process, word);
  for (const name of controlFiles(database, entry)) process.stdout.write(`${name}\n`);
  return 0;
}

function controlShow(database: DpkgDatabase, process: Process, operands: readonly string[]): number {
  const [word = "", member = ""] = operands;
  const entry = database.find(word);
  if (entry === undefined) return notInstalled(process, word);
  const node = database.tree.lookup(infoPath(entry, member));
  if (node?.type !== "file") return fail(process, `dpkg-query: error: control file '${member}' does not exist`);
  process.stdout.write(toByteString(node.content.read()));
  return 0;
}

function notInstalled(process: Process, word: string): number {
  return fail(process, `dpkg-query: error: package '${word}' is not installed`);
}
