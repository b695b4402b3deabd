/**
 * What dpkg knows between two of its runs: the packages' states, and who is interested in which trigger.
 *
 * Rules: docs/order.md, from dpkg(1), deb-triggers(5), dpkg-trigger(1) and dpkg's own log (test/heavy/order.test.ts).
 */
import type { PackageRecord } from "../package.js";
import { packageHashOrder } from "./package-hash.js";
import { parseTriggerDeclarations, type TriggerDeclaration } from "./trigger-declarations.js";

/** The states that a package passes through on a new root. */
export type PackageStatus =
  | "half-installed"
  | "unpacked"
  | "half-configured"
  | "triggers-awaited"
  | "triggers-pending"
  | "installed";

/** What is needed of a package to order its configuring. */
export interface DpkgPackage {
  /** Of the .deb's control file: the order of its fields counts. */
  readonly record: PackageRecord;
  /** The text of its `triggers` member; empty where it has none. */
  readonly triggers: string;
  readonly hasPostinst: boolean;
}

/** One package's state. */
export interface PackageState {
  readonly name: string;
  readonly package: DpkgPackage;
  readonly declarations: readonly TriggerDeclaration[];
  status: PackageStatus;
  /** Triggers that wait to be processed, in the order in which its postinst gets them. */
  pending: string[];
  /** The packages whose trigger processing it awaits. */
  awaited: string[];
}

/** One line of triggers/File, or of triggers/<name>. */
export interface TriggerInterest {
  readonly trigger: string;
  /** Name of the interested package. */
  readonly package: string;
  readonly noAwait: boolean;
}

/** dpkg's database, as far as the order depends on it. One for the whole building of a root. */
export interface DpkgState {
  readonly packages: Map<string, PackageState>;
  /** In the order of registration, which is also that of the lines of triggers/File. */
  readonly fileInterests: TriggerInterest[];
  /** The same by path. */
  readonly fileInterestsByPath: Map<string, TriggerInterest[]>;
  /** By trigger name, in the order of registration. */
  readonly namedInterests: Map<string, TriggerInterest[]>;
  /** Activations by dpkg-trigger that dpkg has not yet taken in (triggers/Unincorp). */
  readonly unincorporated: UnincorporatedTrigger[];
}

/** One line of triggers/Unincorp: a trigger, and who asked for it by dpkg-trigger. */
export interface UnincorporatedTrigger {
  /** A name, or an absolute path. */
  readonly trigger: string;
  /** The packages that await the processing; undefined stands for --no-await. */
  readonly awaiters: (string | undefined)[];
}

/** The state of a root without packages. */
export function emptyDpkgState(): DpkgState {
  return {
    packages: new Map(),
    fileInterests: [],
    fileInterestsByPath: new Map(),
    namedInterests: new Map(),
    unincorporated: [],
  };
}

/**
 * Takes a package that is about to be unpacked into the state.
 *
 * @throws AssembleError `apt/triggers-invalid` for a `triggers` member that cannot be read
 */
export function addPackage(state: DpkgState, added: DpkgPackage): PackageState {
  const name = added.record.name;
  const declarations = parseTriggerDeclarations(added.triggers, name);
  const entry: PackageState = {
    name,
    package: added,
    declarations,
    status: "half-installed",
    pending: [],
    awaited: [],
  };
  state.packages.set(name, entry);
  return entry;
}

/**
 * What dpkg-trigger does: notes a trigger, which dpkg takes in when the script that called it has ended.
 *
 * `awaiter` is the package of the running script, undefined with --no-await.
 */
export function requestTrigger(state: DpkgState, trigger: string, awaiter: string | undefined): void {
  const known = state.unincorporated.find((line) => line.trigger === trigger);
  if (known === undefined) state.unincorporated.push({ trigger, awaiters: [awaiter] });
  else if (!known.awaiters.includes(awaiter)) known.awaiters.push(awaiter);
}

/** Registers a package's interests, as its unpacking does. */
export function registerInterests(state: DpkgState, entry: PackageState): void {
  for (const declaration of entry.declarations) {
    if (declaration.kind !== "interest") continue;
    const interest = { trigger: declaration.trigger, package: entry.name, noAwait: declaration.noAwait };
    const isPath = declaration.trigger.startsWith("/");
    if (isPath) state.fileInterests.push(interest);
    const byTrigger = isPath ? state.fileInterestsByPath : state.namedInterests;
    const known = byTrigger.get(declaration.trigger);
    if (known === undefined) byTrigger.set(declaration.trigger, [interest]);
    else known.push(interest);
  }
}

/** `name`, or `name:architecture` where that is how dpkg's database names it: for Multi-Arch: same. */
export function databaseName(entry: PackageState): string {
  const { record } = entry.package;
  return record.multiArch === "same" ? `${record.name}:${record.architecture}` : record.name;
}

/** The content of triggers/File, or undefined where nobody is interested in a path. */
export function formatFileTriggers(state: DpkgState): string | undefined {
  if (state.fileInterests.length === 0) return undefined;
  return state.fileInterests.map((interest) => `${interest.trigger} ${formatInterest(state, interest)}\n`).join("");
}

/** The contents of the files triggers/<name>, by name. */
export function formatNamedTriggers(state: DpkgState): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [trigger, interests] of state.namedInterests)
    files.set(trigger, interests.map((interest) => `${formatInterest(state, interest)}\n`).join(""));
  return files;
}

function formatInterest(state: DpkgState, interest: TriggerInterest): string {
  const entry = state.packages.get(interest.package);
  const name = entry === undefined ? interest.package : databaseName(entry);
  return interest.noAwait ? `${name}/noawait` : name;
}

/** The packages that `dpkg --configure --pending` takes up, in the order in which dpkg walks its hash table. */
export function pendingPackages(state: DpkgState): readonly string[] {
  return packageHashOrder(state).filter((name) => {
    const entry = state.packages.get(name);
    return entry !== undefined && needsWork(entry);
  });
}

function needsWork(entry: PackageState): boolean {
  return entry.status === "unpacked" || entry.status === "half-configured" || entry.pending.length > 0;
}
