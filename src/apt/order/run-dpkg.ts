/**
 * One run of dpkg: unpack, then the queue of packages to configure, then the triggers, in dpkg's order.
 *
 * Rules: docs/order.md. Checked against the logs of real runs in test/heavy/order.test.ts.
 */
import { AssembleError } from "../../errors/assemble-error.js";
import { formatGroup } from "../relation.js";
import type { DpkgActions, DpkgCommand } from "./dpkg-actions.js";
import { breakCycle, checkDependencies, type DependencyVerdict } from "./dpkg-dependencies.js";
import { type DpkgRun, enqueue, linkProvides, setStatus, startRun } from "./dpkg-run.js";
import { addPackage, type DpkgState, type PackageState, pendingPackages, registerInterests } from "./dpkg-state.js";
import {
  activate,
  activateDeclared,
  activateWithParents,
  incorporate,
  releaseAwaiters,
  settledStatus,
} from "./trigger-activation.js";

/**
 * Runs one command.
 *
 * @throws AssembleError `apt/configure-impossible` where dependencies or triggers leave no way on; and what an action throws
 */
export function runDpkg(state: DpkgState, command: DpkgCommand, actions: DpkgActions): void {
  const run = startRun(state, actions, {
    runsTriggers: command.kind === "install" || command.kind === "configure-pending",
    forceDepends: command.kind === "install" && command.forceDepends === true,
  });
  incorporate(run);
  switch (command.kind) {
    case "install":
    case "unpack":
      actions.onEvent?.({ kind: "startup", name: command.kind === "install" ? "archives install" : "archives unpack" });
      for (const name of command.packages) {
        const entry = unpack(run, name);
        if (command.kind === "install") enqueue(run, entry);
      }
      break;
    case "configure":
      actions.onEvent?.({ kind: "startup", name: "packages configure" });
      for (const name of command.packages) enqueue(run, entryOf(state, name));
      break;
    case "configure-pending":
      actions.onEvent?.({ kind: "startup", name: "packages configure" });
      for (const name of pendingPackages(state)) enqueue(run, entryOf(state, name));
      break;
  }
  while (run.queue.length > 0) processNext(run);
  for (let next = run.deferredTriggers.shift(); next !== undefined; next = run.deferredTriggers.shift())
    processTriggers(run, next, false);
}

function unpack(run: DpkgRun, name: string): PackageState {
  const { actions, state } = run;
  actions.onEvent?.({ kind: "install", name });
  const entry = addPackage(state, actions.find(name));
  activateDeclared(run, entry);
  setStatus(run, entry, "half-installed");
  actions.preinst(name);
  incorporate(run);
  actions.extract(name, (path) => activate(run, path, entry));
  registerInterests(state, entry);
  actions.finishUnpack(name);
  run.unpackedHere.add(entry);
  linkProvides(run, entry);
  setStatus(run, entry, "unpacked");
  return entry;
}

/** The attempt that has no name: dpkg calls it an internal error. */
const ATTEMPTS = 7;
const TRIGGER_ATTEMPT = 3;

function processNext(run: DpkgRun): void {
  let entry = run.queue.shift() as PackageState;
  const length = run.queue.length;
  const idleBefore = run.idle++;
  if (idleBefore > length * 3 + 2) {
    nextAttempt(run, entry);
  } else if (run.idle > length * 2 + 2) {
    if (run.attempt >= TRIGGER_ATTEMPT && run.helper !== undefined && run.helper.pending.length > 0) {
      enqueue(run, entry);
      entry = run.helper;
      run.helper = undefined;
    } else {
      nextAttempt(run, entry);
    }
  }
  if (entry.pending.length > 0) processTriggers(run, entry, true);
  else configure(run, entry);
}

function nextAttempt(run: DpkgRun, stuck: PackageState): void {
  run.attempt++;
  run.idle = 0;
  if (run.attempt >= ATTEMPTS) throw impossible(stuck, "its dependencies and triggers wait for each other");
}

function configure(run: DpkgRun, entry: PackageState): void {
  const { actions } = run;
  if (run.attempt >= 2 && breakCycle(run, entry)) run.idle = 0;
  const verdict = checkDependencies(run, entry);
  if (verdict.kind === "fail") throw unsatisfied(entry, verdict);
  if (verdict.kind === "defer") {
    if (verdict.helper !== undefined) run.helper = verdict.helper;
    enqueue(run, entry);
    return;
  }
  actions.onEvent?.({ kind: "configure", name: entry.name });
  activateDeclared(run, entry);
  actions.placeConffiles(entry.name, (path) => activateWithParents(run, path, entry));
  setStatus(run, entry, "half-configured");
  actions.configure(entry.name);
  settle(run, entry);
}

function processTriggers(run: DpkgRun, entry: PackageState, isFromQueue: boolean): void {
  if (entry.pending.length === 0) return;
  if (isFromQueue && run.attempt < TRIGGER_ATTEMPT) {
    enqueue(run, entry);
    return;
  }
  if (run.attempt >= 2 && breakCycle(run, entry)) run.idle = 0;
  const verdict = checkDependencies(run, entry);
  if (verdict.kind === "defer") {
    if (verdict.helper !== undefined) run.helper = verdict.helper;
    enqueue(run, entry);
    return;
  }
  if (verdict.kind === "fail") {
    if (isFromQueue) throw unsatisfied(entry, verdict);
    return;
  }
  const triggers = entry.pending;
  run.actions.onEvent?.({ kind: "trigproc", name: entry.name });
  entry.pending = [];
  setStatus(run, entry, "half-configured");
  releaseAwaiters(run, entry);
  run.actions.triggered(entry.name, triggers);
  settle(run, entry);
}

function settle(run: DpkgRun, entry: PackageState): void {
  run.toBeInstalled.delete(entry);
  setStatus(run, entry, settledStatus(entry));
  incorporate(run);
  run.idle = 0;
}

function entryOf(state: DpkgState, name: string): PackageState {
  const entry = state.packages.get(name);
  if (entry === undefined) throw new RangeError(`${name} is not unpacked`);
  return entry;
}

function unsatisfied(entry: PackageState, verdict: DependencyVerdict): AssembleError {
  const group = verdict.group === undefined ? "something" : formatGroup(verdict.group);
  return impossible(entry, `it depends on ${group}, which nothing in the image satisfies`);
}

function impossible(entry: PackageState, is: string): AssembleError {
  return new AssembleError(
    "apt/configure-impossible",
    `Cannot configure ${entry.name}: ${is}, an order in which every dependency is configured first was wanted`,
  );
}
