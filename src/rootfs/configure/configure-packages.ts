/**
 * Unpacks and configures the packages of an image: what mmdebstrap, apt and dpkg do for a new root, in their order, with the
 * maintainer scripts interpreted.
 *
 * Stage 1 (the base) is extracted as by tar, then installed by one run of dpkg without regard to dependencies; stage 2 goes by apt's plan
 * (apt/order, docs/order.md). The tree then holds the whole of /var/lib/dpkg and debconf's databases.
 */

import type { DebPackage } from "../../apt/deb/package.js";
import { parseParagraph } from "../../apt/deb822.js";
import type { DpkgActions, DpkgEvent } from "../../apt/order/dpkg-actions.js";
import { planNewRoot } from "../../apt/order/plan.js";
import { runDpkg } from "../../apt/order/run-dpkg.js";
import { type PackageRecord, packageRecord } from "../../apt/package.js";
import { compareVersions } from "../../apt/version.js";
import { toByteString } from "../../bytes/content.js";
import type { RecipeOverride } from "../../config/recipe.js";
import { removeLeftOutputs } from "../helpers/single/left-out.js";
import type { Command, System } from "../shell/process.js";
import { createSystem } from "../shell/system.js";
import type { Tree } from "../tree/tree.js";
import { parseConffiles } from "../unpack/conffile-list.js";
import { DpkgDatabase, type InstalledPackage } from "../unpack/dpkg-database.js";
import { extractArchive } from "../unpack/extract-archive.js";
import { unpackPackage } from "../unpack/unpack-package.js";
import { writeAptState } from "./apt-state.js";
import { makeBaseLayout } from "./base-layout.js";
import { dpkgVersion } from "./commands/dpkg.js";
import { dpkgCommands } from "./commands/dpkg-commands.js";
import { perlProbe } from "./commands/perl-probe.js";
import { installConffiles } from "./conffiles.js";
import { debconfCommands } from "./debconf/debconf-commands.js";
import { DebconfDatabase } from "./debconf/debconf-database.js";
import type { DueConfig } from "./debconf/frontend.js";
import { applyPreseeds } from "./debconf/set-selections.js";
import { CONTROL_DIRECTORY, infoPath, installInfoFiles, writeControlDirectory, writeFileList } from "./info-files.js";
import { runMaintainerScript } from "./maintainer-script.js";
import { applyEffects, type EndedScript, Overrides, withOverride } from "./overrides.js";
import { ServiceGuard } from "./service-guard.js";
import { StatusFile } from "./status-file.js";
import { writeTriggerFiles } from "./trigger-files.js";

/** One package to configure. */
export interface ConfigurablePackage {
  readonly archive: DebPackage;
  /** 1: the base. 2: the rest. */
  readonly stage: 1 | 2;
  /** The index's priority, which the lock keeps: the .deb's can differ. */
  readonly priority: string;
  /** The id of the archive it comes from. */
  readonly archiveId: string;
  /** apt's mark: it is there for another's sake. */
  readonly automatic: boolean;
}

/** What to configure, and how. */
export interface ConfigureOptions {
  /** Skeleton trees have been laid over it already; otherwise empty. */
  readonly tree: Tree;
  readonly packages: readonly ConfigurablePackage[];
  readonly architecture: string;
  /** Emulated commands by name: the tools and helpers. dpkg's and debconf's are added here. */
  readonly commands: ReadonlyMap<string, Command>;
  /** Ids of archives in the order of the recipe; it decides between providers. */
  readonly archives?: readonly string[];
  readonly overrides?: readonly RecipeOverride[];
  /** Lines for debconf-set-selections. */
  readonly preseeds?: readonly string[];
  readonly machine?: System["machine"];
  readonly onEvent?: (event: ConfigureEvent) => void;
}

/** What happens, in order. */
export type ConfigureEvent =
  | { readonly type: "step"; readonly step: DpkgEvent }
  | { readonly type: "script"; readonly run: ScriptReport }
  | { readonly type: "output"; readonly package: string; readonly line: string };

/** One maintainer script that ran, or was overridden. */
export interface ScriptReport {
  readonly package: string;
  readonly script: "preinst" | "config" | "postinst";
  readonly arguments: readonly string[];
  readonly overridden: boolean;
}

