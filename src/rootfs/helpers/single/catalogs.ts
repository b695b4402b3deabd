/**
 * update-catalog(8) of sgml-base and update-xmlcatalog(8) of xml-core: where SGML and XML programs look entities up.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

const SUPER_CATALOG = "/var/lib/sgml-base/supercatalog";
const XML_DIRECTORY = "/etc/xml";
const XML_DATA = "/var/lib/xml-core";

export const updateCatalog: Command = defineTool(
  {
    long: { add: "add", remove: "remove", quiet: "quiet", super: "super", "update-super": "update" },
    refused: "",
    refusedLong: ["test"],
  },
  (tool) => {
    if (["add", "remove", "update"].filter((verb) => tool.has(verb)).length !== 1) {
      tool.out("Huh? You have to use precisely one out of --add --remove or --update-super.\n");
      return 1;
    }
    if (tool.has("super")) {
      tool.out("update-catalog: Suppressing action on super catalog. Invoking trigger instead.\n");
      return tool.process.run(["dpkg-trigger", "/etc/sgml"]) === 0 ? 0 : writeSuperCatalog(tool);
    }
    return tool.has("update") ? writeSuperCatalog(tool) : changeCatalog(tool);
  },
);

function changeCatalog(tool: Tool): number {
  const { tree } = tool.process;
  const [catalog, entry] = tool.operands;
  if (catalog === undefined || entry === undefined || tool.operands.length > 2) return 1;
  if (!tool.has("quiet")) {
    const [does, where] = tool.has("add") ? ["Adding", "to"] : ["Removing", "from"];
    tool.out(`${does} entry ${entry} ${where} catalog ${catalog}...\n`);
  }
  const exists = tool.find(catalog)?.type === "file";
  const path = tool.absolute(catalog);
  const text = exists
    ? tree.readText(path)
    : tree.readText("/usr/share/sgml-base/catalog.centralized").replaceAll(/^(.*?)CATALOG/gm, `$1${catalog}`);
  // The entry is matched as a regular expression there; a dot is all that paths have of one.
  if (/[\\^$*+?()[\]{}|]/.test(entry)) tool.unsupported(entry);
  const pattern = new RegExp(entry);
  const lines = text.replace(/\n$/, "").split("\n");
  const kept = exists ? lines.filter((line) => !pattern.test(line)) : lines;
  if (tool.has("add")) kept.push(`CATALOG ${entry}`);
  if (exists) tree.rename(path, `${path}.old`);
  tree.write(path, `${kept.join("\n")}\n`, { mode: 0o644 });
  return 0;
}

function writeSuperCatalog(tool: Tool): number {
  const { tree } = tool.process;
  if (!tool.has("quiet")) tool.out("Updating the super catalog...\n");
  const names = [...tree.directory("/etc/sgml").entries.keys()].sort().filter((name) => /^[^.].*\.cat$/.test(name));
  const catalogs = names.map((name) => `/etc/sgml/${name}`).filter((path) => refersToFiles(tool, path));
  const lines = [
    "--",
    "## This file is created by update-catalog with update-super.",
    "## Please see update-catalog(8) for how to modify this file.",
    "--",
    ...catalogs.map((path) => `CATALOG ${path}`),
  ];
  if (tool.find(SUPER_CATALOG) !== undefined) tree.rename(SUPER_CATALOG, `${SUPER_CATALOG}.old`);
  tree.write(SUPER_CATALOG, `${lines.join("\n")}\n`, { mode: 0o644 });
  return 0;
}

/** Whether every catalog that a catalog names is there: one of a removed package is left out. */
function refersToFiles(tool: Tool, catalog: string): boolean {
  if (tool.find(catalog)?.type !== "file") return false;
  let base = catalog.replace(/\/[^/]+$/, "");
  let previous = "";
  for (const [token] of tool.process.tree.readText(catalog).matchAll(/(?:\s+|--.*?--)+|'.*?'|".*?"|\S+/gs)) {
    if (previous === "") {
      if (/^(base|catalog)$/i.test(token)) previous = token.toLowerCase();
      continue;
    }
    if (/^\s|^--/.test(token)) continue;
    const value = token.replace(/^(['"])(.*)\1$/s, "$2");
    if (previous === "base") base = value;
    else if (tool.find(value.startsWith("/") ? value : `${base}/${value}`)?.type !== "file") return false;
    previous = "";
  }
  return true;
}

export const updateXmlCatalog: Command = defineTool(
  {
    long: {
      add: "add",
      del: "del",
      "file=": "file",
      "id=": "id",
      "local=": "local",
      "package=": "package",
      root: "root",
      sort: "sort",
      "type=": "type",
      verbose: "verbose",
    },
    refused: "",
    singleDash: true,
  },
  (tool) => {
    const place = xmlPlace(tool);
    const { tree } = tool.process;
    const entries = new Map<string, string>();
    if (tool.find(place.data)?.type === "file") {
      for (const line of tree.readText(place.data).split("\n")) {
        const match = /^<([^>]*)><([^>]*)>/.exec(line);
        if (match !== null) entries.set(match[1]!, match[2]!);
      }
    }
    const known = entries.get(place.key);
    if (tool.has("add")) {
      if (known !== undefined && known !== place.entry)
        tool.die("error: entity already registered with a different value");
      entries.set(place.key, place.entry);
    } else if (!entries.delete(place.key)) tool.die("error: entity not registered");
    // Without --sort the order is that of perl's hash, another one in every run: the sorted one is as good as any.
    writeXmlCatalog(tool, place, entries);
    return 0;
  },
);

interface XmlPlace {
  /** The catalog, and the list that it is made from. */
  readonly catalog: string;
  readonly data: string;
  readonly key: string;
  readonly entry: string;
}

function xmlPlace(tool: Tool): XmlPlace {
  const [type = "", id] = [tool.value("type"), tool.value("id")];
  const [owner, local, file] = [tool.value("package"), tool.value("local"), tool.value("file")];
  if (tool.has("add") === tool.has("del")) tool.die("error: either 'add' or 'del' must be given");
  if (!/^(public|system|uri)$/.test(type)) tool.die("error: wrong type");
  if (id === undefined) return tool.die("error: id not given");
  const isUri = type === "uri";
  const delegate = `delegate${isUri ? "URI" : `${type[0]!.toUpperCase()}${type.slice(1)}`} ${type}${isUri ? "" : "Id"}StartString="${id}"`;
  if (tool.has("root")) {
    if (tool.has("add") && (owner === undefined || tool.find(`${XML_DIRECTORY}/${owner}.xml`)?.type !== "file"))
      tool.die("error: package catalog not found");
    const entry = `catalog="file://${XML_DIRECTORY}/${owner}.xml"`;
    return { catalog: `${XML_DIRECTORY}/catalog`, data: `${XML_DATA}/catalog`, key: delegate, entry };
  }
  if (owner !== undefined) {
    if (tool.has("add") && (local === undefined || tool.find(local)?.type !== "file"))
      tool.die(`error: local catalog ${local} not found`);
    const entry = `catalog="file://${local}"`;
    return { catalog: `${XML_DIRECTORY}/${owner}.xml`, data: `${XML_DATA}/${owner}`, key: delegate, entry };
  }
  if (local === undefined) return tool.die("error: catalog not given");
  if (tool.has("add") && (file === undefined || tool.find(file)?.type !== "file"))
    tool.die(`error: file ${file} not found`);
  const key = `${type} ${isUri ? "name" : `${type}Id`}="${id}"`;
  return { catalog: local, data: `${XML_DATA}/${local.replaceAll("/", "_")}`, key, entry: `uri="${file}"` };
}

function writeXmlCatalog(tool: Tool, { catalog, data }: XmlPlace, entries: ReadonlyMap<string, string>): void {
  const { tree } = tool.process;
  const sorted = [...entries].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const [header, footer] = ["header", "footer"].map((part) => tree.readText(`/usr/share/xml-core/catalog.${part}`));
  const path = tool.absolute(catalog);
  if (tool.find(catalog)?.type === "file") tree.rename(path, `${path}.old`);
  tree.write(data, sorted.map(([key, entry]) => `<${key}><${entry}>\n`).join(""), { mode: 0o644 });
  tree.write(path, `${header}${sorted.map(([key, entry]) => `<${key} ${entry}/>\n`).join("")}${footer}`, {
    mode: 0o644,
  });
  if (sorted.length > 0) return;
  tree.unlink(data);
  tree.unlink(path);
}
