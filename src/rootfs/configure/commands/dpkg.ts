/**
 * dpkg(1) as maintainer scripts call it: questions about versions, architectures and packages. What would install or remove
 * something is not emulated, since dpkg runs already.
 */
import { versionFault } from "../../../apt/version.js";
import type { Command, Process } from "../../shell/process.js";
import type { DpkgDatabase } from "../../unpack/dpkg-database.js";
import { checkDirectories, DIRECTORY_OPTIONS, fail, readOptions } from "./command-options.js";
import { compareVersionsCommand } from "./compare-versions.js";
import { runQuery } from "./dpkg-query.js";

/** The version that DPKG_RUNNING_VERSION and `dpkg --version` tell where the tree does not say. */
const FALLBACK_DPKG_VERSION = "1.22.22";

const QUERIES = ["list", "status", "listfiles", "search", "get-selections"] as const;

const OPTIONS = {
  flags: {
    "-l": "list",
    "--list": "list",
    "-s": "status",
    "--status": "status",
    "-L": "listfiles",
    "--listfiles": "listfiles",
    "-S": "search",
    "--search": "search",
    "--get-selections": "get-selections",
    "--compare-versions": "compare-versions",
    "--print-architecture": "print-architecture",
    "--print-foreign-architectures": "print-foreign-architectures",
    "--audit": "audit",
    "-C": "audit",
    "--version": "version",
    "--no-pager": "no-pager",
    "--assert-support-predepends": "assert",
    "--assert-working-epoch": "assert",
    "--assert-long-filenames": "assert",
    "--assert-multi-conrep": "assert",
    "--assert-multi-arch": "assert",
    "--assert-versioned-provides": "assert",
    "--assert-protected-field": "assert",
    "--validate-pkgname": "validate-pkgname",
    "--validate-version": "validate-version",
    "--validate-archname": "validate-archname",
    "--validate-trigname": "validate-trigname",
  },
  values: DIRECTORY_OPTIONS,
} as const;

/** The command. */
export function dpkgCommand(database: DpkgDatabase): Command {
  return (process, args) => {
    // Versions may look like options, so this comes first.
    if (args[1] === "--compare-versions") return compareVersionsCommand(process, args.slice(2));
    const options = readOptions(process, args, OPTIONS);
    checkDirectories(process, options);
    const query = QUERIES.find((name) => options.flags.has(name));
    if (query !== undefined) return runQuery(database, process, { action: query, operands: options.operands });
    const action = [...options.flags].find((flag) => flag !== "no-pager");
    switch (action) {
      case "print-architecture":
        process.stdout.write(`${database.architecture}\n`);
        return 0;
      case "version":
        process.stdout.write(
          `Debian 'dpkg' package management program version ${dpkgVersion(database)} (${database.architecture}).\n`,
        );
        return 0;
      case "assert":
      case "audit":
      case "print-foreign-architectures":
        return 0;
      default:
        return validate(process, action, options.operands);
    }
  };
}

/** The version of the dpkg that runs: the tree's own. */
export function dpkgVersion(database: DpkgDatabase): string {
  return database.find("dpkg")?.record.version ?? FALLBACK_DPKG_VERSION;
}

function validate(process: Process, thing: string | undefined, operands: readonly string[]): number {
  const [value] = operands;
  if (thing === undefined) return fail(process, "dpkg: error: need an action option");
  if (value === undefined || operands.length > 1) return fail(process, `dpkg: error: --${thing} takes one argument`);
  const fault = {
    "validate-pkgname": /^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(value) ? undefined : "it is no package name",
    "validate-version": versionFault(value),
    "validate-archname": /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(value) ? undefined : "it is no architecture name",
    "validate-trigname": /^[!-~]+$/.test(value) ? undefined : "it is no trigger name",
  }[thing];
  return fault === undefined ? 0 : fail(process, `dpkg: error: '${value}' is invalid: ${fault}`);
}
