/**
 * /usr/share/debconf/frontend: runs a script, and before it the package's config script, in conversation with debconf.
 *
 * Behaviour as of debconf 1.5: the package is the one of DEBCONF_PACKAGE, of the script's name in `info/`, or of the package that is
 * being unpacked; its templates are loaded, `config configure <version>` runs, then the script itself.
 */

import { parseParagraph } from "../../../apt/deb822.js";
import { toByteString } from "../../../bytes/content.js";
import type { Command, Process } from "../../shell/process.js";
import { CONTROL_DIRECTORY } from "../info-files.js";
import { ConfmoduleSession } from "./confmodule-session.js";
import type { DebconfDatabase } from "./debconf-database.js";
import { protocolStreams } from "./protocol-streams.js";
import { parseTemplates } from "./templates-file.js";

/** A config script that is due: of a package by its name (and architecture), with the arguments. */
export interface DueConfig {
  readonly owner: string;
  readonly args: readonly string[];
  /** Runs it. @returns its status */
  run(): number;
}

/** Has a config script run, or not. @returns a status */
export type RunConfig = (due: DueConfig) => number;

/** The command. */
export function frontendCommand(database: DebconfDatabase, runConfig: RunConfig = (due) => due.run()): Command {
  return (process, args) => {
    const [script, ...rest] = args[1] === "--" ? args.slice(2) : args.slice(1);
    if (script === undefined) return process.unsupported("debconf's frontend without a script");
    const { tree } = process;
    const owner = packageOf(process, script);
    const load = (path: string): boolean => {
      const node = tree.lookup(path);
      if (node?.type !== "file") return false;
      for (const template of parseTemplates(toByteString(node.content.read()), path))
        database.loadTemplate(template, owner);
      return true;
    };
    if (owner === "") for (const path of looseTemplates(script)) if (load(path)) break;
    const stem = /^(.*[./])(preinst|postinst|prerm|postrm)$/s.exec(script);
    if (stem !== null) load(`${stem[1]}templates`);
    if (stem !== null && (stem[2] === "preinst" || stem[2] === "postinst")) {
      const config = `${stem[1]}config`;
      const configArgs = ["configure", rest[1] ?? ""];
      if (tree.lookup(config) !== undefined) {
        const run = (): number => converse(process, { database, owner, argv: [config, ...configArgs] });
        const status = runConfig({ owner, args: configArgs, run });
        if (status > 0) return status;
      }
    }
    const status = converse(process, { database, owner, argv: [script, ...rest] });
    database.save();
    return status;
  };
}

/** What a conversation is about. */
export interface Conversation {
  readonly database: DebconfDatabase;
  readonly owner: string;
  readonly argv: readonly string[];
}

/** Runs a program in conversation with debconf and returns its status. */
export function converse(process: Process, conversation: Conversation): number {
  const { database, owner, argv } = conversation;
  const session = new ConfmoduleSession(database, process.tree, {
    owner,
    environment: process.environment,
    display: (text) => process.stdout.write(text),
  });
  const streams = protocolStreams((line) => session.answer(line));
  const status = process.run(argv, { ...streams, environment: { DEBIAN_HAS_FRONTEND: "1" } });
  session.finish();
  return status;
}

function packageOf(process: Process, script: string): string {
  const named = process.environment.get("DEBCONF_PACKAGE");
  if (named !== undefined && named !== "") return named;
  const info = /^.*\/([^/]*?)\.(?:postinst|postrm|prerm)$/s.exec(script);
  if (info !== null) return info[1] as string;
  const control = `${CONTROL_DIRECTORY}/control`;
  if (process.tree.lookup(control) === undefined) return "";
  return parseParagraph(process.tree.readText(control), control).get("Package") ?? "";
}

/** Where the templates of a program that is no maintainer script may be. */
function looseTemplates(script: string): readonly string[] {
  const paths = [`${script}.templates`];
  if (script.endsWith("config")) paths.push(`${script.slice(0, -"config".length)}templates`);
  paths.push(`/usr/share/debconf/templates/${script.slice(script.lastIndexOf("/") + 1)}.templates`);
  return paths;
}
