/**
 * In which order the packages of an image are unpacked and configured: the commands that apt would give dpkg.
 *
 * Rules: docs/order.md, A4 to A7; checked against the logs of real runs in test/heavy/order.test.ts. A pure function of
 * control data, so a build from a lock needs no index.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import { type Alternative, formatGroup, type RelationGroup } from "../relation.js";
import type { DpkgCommand } from "./dpkg-actions.js";
import { markImmediate, orderList } from "./order-list.js";
import { type Planned, type PlanPackage, type PlanSet, planSet } from "./plan-set.js";

export type { PlanPackage } from "./plan-set.js";

export interface InstallationRequest {
  /** What is there and configured. */
  readonly installed: readonly PlanPackage[];
  /** What is to be installed. The priority must be the index's: a lock keeps it. */
  readonly packages: readonly PlanPackage[];
  /** The ids of the archives, in the order of the recipe: it decides between providers. */
  readonly archives?: readonly string[] | undefined;
}

export interface InstallationPlan {
  /** Names in the order of unpacking. */
  readonly unpackOrder: readonly string[];
  /** The commands, `--configure --pending` last. */
  readonly commands: readonly DpkgCommand[];
}

/**
 * Plans an installation.
 *
 * @throws AssembleError `apt/order-impossible` where a Pre-Depends can't be met before the package that has it
 */
export function planInstallation(request: InstallationRequest): InstallationPlan {
  const set = planSet(request.installed, request.packages, request.archives ?? []);
  markImmediate(set);
  const planner = new Planner(set);
  for (const one of orderList(set)) if (one.state === "now") planner.unpack(one, one.isImmediate);
  const commands = batch(planner.operations);
  return {
    unpackOrder: commands.flatMap((command) => (command.kind === "unpack" ? command.packages : [])),
    commands: [...commands, { kind: "configure-pending" }],
  };
}

/**
 * Plans both stages of a new root: the base is unpacked in its planned order and then installed by one command, without
 * regard to dependencies; the rest goes by apt's plan. An empty stage gives no command.
 */
export function planNewRoot(
  base: readonly PlanPackage[],
  rest: readonly PlanPackage[],
  archives: readonly string[] = [],
): readonly DpkgCommand[] {
  const commands: DpkgCommand[] = [];
  if (base.length > 0) {
    const { unpackOrder } = planInstallation({ installed: [], packages: base, archives });
    commands.push({ kind: "install", packages: unpackOrder, forceDepends: true });
  }
  if (rest.length > 0) commands.push(...planInstallation({ installed: base, packages: rest, archives }).commands);
  return commands;
}

type Operation = { readonly kind: "unpack" | "configure"; readonly name: string };

/** Consecutive operations of a kind make one command. */
function batch(operations: readonly Operation[]): DpkgCommand[] {
  const commands: { kind: "unpack" | "configure"; packages: string[] }[] = [];
  for (const { kind, name } of operations) {
    const last = commands[commands.length - 1];
    if (last?.kind === kind) last.packages.push(name);
    else commands.push({ kind, packages: [name] });
  }
  return commands;
}

/** More rounds than any chain of packages is long: only a cycle of Pre-Depends gets here. */
const MAX_ROUNDS = 5000;

/** Emits operations; packages carry their state. */
class Planner {
  readonly operations: Operation[] = [];
  readonly #set: PlanSet;

  constructor(set: PlanSet) {
    this.#set = set;
  }

  /** Unpacks a package after what it pre-depends on is configured. */
  unpack(one: Planned, isImmediate: boolean): void {
    const hadLoop = one.hasLoop;
    for (let round = 0, changed = true; changed; round++) {
      if (round > MAX_ROUNDS) throw impossible(one, undefined);
      changed = false;
      for (const group of one.preDepends) {
        const result = this.#satisfyPreDepends(one, group);
        if (!result.isGood) throw impossible(one, group);
        if (result.changed) changed = true;
      }
    }
    if (hadLoop || one.state !== "now") return;
    one.state = "unpacked";
    this.operations.push({ kind: "unpack", name: one.name });
    // What can't be configured yet is left to the next occasion, at the latest `--configure --pending`.
    if (isImmediate) this.#configure(one);
  }

  #satisfyPreDepends(one: Planned, group: RelationGroup): { isGood: boolean; changed: boolean } {
    if (this.#hasInstalled(group)) return { isGood: true, changed: false };
    for (const alternative of group) {
      const target = this.#set.targets(alternative).find((candidate) => candidate.isNew);
      if (target === undefined) continue;
      if (target.state === "configured") return { isGood: true, changed: false };
      if (target.hasLoop && one.hasLoop) continue;
      this.#nested(one, () => {
        if (target.state === "now") this.unpack(target, true);
        else this.#configure(target);
      });
      return { isGood: true, changed: !target.hasLoop };
    }
    return { isGood: false, changed: false };
  }

  /** Configures a package after what it depends on. @returns whether it could */
  #configure(one: Planned): boolean {
    const waiting: RelationGroup[] = [];
    const groups = [...one.preDepends, ...one.depends];
    for (let round = 0, changed = true; changed && round <= MAX_ROUNDS; round++) {
      changed = false;
      for (const group of groups) {
        if (this.#hasInstalled(group)) continue;
        const target = one.hasLoop ? undefined : this.#first(group, (candidate) => candidate.state === "now");
        if (target === undefined) {
          waiting.push(group);
          continue;
        }
        this.#nested(one, () => this.unpack(target, true));
        if (!target.hasLoop) changed = true;
      }
    }
    let isGood = true;
    for (let round = 0, changed = true; changed && round <= MAX_ROUNDS; round++) {
      changed = false;
      for (const group of waiting) {
        isGood = false;
        for (const alternative of group) {
          const target = this.#firstOf(alternative, (candidate) => candidate.state !== "now");
          if (target === undefined) continue;
          isGood = true;
          if (target.state === "unpacked" && !(target.hasLoop && one.hasLoop)) {
            this.#nested(one, () => this.#configure(target));
            if (!target.hasLoop) changed = true;
          }
          break;
        }
      }
    }
    if (!isGood) return false;
    if (one.hasLoop) return true;
    if (one.state === "configured") return false;
    one.state = "configured";
    this.operations.push({ kind: "configure", name: one.name });
    return true;
  }

  /** Runs a step with the package marked, so that what leads back to it stops there. */
  #nested(one: Planned, step: () => void): void {
    const hadLoop = one.hasLoop;
    one.hasLoop = true;
    step();
    one.hasLoop = hadLoop;
  }

  #hasInstalled(group: RelationGroup): boolean {
    return group.some((alternative) => this.#set.targets(alternative).some((target) => !target.isNew));
  }

  #first(group: RelationGroup, fits: (candidate: Planned) => boolean): Planned | undefined {
    for (const alternative of group) {
      const target = this.#firstOf(alternative, fits);
      if (target !== undefined) return target;
    }
    return undefined;
  }

  #firstOf(alternative: Alternative, fits: (candidate: Planned) => boolean): Planned | undefined {
    return this.#set.targets(alternative).find((candidate) => candidate.isNew && fits(candidate));
  }
}

function impossible(one: Planned, group: RelationGroup | undefined): AssembleError {
  const is =
    group === undefined ? "its Pre-Depends form a cycle" : `nothing satisfies its Pre-Depends ${formatGroup(group)}`;
  return new AssembleError(
    "apt/order-impossible",
    `Cannot order the unpacking of ${one.name}: ${is}, what it pre-depends on was wanted before it`,
  );
}
