/**
 * Activating triggers: who gets to process them, and who awaits it.
 *
 * Specification: deb-triggers(5) and dpkg's triggers.txt; details as its log shows them.
 */
import type { DpkgRun } from "./dpkg-run.js";
import { setStatus } from "./dpkg-run.js";
import type { PackageState, TriggerInterest } from "./dpkg-state.js";

/** Activates the `activate` lines of a package's own triggers member. */
export function activateDeclared(run: DpkgRun, entry: PackageState): void {
  for (const declaration of entry.declarations)
    if (declaration.kind === "activate") activate(run, declaration.trigger, declaration.noAwait ? undefined : entry);
}

/** Activates a trigger by exactly this name or path. `awaiter` is undefined where nobody awaits its processing. */
export function activate(run: DpkgRun, trigger: string, awaiter: PackageState | undefined): void {
  if (trigger.startsWith("/")) {
    const interests = run.state.fileInterestsByPath.get(trigger);
    // The newest registration is served first.
    if (interests !== undefined) for (const interest of [...interests].reverse()) serve(run, interest, awaiter);
    return;
  }
  for (const interest of run.state.namedInterests.get(trigger) ?? []) serve(run, interest, awaiter);
}

/** Activates a path and all directories above it, as conffiles and dpkg-trigger do. */
export function activateWithParents(run: DpkgRun, path: string, awaiter: PackageState | undefined): void {
  for (let at = path; at.length > 1; at = at.slice(0, at.lastIndexOf("/"))) activate(run, at, awaiter);
}

/** Takes in what dpkg-trigger noted while scripts ran. */
export function incorporate(run: DpkgRun): void {
  const lines = run.state.unincorporated.splice(0);
  for (const { trigger, awaiters } of lines) {
    for (const name of awaiters) {
      const awaiter = name === undefined ? undefined : run.state.packages.get(name);
      if (trigger.startsWith("/")) activateWithParents(run, trigger, awaiter);
      else activate(run, trigger, awaiter);
    }
  }
}

/** A package has processed its triggers: nobody awaits it any longer. */
export function releaseAwaiters(run: DpkgRun, processed: PackageState): void {
  for (const entry of run.state.packages.values()) {
    const at = entry.awaited.indexOf(processed.name);
    if (at < 0) continue;
    entry.awaited.splice(at, 1);
    if (entry.awaited.length === 0 && entry.status === "triggers-awaited") setStatus(run, entry, settledStatus(entry));
  }
}

/** The status of a configured package. */
export function settledStatus(entry: PackageState): "triggers-awaited" | "triggers-pending" | "installed" {
  if (entry.awaited.length > 0) return "triggers-awaited";
  return entry.pending.length > 0 ? "triggers-pending" : "installed";
}

function isSettled(entry: PackageState): boolean {
  return entry.status === "installed" || entry.status === "triggers-awaited" || entry.status === "triggers-pending";
}

function serve(run: DpkgRun, interest: TriggerInterest, awaiter: PackageState | undefined): void {
  const interested = run.state.packages.get(interest.package);
  if (interested === undefined || !isSettled(interested)) return;
  if (!interested.pending.includes(interest.trigger)) {
    interested.pending.unshift(interest.trigger);
    const status = settledStatus(interested);
    if (status !== interested.status) setStatus(run, interested, status);
  }
  if (run.runsTriggers && !run.deferredTriggers.includes(interested)) run.deferredTriggers.push(interested);
  if (interest.noAwait || awaiter === undefined || awaiter.awaited.includes(interested.name)) return;
  awaiter.awaited.push(interested.name);
  if (awaiter.status === "installed" || awaiter.status === "triggers-pending")
    setStatus(run, awaiter, "triggers-awaited");
}
