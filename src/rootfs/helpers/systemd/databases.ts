/**
 * The commands that compile systemd's databases, and what it does for a machine's identity: systemd-hwdb(8), journalctl
 * --update-catalog, systemd-machine-id-setup(1).
 */
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool, type ToolSpec } from "../../shell/tools/tool.js";
import type { Tree } from "../../tree/tree.js";
import { packageVersion } from "../package-version.js";
import { compileCatalog } from "./catalog-file.js";
import { confFiles } from "./conf-files.js";
import { compileHwdb, type HwdbSource } from "./hwdb-file.js";
import { systemdVersion } from "./systemd-version.js";

const CATALOG_DIRECTORIES = ["/usr/local/lib/systemd/catalog", "/usr/lib/systemd/catalog"];
const HWDB_DIRECTORIES = ["/etc/udev/hwdb.d", "/run/udev/hwdb.d", "/usr/local/lib/udev/hwdb.d", "/usr/lib/udev/hwdb.d"];

const HWDB_SPEC: ToolSpec = { short: "sr:", long: { usr: "usr", "root=": "r", strict: "s" }, refused: "hV" };

export const systemdHwdb: Command = defineTool(HWDB_SPEC, (tool) => {
  if (tool.operands[0] !== "update") return tool.unsupported(tool.operands[0] ?? "without a verb");
  refuseRoot(tool, tool.value("r"));
  const { tree } = tool.process;
  const paths = confFiles(tree, HWDB_DIRECTORIES, ".hwdb");
  const target = tool.has("usr") ? "/usr/lib/udev/hwdb.bin" : "/etc/udev/hwdb.bin";
  tree.removeAll(target);
  if (paths.length === 0) return 0;
  tree.mkdirs(target.slice(0, target.lastIndexOf("/")));
  tree.write(target, compileHwdb(hwdbSources(tree, paths), hwdbVersion(tool)), { mode: 0o444 });
  return 0;
});

function* hwdbSources(tree: Tree, paths: readonly string[]): Iterable<HwdbSource> {
  for (const path of paths) yield { path, bytes: tree.read(path) };
}

const JOURNAL_SPEC: ToolSpec = {
  long: { "update-catalog": "update-catalog", "root=": "root" },
  refused: "abcdefghijklmnopqrstuvwxyz",
};

export const journalctl: Command = defineTool(JOURNAL_SPEC, (tool) => {
  if (!tool.has("update-catalog")) return tool.unsupported("without --update-catalog");
  refuseRoot(tool, tool.value("root"));
  const { tree } = tool.process;
  const sources = confFiles(tree, CATALOG_DIRECTORIES, ".catalog").map((path) => ({ path, text: tree.readText(path) }));
  tree.mkdirs("/var/lib/systemd/catalog");
  tree.write("/var/lib/systemd/catalog/database", compileCatalog(sources), { mode: 0o644 });
  return 0;
});

/** A machine id is never made at build time: every copy of the image would have it. The file stays empty until the first boot. */
export const systemdMachineIdSetup: Command = (process) => {
  if (process.tree.lookup("/etc/machine-id") === undefined) process.tree.write("/etc/machine-id", "", { mode: 0o444 });
  return 0;
};

function refuseRoot(tool: Tool, root: string | undefined): void {
  if (root !== undefined && root !== "/" && root !== "") tool.unsupported(`--root=${root}`);
}

/** In bookworm the program is udev's, and links with no shared library. */
function hwdbVersion(tool: Tool): number {
  const version = /^[0-9]+/.exec(packageVersion(tool.process, "udev") ?? "");
  return systemdVersion(tool.process.tree) ?? Number(version?.[0] ?? tool.unsupported("of an unknown version"));
}
