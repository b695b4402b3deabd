/**
 * The perl programs of Debian's postgresql-common that its scripts call on a new root, where no cluster is.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

const CLUSTERS = "/etc/postgresql";
const DICTIONARIES = "/var/cache/postgresql/dicts";

function requireNoCluster(tool: Tool): void {
  const node = tool.find(CLUSTERS);
  if (node?.type === "directory" && node.entries.size > 0) tool.unsupported("with a cluster");
}

/** pg_checksystem(1): warns of disks that clusters lie on. */
export const pgCheckSystem: Command = defineTool({}, (tool) => {
  requireNoCluster(tool);
  return 0;
});

/** pg_lsclusters(1), without the header. */
export const pgLsClusters: Command = defineTool({ short: "h", long: { "no-header": "h" } }, (tool) => {
  requireNoCluster(tool);
  if (!tool.has("h")) tool.out("Ver Cluster Port Status Owner Data directory Log file\n");
  return 0;
});

/** pg_updatedicts(8): without hunspell's dictionaries there is nothing to convert. */
export const pgUpdateDicts: Command = defineTool({}, (tool) => {
  for (const path of ["/usr/share/hunspell", "/usr/share/myspell/dicts"]) {
    const node = tool.find(path);
    if (node?.type === "directory" && [...node.entries.keys()].some((name) => name.endsWith(".aff")))
      tool.unsupported(`with ${path}`);
  }
  const made = tool.process.tree.mkdirs(DICTIONARIES, { mode: 0o755 });
  if (made.entries.size > 0) tool.unsupported(`with ${DICTIONARIES}`);
  tool.out(
    "Building PostgreSQL dictionaries from installed myspell/hunspell packages...\nRemoving obsolete dictionary files:\n",
  );
  return 0;
});

/** The lines of a file of settings, with those of the files that it includes in their places. */
function settingsLines(tool: Tool, path: string): string[] {
  const { tree } = tool.process;
  const directory = path.slice(0, path.lastIndexOf("/"));
  return tree
    .readText(path)
    .split("\n")
    .flatMap((line) => {
      const match = /^\s*(include|include_if_exists|include_dir)(?:\s*=\s*|\s+)'?([^'#]*?)'?\s*(?:#.*)?$/i.exec(line);
      if (match === null) return [line];
      const target = match[2]!.startsWith("/") ? match[2]! : `${directory}/${match[2]}`;
      const node = tree.lookup(target);
      if (match[1] === "include_dir") {
        const names = node?.type === "directory" ? [...node.entries.keys()].sort() : [];
        return names
          .filter((name) => /^[^.].*\.conf$/.test(name))
          .flatMap((name) => settingsLines(tool, `${target}/${name}`));
      }
      return node === undefined && match[1] === "include_if_exists" ? [] : settingsLines(tool, target);
    });
}

/** pg_conftool(1) showing a setting of a file: the value, quotes taken off. */
export const pgConftool: Command = defineTool(
  { short: "abrsv", long: { boolean: "b", short: "s" }, refused: "" },
  (tool) => {
    const [path = "", verb, key = ""] = tool.operands;
    if (!path.startsWith("/") || verb !== "show" || tool.operands.length !== 3) tool.unsupported(tool.words.join(" "));
    const lines = settingsLines(tool, tool.absolute(path));
    const values = lines.flatMap((line) => {
      const match = /^\s*([\w.-]+)(?:\s*=\s*|\s+)(?:'((?:[^']|'')*)'|([^#\s]+))\s*(?:#.*)?$/.exec(line);
      if (match === null || match[1]!.toLowerCase() !== key.toLowerCase()) return [];
      return [match[2]?.replaceAll("''", "'") ?? match[3]!];
    });
    const value = values.at(-1);
    if (value === undefined) {
      tool.process.stderr.write(`${key} not found in ${path}\n`);
      return 1;
    }
    const shown = !tool.has("b") ? value : /^(on|true|yes|1)$/i.test(value) ? "on" : "off";
    tool.out(tool.has("s") ? `${shown}\n` : `${key} = '${shown}'\n`);
    return 0;
  },
);

/** pam_getenv(1) of libpam-runtime: a variable of /etc/environment, or with -l of /etc/default/locale. */
export const pamGetenv: Command = defineTool({ short: "ls" }, (tool) => {
  const path = tool.has("l") ? "/etc/default/locale" : "/etc/environment";
  const [name] = tool.operands;
  if (name === undefined || tool.find(path)?.type !== "file") return 0;
  for (const line of tool.process.tree.readText(path).split("\n")) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$/.exec(line);
    if (match?.[1] !== name) continue;
    tool.out(`${match[2]!.replace(/^(["'])(.*)\1$/, "$2")}\n`);
    return 0;
  }
  return 0;
});

/** pg_upgradecluster(1) and pg_dropcluster(1): no cluster is made while an image is built, so there is none to upgrade or to drop. */
export const pgChangeCluster: Command = defineTool(
  {
    short: "v:m:k",
    long: { check: "check", "version=": "v", "method=": "m", link: "k", stop: "stop", "stop-server": "stop" },
  },
  (tool) => {
    const [version, name] = tool.operands;
    if (tool.operands.length !== 2 || tool.find(`/etc/postgresql/${version}/${name}`) !== undefined)
      tool.unsupported(tool.words.join(" "));
    tool.process.stderr.write("Error: specified cluster does not exist\n");
    return 1;
  },
);
