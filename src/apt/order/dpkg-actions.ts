/**
 * The interface between the order of things and who really does them (rootfs/configure):
 *
 * - make one `emptyDpkgState()` for a root (dpkg-state.ts) and keep it through all runs;
 * - call `runDpkg(state, command, actions)` (run-dpkg.ts) for each command of the plan (plan.ts), with {@link DpkgActions}
 *   that run the scripts and change the tree;
 * - inside an action, dpkg-trigger is `requestTrigger(state, trigger, awaiter)`, and dpkg-query reads `state.packages`;
 * - at the end `formatFileTriggers(state)` and `formatNamedTriggers(state)` are the files of /var/lib/dpkg/triggers.
 */
import type { DpkgPackage, PackageStatus } from "./dpkg-state.js";

/** What really happens at each step of a run. A script that fails throws. */
export interface DpkgActions {
  /** The package of a name, when its unpacking begins. */
  find(name: string): DpkgPackage;
  /** Runs `preinst install`. */
  preinst(name: string): void;
  /**
   * Extracts the files, calling `unpacked` for each entry of the archive, directories too, in its order, with the absolute
   * path (after diversion, without a slash at its end).
   */
  extract(name: string, unpacked: (path: string) => void): void;
  /** Puts the control files into the database: the package becomes `unpacked` afterwards. */
  finishUnpack(name: string): void;
  /** Installs the conffiles, calling `placed` with the path of each that was not in the tree with the same content. */
  placeConffiles(name: string, placed: (path: string) => void): void;
  /** Runs `postinst configure ""`. */
  configure(name: string): void;
  /** Runs `postinst triggered "<names>"`. */
  triggered(name: string, triggers: readonly string[]): void;
  /** Told of each step as dpkg's log words it; for progress and tests. */
  onEvent?(event: DpkgEvent): void;
}

/** A step of a run. */
export interface DpkgEvent {
  readonly kind: "startup" | "install" | "configure" | "trigproc" | "status";
  /** The package; for `startup` the command. */
  readonly name: string;
  /** For `status`: the new one. */
  readonly status?: PackageStatus;
}

/** One call of dpkg. */
export type DpkgCommand =
  /** `--install`: unpack all, configure all. */
  | { readonly kind: "install"; readonly packages: readonly string[]; readonly forceDepends?: boolean }
  /** `--unpack --no-triggers`, as apt calls it. */
  | { readonly kind: "unpack"; readonly packages: readonly string[] }
  /** `--configure --no-triggers` of some. */
  | { readonly kind: "configure"; readonly packages: readonly string[] }
  /** `--configure --pending`: all that is left, and the triggers. */
  | { readonly kind: "configure-pending" };