/** What was done. */
export interface ConfigureResult {
  readonly database: DpkgDatabase;
  /** Every script, in order. */
  readonly scripts: readonly ScriptReport[];
  /** Overrides that took the place of a script. */
  readonly overrides: readonly RecipeOverride[];
}

/**
 * Unpacks and configures packages.
 *
 * @throws AssembleError `deb/unsafe-path`, `unpack/…`, `configure/…`, `apt/order-impossible`, `apt/configure-impossible`, `shell/…`
 */
export function configurePackages(options: ConfigureOptions): ConfigureResult {
  return new Configuring(options).run();
}

interface Prepared extends ConfigurablePackage {
  /** With the index's priority: for planning. */
  readonly planned: PackageRecord;
  /** As the .deb has it: for the database. */
  readonly record: PackageRecord;
}

/** A script that dpkg runs. */
interface DpkgScript {
  readonly script: "preinst" | "postinst";
  readonly arguments: readonly string[];
  readonly path: string;
}

class Configuring {
  readonly #options: ConfigureOptions;
  readonly #tree: Tree;
  readonly #packages: ReadonlyMap<string, Prepared>;
  readonly #database: DpkgDatabase;
  readonly #overrides: Overrides;
  readonly #system: System;
  readonly #debconf: DebconfDatabase;
  readonly #guard: ServiceGuard;
  readonly #status: StatusFile;
  readonly #scripts: ScriptReport[] = [];
  #underApt = false;
  /** The package whose config script runs, or has failed. */
  #asking: string | undefined;

