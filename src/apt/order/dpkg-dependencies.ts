/**
 * Whether dpkg can configure a package now, and which dependency it gives up where they form a cycle.
 */
import type { RelationGroup } from "../relation.js";
import { targetKey } from "../relation.js";
import { type DpkgRun, satisfiersOf } from "./dpkg-run.js";
import type { PackageState } from "./dpkg-state.js";

/** The answer for one package. */
export interface DependencyVerdict {
  /** `defer`: not yet; `fail`: never. */
  readonly kind: "ok" | "defer" | "fail";
  /** For `defer`: where every group in the way waits for triggers, the package that has them. */
  readonly helper?: PackageState | undefined;
  /** For `fail`: the group that nothing satisfies. */
  readonly group?: RelationGroup | undefined;
}

/** From this attempt on, `--force-depends` lets an unsatisfied dependency pass. */
const FORCING_ATTEMPT = 6;

/** Checks Pre-Depends and Depends of a package. */
export function checkDependencies(run: DpkgRun, entry: PackageState): DependencyVerdict {
  let isDeferred = false;
  let everyGroupHasHelper = true;
  let helper: PackageState | undefined;
  for (const group of groupsOf(run, entry)) {
    const verdict = checkGroup(run, entry, group);
    if (verdict.kind === "ok") continue;
    if (verdict.kind === "fail") {
      if (!run.forceDepends) return { kind: "fail", group };
      if (run.attempt >= FORCING_ATTEMPT) continue;
    }
    isDeferred = true;
    if (verdict.helper === undefined) everyGroupHasHelper = false;
    else helper = verdict.helper;
  }
  if (!isDeferred) return { kind: "ok" };
  return { kind: "defer", helper: everyGroupHasHelper ? helper : undefined };
}

function checkGroup(run: DpkgRun, entry: PackageState, group: RelationGroup): DependencyVerdict {
  let canWait = false;
  let helper: PackageState | undefined;
  for (const alternative of group) {
    if (run.brokenAlternatives.has(alternative)) return { kind: "ok" };
    for (const candidate of satisfiersOf(run, alternative)) {
      switch (candidate.status) {
        case "installed":
        case "triggers-pending":
          return { kind: "ok" };
        case "triggers-awaited": {
          if (candidate === entry) return { kind: "ok" };
          const [awaited] = candidate.awaited;
          if (awaited !== undefined) helper = run.state.packages.get(awaited);
          canWait = true;
          break;
        }
        case "unpacked":
        case "half-configured":
          if (!run.toBeInstalled.has(candidate)) break;
          if (candidate === entry) return { kind: "ok" };
          canWait = true;
          break;
        default:
          break;
      }
    }
  }
  return canWait ? { kind: "defer", helper } : { kind: "fail" };
}

/** One step of a chain of dependencies. */
interface Link {
  readonly entry: PackageState;
  readonly alternative: RelationGroup[number];
  readonly previous: Link | undefined;
}

/**
 * Looks for a cycle of dependencies that a package leads into, and breaks it: at the newest link whose package has no
 * postinst (its configuring does nothing), else where the cycle closes.
 *
 * @returns whether there was one
 */
export function breakCycle(run: DpkgRun, start: PackageState): boolean {
  const onChain = new Set<PackageState>();

  const follow = (target: PackageState, link: Link): boolean => {
    if (!onChain.has(target)) return search(target, link);
    let broken = link;
    while (broken.entry !== target && broken.entry.package.hasPostinst && broken.previous !== undefined)
      broken = broken.previous;
    run.brokenAlternatives.add(broken.alternative);
    return true;
  };

  const search = (entry: PackageState, previous: Link | undefined): boolean => {
    // Breaking alternatives only takes ways away: what is known of one search holds for the next.
    if (run.acyclic.has(entry)) return false;
    onChain.add(entry);
    for (const group of groupsOf(run, entry)) {
      for (const alternative of group) {
        if (run.brokenAlternatives.has(alternative)) continue;
        const link: Link = { entry, alternative, previous };
        // Versions do not count here: dpkg follows names.
        const key = targetKey(alternative);
        const real = run.state.packages.get(key);
        if (real !== undefined && follow(real, link)) return true;
        for (const provider of run.providers.get(key) ?? [])
          if (run.toBeInstalled.has(provider.entry) && follow(provider.entry, link)) return true;
      }
    }
    onChain.delete(entry);
    run.acyclic.add(entry);
    return false;
  };

  return search(start, undefined);
}

/**
 * The groups in the order in which dpkg has them: that of the .deb's control file where this run unpacked it, else that of
 * the status file.
 */
function groupsOf(run: DpkgRun, entry: PackageState): readonly RelationGroup[] {
  const { record } = entry.package;
  const depends = record.relations("Depends");
  const preDepends = record.relations("Pre-Depends");
  if (preDepends.length === 0) return depends;
  if (run.unpackedHere.has(entry)) {
    const names = record.control.entries().map(([name]) => name.toLowerCase());
    if (names.indexOf("pre-depends") < names.indexOf("depends")) return [...preDepends, ...depends];
  }
  return [...depends, ...preDepends];
}
