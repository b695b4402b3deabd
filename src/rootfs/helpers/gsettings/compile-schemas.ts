/**
 * glib-compile-schemas(1) of GLib 2.84: `gschemas.compiled` out of a directory's schemas and overrides. Checked against the program's
 * own files, byte by byte. What is no XML or no key file stops the build; a file that is wrong in what it says is left out as the
 * program does it.
 */

import { isUtf8 } from "node:buffer";
import { utf8ToByteString } from "../../../bytes/content.js";
import { compareByteStrings } from "../../../bytes/order.js";
import type { Command } from "../../shell/process.js";
import { defineTool, type Tool } from "../../shell/tools/tool.js";
import { parseXml, type XmlElement } from "../xml-document.js";
import { writeGvdb } from "./gvdb.js";
import { applyOverrides, readOverrideFile } from "./override-file.js";
import { SchemaError, type Schemas, tableOfSchemas } from "./schema.js";
import { addSchemaFile } from "./schema-file.js";

const OUTPUT = "gschemas.compiled";

export const glibCompileSchemas: Command = defineTool(
  {
    long: { "targetdir=": "targetdir", strict: "strict", "dry-run": "dry-run", "allow-any-name": "allow-any-name" },
    refused: "h",
  },
  (tool) => {
    const [source] = tool.operands;
    if (source === undefined || tool.operands.length > 1) {
      warn(tool, "You should give exactly one directory name");
      return 1;
    }
    const directory = tool.find(source);
    if (directory?.type !== "directory") {
      warn(tool, `Error opening directory “${source}”: No such file or directory`);
      return 1;
    }
    const output = `${tool.absolute(tool.value("targetdir") ?? source)}/${OUTPUT}`;
    const names = [...directory.entries.keys()].sort(compareByteStrings);
    const ending = (end: string): string[] => names.filter((name) => name.endsWith(end));
    // Types come before the schemas that use them.
    const files = [...ending(".enums.xml"), ...ending(".gschema.xml")];
    if (files.length === 0) return removeOutput(tool, output);
    const paths = (list: readonly string[]): string[] => list.map((name) => `${tool.absolute(source)}/${name}`);
    const compiled = compile(tool, {
      files: paths(files),
      overrides: paths(ending(".gschema.override")),
    });
    if (compiled === undefined) return 1;
    if (!tool.has("dry-run")) {
      // The program makes a new file in the place of the old one.
      const { tree } = tool.process;
      if (tree.lookup(output, { follow: false }) !== undefined) tree.unlink(output);
      tree.write(output, compiled, { mode: 0o666 & ~tool.process.umask });
    }
    return 0;
  },
);

function warn(tool: Tool, message: string): void {
  tool.process.stderr.write(utf8ToByteString(`${message}\n`));
}

function removeOutput(tool: Tool, output: string): number {
  const { tree } = tool.process;
  const exists = tree.lookup(output, { follow: false }) !== undefined;
  if (exists) tree.unlink(output);
  warn(tool, `No schema files found: ${exists ? "removed existing output file" : "doing nothing"}.`);
  return 0;
}

/** The compiled file; undefined if there is something wrong and all has to be right. */
function compile(
  tool: Tool,
  { files, overrides }: { readonly files: readonly string[]; readonly overrides: readonly string[] },
): Uint8Array | undefined {
  const all: Schemas = { schemas: new Map(), enums: new Map(), flags: new Map(), anyName: tool.has("allow-any-name") };
  const strict = tool.has("strict");
  for (const file of files) {
    const root = readSchemaFile(tool, file);
    // A file counts as a whole or not at all.
    const trial: Schemas = {
      ...all,
      schemas: new Map(all.schemas),
      enums: new Map(all.enums),
      flags: new Map(all.flags),
    };
    try {
      addSchemaFile(trial, root);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      const end = strict ? "--strict was specified; exiting" : "This entire file has been ignored";
      warn(tool, `${file}: ${error.message}.  ${end}.`);
      if (strict) return undefined;
      continue;
    }
    for (const [id, schema] of trial.schemas) all.schemas.set(id, schema);
    for (const [id, type] of trial.enums) all.enums.set(id, type);
    for (const [id, type] of trial.flags) all.flags.set(id, type);
  }
  return applyOverrideFiles(tool, { all, overrides }) ? writeGvdb(tableOfSchemas(all.schemas)) : undefined;
}

function readSchemaFile(tool: Tool, file: string): XmlElement {
  const { tree } = tool.process;
  const text = tree.readText(file);
  if (!isUtf8(tree.read(file))) tool.unsupported(`with what is not UTF-8 in ${file}`);
  // Numbers that are none have a sign there, and an empty name makes the program crash.
  if (/[>\s"'(<[,][-+]nan\b/.test(text)) tool.unsupported(`with a NaN that has a sign in ${file}`);
  if (/<schema\s[^>]*\bid\s*=\s*(?:""|'')/.test(text)) tool.unsupported(`with a schema without a name in ${file}`);
  const root = parseXml(text);
  return "problem" in root ? tool.unsupported(`with ${root.problem} in ${file}`) : root;
}

function applyOverrideFiles(
  tool: Tool,
  { all, overrides }: { readonly all: Schemas; readonly overrides: readonly string[] },
): boolean {
  let wrong = false;
  for (const file of overrides) {
    const groups = readOverrideFile(tool.process.tree.readText(file));
    if ("problem" in groups) return tool.unsupported(`with ${groups.problem} in ${file}`);
    for (const group of groups)
      applyOverrides(all, group, (problem) => {
        wrong = true;
        warn(tool, `${problem} (override file “${file}”); ignored.`);
      });
  }
  return !(wrong && tool.has("strict"));
}
