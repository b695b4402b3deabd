/** getent(1) of glibc 2.41 over the tree's files: passwd, group, shadow, gshadow, hosts, services, protocols, networks. */
import type { Command } from "../process.js";
import { databaseLines } from "./accounts.js";
import { defineTool, type Tool } from "./tool.js";

export const getent: Command = defineTool(
  { short: "s:i", long: { "service=": "s", "no-idn": "i" }, refused: "AV", operandsEndOptions: true },
  (tool) => {
    const [database, ...keys] = tool.operands;
    if (database === undefined) {
      tool.say("wrong number of arguments");
      return seeHelp(tool);
    }
    switch (database) {
      case "passwd":
        return lookUp(tool, keys, { file: "/etc/passwd", numeric: 2 });
      case "group":
        return lookUp(tool, keys, { file: "/etc/group", numeric: 2 });
      case "shadow":
        return lookUp(tool, keys, { file: "/etc/shadow", numeric: undefined });
      case "gshadow":
        return lookUp(tool, keys, { file: "/etc/gshadow", numeric: undefined });
      case "hosts":
      case "ahosts":
      case "ahostsv4":
      case "ahostsv6":
      case "netgroup":
      case "initgroups":
      case "aliases":
      case "ethers":
      case "rpc":
        return tool.unsupported(database);
      case "services":
      case "protocols":
      case "networks":
        return lookUpTable(tool, keys, { database });
      default:
        tool.process.stderr.write(`Unknown database: ${database}\n`);
        return seeHelp(tool);
    }
  },
);

function seeHelp(tool: Tool): number {
  tool.out(`Try \`${tool.name} --help' or \`${tool.name} --usage' for more information.\n`);
  return 1;
}

/** Databases of lines with colons. A key of digits is a number where the database has one. */
function lookUp(
  tool: Tool,
  keys: readonly string[],
  { file, numeric }: { readonly file: string; readonly numeric: number | undefined },
): number {
  const entries = databaseLines(tool.process.tree, file).map((line) => ({ line, fields: line.split(":") }));
  if (keys.length === 0) {
    for (const { line } of entries) tool.out(`${line}\n`);
    return 0;
  }
  let status = 0;
  for (const key of keys) {
    const byNumber = numeric !== undefined && /^[0-9]+$/.test(key);
    const found = entries.find(({ fields }) =>
      byNumber ? Number(fields[numeric]) === Number(key) && fields[numeric] !== "" : fields[0] === key,
    );
    if (found === undefined) status = 2;
    else tool.out(`${found.line}\n`);
  }
  return status;
}

/** services(5), protocols(5) and networks(5): names, a number and aliases in columns. */
function lookUpTable(tool: Tool, keys: readonly string[], { database }: { readonly database: string }): number {
  const entries = databaseLines(tool.process.tree, `/etc/${database}`).map((line) => {
    const [name = "", number = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    return { name, number, aliases };
  });
  const show = (entry: (typeof entries)[0]): undefined => {
    const rest = [entry.number, ...entry.aliases].join(" ");
    tool.out(`${entry.name.padEnd(21)} ${rest}\n`);
  };
  if (keys.length === 0) {
    for (const entry of entries) show(entry);
    return 0;
  }
  let status = 0;
  for (const key of keys) {
    const [wanted, protocol] = key.split("/");
    const found = entries.find((entry) => {
      const [number, kind] = entry.number.split("/");
      if (protocol !== undefined && protocol !== kind) return false;
      return /^[0-9]+$/.test(wanted!) ? number === wanted : [entry.name, ...entry.aliases].includes(wanted!);
    });
    if (found === undefined) status = 2;
    else show(found);
  }
  return status;
}
