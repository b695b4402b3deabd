/**
 * The emulated programs of dpkg, by name. `dpkg-maintscript-helper` is a shell program and is interpreted as the package
 * dpkg ships it.
 */
import type { Command } from "../../shell/process.js";
import type { DpkgDatabase } from "../../unpack/dpkg-database.js";
import { dpkgCommand } from "./dpkg.js";
import { dpkgDivertCommand } from "./dpkg-divert.js";
import { dpkgQueryCommand } from "./dpkg-query.js";
import { dpkgRealpathCommand } from "./dpkg-realpath.js";
import { dpkgStatoverrideCommand } from "./dpkg-statoverride.js";
import { dpkgTriggerCommand } from "./dpkg-trigger.js";

/** The programs, closed over one database. */
export function dpkgCommands(database: DpkgDatabase): ReadonlyMap<string, Command> {
  return new Map([
    ["dpkg", dpkgCommand(database)],
    ["dpkg-query", dpkgQueryCommand(database)],
    ["dpkg-divert", dpkgDivertCommand(database)],
    ["dpkg-statoverride", dpkgStatoverrideCommand(database)],
    ["dpkg-realpath", dpkgRealpathCommand],
    ["dpkg-trigger", dpkgTriggerCommand(database)],
  ]);
}
