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

/** All of dpkg's long options besides: those of archives, and those that would change something. Any other is an error there, too. */
const REAL_OPTIONS = new RegExp(
  `^--(?:${[
    "install|unpack|record-avail|configure|triggers-only|remove|purge|verify|set-selections|clear-selections|update-avail",
    "merge-avail|clear-avail|forget-old-unavail|print-avail|yet-to-unpack|predep-package|add-architecture|recursive|pending",
    "remove-architecture|assert-.*|validate-.*|force-.*|no-force-.*|refuse-.*|debug|help|build|contents|control|info|field",
    "extract|vextract|raw-extract|ctrl-tarfile|fsys-tarfile|show|pre-invoke|post-invoke|path-exclude|path-include",
    "status-logger|status-fd|selected-only|skip-same-version|refuse-downgrade|auto-deconfigure|triggers|no-triggers",
    "verify-format|no-debsig|no-act|dry-run|simulate|log|ignore-depends|abort-after|robot|command-fd|license|licence",
  ].join("|")})(?:=.*)?$`,
  "s",
);

const USAGE = `
Type dpkg --help for help about installing and deinstalling packages [*];
Use 'apt' or 'aptitude' for user-friendly package management;
Type dpkg -Dhelp for a list of dpkg debug flag values;
Type dpkg --force-help for a list of forcing options;
Type dpkg-deb --help for help about manipulating *.deb files;

Options marked [*] produce a lot of output - pipe it through 'less' or 'more' !`;

/** The first word, if it is an option that dpkg does not have. */
function unknownOption(word: string | undefined): string | undefined {
  if (!word?.startsWith("--") || word === "--" || word in OPTIONS.flags) return undefined;
  const name = word.replace(/=.*$/s, "");
  return name in OPTIONS.values || REAL_OPTIONS.test(word) ? undefined : name;
}

/** The command. */
export function dpkgCommand(database: DpkgDatabase): Command {
  return (process, args) => {
    // Versions may look like options, so this comes first.
    if (args[1] === "--compare-versions") return compareVersionsCommand(process, args.slice(2));
    const unknown = unknownOption(args[1]);
    if (unknown !== undefined) return fail(process, `dpkg: error: unknown option ${unknown}\n${USAGE}`);
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
