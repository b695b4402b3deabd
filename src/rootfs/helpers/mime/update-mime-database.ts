/**
 * update-mime-database(1) of shared-mime-info 2.4: makes the MIME database of a directory out of the descriptions in `packages/`.
 * Checked against the program's own files, byte by byte.
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { hashEntries } from "../hash-order.js";
import { parseXml } from "../xml-document.js";
import { writeMimeCache } from "./mime-cache.js";
import { addMimePackage, emptyMimeDatabase, type MimeDatabase } from "./mime-database.js";
import { mimeTextFiles, mimeTypeFile } from "./text-files.js";

const PROGRAM = "/usr/bin/update-mime-database";
/** The file that goes before all others. */
const OVERRIDE = "Override.xml";

// -n compares times, which are no clock in a tree; the specification has it for users' own directories.
export const updateMimeDatabase: Command = defineTool({ short: "V", refused: "hnv" }, (tool) => {
  const [directory] = tool.operands;
  if (directory === undefined || tool.operands.length > 1) return tool.usage();
  if (tool.find(directory)?.type !== "directory") tool.die(`Directory '${directory}' does not exist!`);
  const root = tool.process.tree.realpath(tool.absolute(directory));
  const database = readPackages(tool, `${root}/packages`);
  writeDatabase(tool, { root, database });
  return 0;
});

function readPackages(tool: Tool, directory: string): MimeDatabase {
  const { tree } = tool.process;
  if (tree.lookup(directory)?.type !== "directory") tool.die(`Directory '${directory}' does not exist!`);
  const names = [...tree.directory(directory).entries.keys()].filter((name) => name.endsWith(".xml")).sort();
  const ordered = [...names.filter((name) => name !== OVERRIDE), ...names.filter((name) => name === OVERRIDE)];
  const database = emptyMimeDatabase();
  for (const name of ordered) {
    const path = `${directory}/${name}`;
    const parsed = parseXml(tree.readText(path));
    const problem = "problem" in parsed ? parsed.problem : addMimePackage(database, parsed);
    if (problem !== undefined) tool.unsupported(`with ${problem} in ${path}`);
  }
  return database;
}

function writeDatabase(
  tool: Tool,
  { root, database }: { readonly root: string; readonly database: MimeDatabase },
): void {
  const { tree } = tool.process;
  const files = new Map(
    hashEntries(database.types).map(([type, fields]) => [
      `${type.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())}.xml`,
      mimeTypeFile(type, fields),
    ]),
  );
  for (const [name, text] of [...files, ...mimeTextFiles(database), ["version", `${versionOf(tool)}\n`] as const]) {
    const path = `${root}/${name}`;
    if (name.includes("/")) tree.mkdirs(path.slice(0, path.lastIndexOf("/")));
    tree.write(path, text, { mode: 0o644 });
  }
  tree.write(`${root}/mime.cache`, writeMimeCache(database), { mode: 0o644 });
  // Types that no package describes any more.
  for (const [media, node] of tree.directory(root).entries) {
    if (node.type !== "directory" || media === "packages") continue;
    for (const name of [...node.entries.keys()]) {
      if (name.endsWith(".xml") && !files.has(`${media}/${name}`)) tree.unlink(`${root}/${media}/${name}`);
    }
  }
}

/** The version that the program calls itself. */
function versionOf(tool: Tool): string {
  const program = tool.process.tree.readText(PROGRAM);
  const found = /update-mime-database \(shared-mime-info\) ([0-9.]+)\n/.exec(program);
  return found?.[1] ?? tool.unsupported("of an unknown version");
}