  constructor(options: ConfigureOptions) {
    this.#options = options;
    this.#tree = options.tree;
    this.#packages = new Map(options.packages.map(prepare).map((one) => [one.record.name, one]));
    this.#database = new DpkgDatabase(options.tree, options.architecture);
    this.#overrides = new Overrides(options.overrides ?? []);
    this.#debconf = new DebconfDatabase(options.tree);
    this.#status = new StatusFile(this.#database);
    this.#guard = new ServiceGuard(options.tree);
    const commands = new Map<string, Command>([
      ...options.commands,
      ...dpkgCommands(this.#database),
      ...debconfCommands(this.#debconf, (due) => this.#config(due)),
      ...this.#guard.commands,
      ["perl", perlProbe],
    ]);
    this.#system = createSystem({ tree: options.tree, commands, ...(options.machine && { machine: options.machine }) });
  }

  run(): ConfigureResult {
    const tree = this.#tree;
    makeBaseLayout(tree, this.#options.architecture);
    applyPreseeds(this.#debconf, this.#options.preseeds ?? []);
    const packages = [...this.#packages.values()];
    const stage = (number: 1 | 2) => packages.filter((one) => one.stage === number).map((one) => one.planned);
    const commands = planNewRoot(stage(1), stage(2), this.#options.archives ?? []);
    for (const command of commands) {
      this.#underApt = command.kind !== "install";
      if (command.kind === "install") this.#extractBase(command.packages);
      this.#guard.install();
      try {
        runDpkg(this.#database.state, command, this.#actions);
      } catch (error) {
        throw withOverride(error, this.#endedScript());
      }
      this.#status.write();
    }
    this.#overrides.checkAllUsed();
    this.#guard.remove();
    this.#finish();
    return { database: this.#database, scripts: this.#scripts, overrides: this.#overrides.used };
  }

  /** Extracts the base's archives before there is a dpkg that could unpack them. */
  #extractBase(names: readonly string[]): void {
    for (const name of names) {
      const { archive, record } = this.#package(name);
      const where = `${name} ${record.version}`;
      const conffiles = parseConffiles(archive.members.get("conffiles")?.bytes, where);
      extractArchive(this.#tree, archive.entries, { where, keep: new Set(conffiles.map((conffile) => conffile.path)) });
    }
  }

  readonly #actions: DpkgActions = {
    find: (name) => {
      const { record, archive } = this.#package(name);
      const triggers = archive.members.get("triggers");
      return {
        record,
        triggers: triggers === undefined ? "" : toByteString(triggers.bytes),
        hasPostinst: archive.members.has("postinst"),
      };
    },
    preinst: (name) => {
      const { archive, record } = this.#package(name);
      this.#database.begin(record);
      writeControlDirectory(this.#tree, archive);
      this.#script(name, { script: "preinst", arguments: ["install"], path: `${CONTROL_DIRECTORY}/preinst` });
    },
    extract: (name, unpacked) => {
      unpackPackage(this.#database, this.#installed(name), this.#package(name).archive, {
        onPath: unpacked,
        onListChanged: (other) => writeFileList(this.#tree, other),
      });
    },
    finishUnpack: (name) => installInfoFiles(this.#database, this.#installed(name), this.#package(name).archive),
    placeConffiles: (name, placed) => installConffiles(this.#database, this.#installed(name), placed),
    configure: (name) => this.#postinst(name, ["configure", ""]),
    triggered: (name, triggers) => this.#postinst(name, ["triggered", triggers.join(" ")]),
    onEvent: (step) => this.#options.onEvent?.({ type: "step", step }),
  };

  #postinst(name: string, args: readonly string[]): void {
    this.#script(name, { script: "postinst", arguments: args, path: infoPath(this.#installed(name), "postinst") });
  }

  #script(name: string, run: DpkgScript): void {
    const { archive, record } = this.#package(name);
    if (!archive.members.has(run.script) || !this.#begins(name, run)) return;
    runMaintainerScript(this.#system, {
      ...run,
      record,
      dpkgVersion: dpkgVersion(this.#database),
      underApt: this.#underApt,
      onLine: (line) => this.#options.onEvent?.({ type: "output", package: name, line }),
    });
  }

  /** Reports a script, and whether it is to be run: an override's effects take its place. */
  #begins(owner: string, run: Pick<ScriptReport, "script" | "arguments">): boolean {
    const name = owner.replace(/:.*$/, "");
    const known = this.#packages.get(name);
    const override =
      known === undefined
        ? undefined
        : this.#overrides.find(name, run.script, known.archive.members.get(run.script)?.bytes);
    const report = { package: name, script: run.script, arguments: run.arguments, overridden: override !== undefined };
    this.#scripts.push(report);
    this.#options.onEvent?.({ type: "script", run: report });
    if (override !== undefined) applyEffects(this.#tree, override.effects);
    return override === undefined;
  }

  /** Runs a config script, inside of its package's postinst. */
  #config({ owner, args, run }: DueConfig): number {
    if (!this.#begins(owner, { script: "config", arguments: args })) return 0;
    this.#asking = owner.replace(/:.*$/, "");
    const status = run();
    if (status === 0) this.#asking = undefined;
    return status;
  }

  /** The script that an error has ended. */
  #endedScript(): EndedScript | undefined {
    const { owner, script } = this.#system.location;
    const ended = this.#asking !== undefined ? "config" : script === "preinst" ? "preinst" : "postinst";
    const name = this.#asking ?? owner;
    const bytes = this.#packages.get(name)?.archive.members.get(ended)?.bytes;
    return bytes && { package: name, script: ended, bytes };
  }

  /** What dpkg and debconf leave behind, without what is left for the first boot. */
  #finish(): void {
    removeLeftOutputs(this.#tree);
    writeTriggerFiles(this.#database);
    this.#debconf.save();
    const automatic = [...this.#packages.values()].filter((one) => one.automatic).map((one) => one.record.name);
    writeAptState(this.#tree, automatic, this.#options.architecture);
    const directory = "/var/lib/dpkg";
    // Since dpkg 1.22.16.
    if (compareVersions(dpkgVersion(this.#database), "1.22.16~") >= 0)
      this.#tree.write(`${directory}/arch-native`, `${this.#options.architecture}\n`, { mode: 0o644 });
    for (const name of ["lock", "lock-frontend"]) this.#tree.write(`${directory}/${name}`, "", { mode: 0o640 });
  }

  #package(name: string): Prepared {
    return this.#packages.get(name)!;
  }

  #installed(name: string): InstalledPackage {
    return this.#database.packages.get(name)!;
  }
}

function prepare(one: ConfigurablePackage): Prepared {
  const control = parseParagraph(toByteString(one.archive.members.get("control")?.bytes ?? new Uint8Array(0)));
  return {
    ...one,
    record: packageRecord(control),
    planned: packageRecord(control, { priority: one.priority, archive: one.archiveId }),
  };
}
