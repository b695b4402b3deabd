/**
 * dpkg-divert(1).
 */

import type { Command, Process } from "../../shell/process.js";
import { FileSystemError } from "../../tree/file-system-error.js";
import type { Diversion } from "../../unpack/diversions.js";
import type { DpkgDatabase } from "../../unpack/dpkg-database.js";
import { checkDirectories, DIRECTORY_OPTIONS, fail, type GivenOptions, readOptions } from "./command-options.js";
import { patternTest } from "./path-pattern.js";

const OPTIONS = {
  flags: {
    "--add": "add",
    "--remove": "remove",
    "--local": "local",
    "--rename": "rename",
    "--no-rename": "no-rename",
    "--quiet": "quiet",
    "--test": "test",
    "--list": "list",
  },
  values: {
    "--package": "package",
    "--divert": "divert",
    "--truename": "truename",
    "--listpackage": "listpackage",
    ...DIRECTORY_OPTIONS,
  },
} as const;

/** The command. */
export function dpkgDivertCommand(database: DpkgDatabase): Command {
  return (process, args) => {
    const options = readOptions(process, args, OPTIONS);
    checkDirectories(process, options);
    const { flags, values, operands } = options;
    const asked = values.get("truename") ?? values.get("listpackage");
    if (asked !== undefined) {
      if (!asked.startsWith("/")) return fail(process, `dpkg-divert: error: filename "${asked}" is not absolute`);
      const diversion = database.diversions.from(asked);
      if (values.has("truename")) process.stdout.write(`${diversion?.to ?? asked}\n`);
      else if (diversion !== undefined) process.stdout.write(`${diversion.owner ?? "LOCAL"}\n`);
      return 0;
    }
    if (flags.has("list")) return list(database, process, operands);
    const [path] = operands;
    if (path === undefined || operands.length > 1)
      return fail(process, `dpkg-divert: error: --${flags.has("remove") ? "remove" : "add"} needs a single argument`);
    if (!path.startsWith("/")) return fail(process, `dpkg-divert: error: filename "${path}" is not absolute`);
    if (path.includes("\n")) return fail(process, "dpkg-divert: error: file may not contain newlines");
    const to = values.get("divert");
    if (to !== undefined && !to.startsWith("/"))
      return fail(process, `dpkg-divert: error: filename "${to}" is not absolute`);
    const change = new Change(database, process, options);
    return flags.has("remove") ? change.remove(path) : change.add(path);
  };
}

function list(database: DpkgDatabase, process: Process, operands: readonly string[]): number {
  const tests = (operands.length === 0 ? ["*"] : operands).map(patternTest);
  for (const diversion of database.diversions.all()) {
    const words = [diversion.from, diversion.to, diversion.owner ?? ":"];
    if (tests.some((test) => words.some(test))) process.stdout.write(`${describe(diversion)}\n`);
  }
  return 0;
}

/** A diversion that is asked for, or looked for: what is not known is left out. */
interface Wanted {
  readonly from: string;
  readonly to: string | undefined;
  readonly owner: string | undefined;
  readonly local: boolean;
}

function describe(diversion: Diversion): string {
  return describeWanted({ ...diversion, local: diversion.owner === undefined });
}

function describeWanted(wanted: Wanted): string {
  const kind = wanted.local ? "local diversion" : wanted.owner === undefined ? "any diversion" : "diversion";
  const to = wanted.to === undefined ? "" : ` to ${wanted.to}`;
  return `${kind} of ${wanted.from}${to}${wanted.owner === undefined ? "" : ` by ${wanted.owner}`}`;
}

class Change {
  readonly #database: DpkgDatabase;
  readonly #process: Process;
  readonly #options: GivenOptions;
  readonly #owner: string | undefined;

  constructor(database: DpkgDatabase, process: Process, options: GivenOptions) {
    this.#database = database;
    this.#process = process;
    this.#options = options;
    const named = options.values.get("package");
    // As dpkg-divert(1) says of DPKG_MAINTSCRIPT_PACKAGE. With both --local and --package, the package wins.
    this.#owner =
      named ?? (options.flags.has("local") ? undefined : process.environment.get("DPKG_MAINTSCRIPT_PACKAGE"));
  }

  add(path: string): number {
    const { tree, diversions } = this.#database;
    if (tree.lookup(path, { follow: false })?.type === "directory")
      return fail(this.#process, "dpkg-divert: error: cannot divert directories");
    const wanted: Diversion = {
      from: path,
      to: this.#options.values.get("divert") ?? `${path}.distrib`,
      owner: this.#owner,
    };
    const text = describe(wanted);
    const clash = [diversions.from(path), diversions.to(path), diversions.from(wanted.to), diversions.to(wanted.to)];
    for (const found of clash) {
      if (found === undefined) continue;
      if (found.from === wanted.from && found.to === wanted.to && found.owner === wanted.owner) {
        this.#say(`Leaving '${text}'`);
        return 0;
      }
      return fail(this.#process, `dpkg-divert: error: '${text}' clashes with '${describe(found)}'`);
    }
    this.#say(`Adding '${text}'`);
    const moved = this.#rename(wanted.from, wanted.to);
    if (moved !== 0) return moved;
    if (!this.#options.flags.has("test")) diversions.add(wanted);
    return 0;
  }

  remove(path: string): number {
    const { diversions } = this.#database;
    const { values, flags } = this.#options;
    const found = diversions.from(path);
    const local = flags.has("local") && this.#owner === undefined;
    const wanted: Wanted = { from: path, to: values.get("divert"), owner: this.#owner, local };
    if (found === undefined) {
      this.#say(`No diversion '${describeWanted(wanted)}', none removed.`);
      return 0;
    }
    const mismatch = (what: string): number =>
      fail(
        this.#process,
        `dpkg-divert: error: mismatch on ${what}\n  when removing '${describeWanted(wanted)}'\n  found '${describe(found)}'`,
      );
    if (wanted.to !== undefined && wanted.to !== found.to) return mismatch("divert-to");
    if ((wanted.owner !== undefined || local) && wanted.owner !== found.owner) return mismatch("package");
    this.#say(`Removing '${describe(found)}'`);
    if (flags.has("test")) return 0;
    diversions.remove(found);
    return this.#rename(found.to, found.from);
  }

  /** Moves the file if that was asked for and there is one. */
  #rename(from: string, to: string): number {
    const { tree } = this.#database;
    if (!this.#options.flags.has("rename") || this.#options.flags.has("no-rename")) return 0;
    const source = tree.lookup(from, { follow: false });
    if (source === undefined) return 0;
    const target = tree.lookup(to, { follow: false });
    if (target !== undefined && target !== source)
      return fail(
        this.#process,
        `dpkg-divert: error: rename involves overwriting '${to}' with\n  different file '${from}', not allowed`,
      );
    if (this.#options.flags.has("test")) return 0;
    try {
      if (target === source) tree.unlink(from);
      else tree.rename(from, to);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return fail(this.#process, `dpkg-divert: error: cannot rename '${from}' to '${to}': ${error.text}`);
    }
    return 0;
  }

  #say(text: string): void {
    if (!this.#options.flags.has("quiet")) this.#process.stdout.write(`${text}\n`);
  }
}
