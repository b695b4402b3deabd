/**
 * Runs one maintainer script in the environment that dpkg gives it: dpkg(1) "Internal environment", and what mmdebstrap sets.
 */

import type { PackageRecord } from "../../apt/package.js";
import { byteStringToText } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import type { System } from "../shell/process.js";
import { runScript } from "../shell/system.js";
import { ScriptOutput } from "./script-output.js";

/** One run of a script. */
export interface ScriptRun {
  readonly record: PackageRecord;
  readonly script: "preinst" | "postinst";
  /** Path in the tree. */
  readonly path: string;
  readonly arguments: readonly string[];
  readonly dpkgVersion: string;
  /** Whether apt calls dpkg, or it is called by itself. */
  readonly underApt: boolean;
  readonly onLine: (line: string) => void;
}

/** Runs a script. @throws AssembleError `configure/script-failed` where its status is not 0, and what the shell throws */
export function runMaintainerScript(system: System, run: ScriptRun): void {
  const output = new ScriptOutput(run.onLine);
  const stream = output.stream();
  const { status } = runScript(
    system,
    { path: run.path, args: run.arguments },
    {
      location: { owner: run.record.name, script: run.script },
      environment: scriptEnvironment(run, system.epoch),
      stdout: stream,
      stderr: stream,
    },
  );
  if (status === 0) return;
  const { file, line } = system.location;
  const tail = output.tail();
  throw new AssembleError(
    "configure/script-failed",
    `Cannot configure ${run.record.name} ${run.record.version}: its ${run.script} (${run.arguments.join(" ").trim()}) ended with ` +
      `status ${status} near line ${line} of ${file}, status 0 was wanted${tail === "" ? "" : `; it said:\n${byteStringToText(tail)}`}`,
  );
}

function scriptEnvironment(run: ScriptRun, epoch: number): Record<string, string> {
  return {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    SHELL: "/bin/sh",
    LANG: "C.UTF-8",
    LANGUAGE: "C.UTF-8",
    LC_ALL: "C.UTF-8",
    SOURCE_DATE_EPOCH: String(epoch),
    DEBIAN_FRONTEND: "noninteractive",
    DEBCONF_NONINTERACTIVE_SEEN: "true",
    DPKG_ADMINDIR: "/var/lib/dpkg",
    DPKG_COLORS: "never",
    DPKG_FORCE: run.underApt ? "security-mac,downgrade" : "security-mac,downgrade,depends",
    DPKG_MAINTSCRIPT_ARCH: run.record.architecture,
    DPKG_MAINTSCRIPT_DEBUG: "0",
    DPKG_MAINTSCRIPT_NAME: run.script,
    DPKG_MAINTSCRIPT_PACKAGE: run.record.name,
    DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT: "1",
    DPKG_ROOT: "",
    DPKG_RUNNING_VERSION: run.dpkgVersion,
    ...(run.underApt && { DPKG_FRONTEND_LOCKED: "true" }),
  };
}
