/**
 * ucfq(1) of ucf with --with-colons: to which package a configuration file belongs, and whether it is there and has been changed.
 */
import { createHash } from "node:crypto";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";

export const ucfq: Command = defineTool(
  { short: "wdvs:", long: { "with-colons": "w", debug: "d", verbose: "v", "state-dir=": "s" } },
  (tool) => {
    if (!tool.has("w")) tool.unsupported("without --with-colons");
    const state = tool.value("s") ?? "/var/lib/ucf";
    const owners = new Map(columns(tool, `${state}/registry`).map(([owner, path]) => [path!, owner!]));
    const hashes = new Map(columns(tool, `${state}/hashfile`).map(([hash, path]) => [path!, hash!]));
    const relative = tool.operands.find((name) => name.includes("/") && !name.startsWith("/"));
    if (relative !== undefined) {
      tool.process.stderr.write(`Need a fully qualified path name for config file "${relative}"\n`);
      return 0;
    }
    const files = tool.operands.flatMap((name) =>
      name.startsWith("/") ? [name] : [...owners].filter(([, owner]) => owner === name).map(([path]) => path),
    );
    for (const path of [...new Set(files)].sort()) {
      const isThere = tool.find(path)?.type === "file";
      const hash = hashes.get(path);
      const changed = !isThere || hash === undefined ? "" : md5(tool.process.tree.read(path)) === hash ? "No" : "Yes";
      tool.out(`${path}:${owners.get(path) ?? ""}:${isThere ? "Yes" : "No"}:${changed}\n`);
    }
    return 0;
  },
);

function columns(tool: Tool, path: string): string[][] {
  if (tool.find(path)?.type !== "file") return [];
  const lines = tool.process.tree.readText(path).split("\n");
  return lines.map((line) => line.trim().split(/\s+/)).filter((words) => words.length === 2);
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
