/**
 * Reads dpkg's database out of a configured tree: for scripts of the recipe that ask dpkg, after the tree came from the cache.
 */
import { type Paragraph, parseParagraphs } from "../../apt/deb822.js";
import { addPackage, type PackageStatus } from "../../apt/order/dpkg-state.js";
import { packageRecord } from "../../apt/package.js";
import type { Tree } from "../tree/tree.js";
import { type Conffile, DpkgDatabase } from "../unpack/dpkg-database.js";
import { infoPath } from "./info-files.js";

/** The database of a tree; empty where the tree has none. */
export function loadDatabase(tree: Tree, architecture: string): DpkgDatabase {
  const database = new DpkgDatabase(tree, architecture);
  const path = "/var/lib/dpkg/status";
  if (tree.lookup(path)?.type !== "file") return database;
  for (const paragraph of parseParagraphs(tree.readText(path), path)) {
    const [, , status = "not-installed"] = (paragraph.get("Status") ?? "").split(" ");
    if (status === "not-installed") continue;
    const record = packageRecord(withoutState(paragraph));
    const entry = database.begin(record);
    entry.conffiles = parseConffileField(paragraph.get("Conffiles") ?? "");
    if (tree.lookup(infoPath(entry, "list"))?.type === "file") {
      entry.files = tree
        .readText(infoPath(entry, "list"))
        .split("\n")
        .filter((line) => line !== "");
      for (const file of entry.files) database.addOwner(file, entry);
    }
    const hasPostinst = tree.lookup(infoPath(entry, "postinst")) !== undefined;
    const state = addPackage(database.state, { record, triggers: "", hasPostinst });
    state.status = status as PackageStatus;
  }
  return database;
}

/** The control file's part of a stanza: what dpkg adds is state. */
function withoutState(paragraph: Paragraph): Paragraph {
  const state = new Set(["status", "conffiles", "triggers-pending", "triggers-awaited", "config-version"]);
  const entries = paragraph.entries().filter(([name]) => !state.has(name.toLowerCase()));
  return { ...paragraph, entries: () => entries };
}

function parseConffileField(value: string): Conffile[] {
  return value
    .split("\n")
    .map((line) => /^ (\/.*?) ([0-9a-f]{32}|newconffile)((?: [a-z-]+)*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, path = "", hash = "", flags = ""]) => ({
      path,
      hash,
      removeOnUpgrade: flags.includes("remove-on-upgrade"),
    }));
}
