/**
 * dpkg over packages that exist in name only: each action is noted.
 */

import { parseParagraph } from "#dist/apt/deb822.js";
import type { DpkgActions, DpkgCommand } from "#dist/apt/order/dpkg-actions.js";
import { type DpkgPackage, type DpkgState, emptyDpkgState, requestTrigger } from "#dist/apt/order/dpkg-state.js";
import { runDpkg } from "#dist/apt/order/run-dpkg.js";
import { packageRecord } from "#dist/apt/package.js";

/** What a package is made of, and what its scripts do. */
export interface FakePackage {
  readonly fields?: Readonly<Record<string, string>>;
  readonly triggers?: string;
  readonly postinst?: boolean;
  readonly files?: readonly string[];
  readonly conffiles?: readonly string[];
  /** What its postinst calls dpkg-trigger with; a leading `!` is --no-await. */
  readonly dpkgTrigger?: readonly string[];
}

/** Runs commands over the packages; returns what happened, and the state. */
export function simulate(
  packages: Readonly<Record<string, FakePackage>>,
  commands: readonly DpkgCommand[],
): { readonly log: readonly string[]; readonly state: DpkgState } {
  const state = emptyDpkgState();
  const log: string[] = [];
  const of = (name: string): FakePackage => packages[name] ?? {};
  const actions: DpkgActions = {
    find(name): DpkgPackage {
      const fields = { Package: name, Version: "1", Architecture: "amd64", ...of(name).fields };
      const text = Object.entries(fields)
        .map(([field, value]) => `${field}: ${value}\n`)
        .join("");
      return {
        record: packageRecord(parseParagraph(text)),
        triggers: of(name).triggers ?? "",
        hasPostinst: of(name).postinst ?? true,
      };
    },
    preinst: (name) => log.push(`preinst ${name}`),
    extract(name, unpacked) {
      for (const path of of(name).files ?? []) unpacked(path);
    },
    finishUnpack: () => {},
    placeConffiles(name, placed) {
      for (const path of of(name).conffiles ?? []) placed(path);
    },
    configure(name) {
      log.push(`configure ${name}`);
      for (const trigger of of(name).dpkgTrigger ?? [])
        requestTrigger(state, trigger.replace("!", ""), trigger.startsWith("!") ? undefined : name);
    },
    triggered: (name, triggers) => log.push(`triggered ${name} ${triggers.join(" ")}`),
  };
  for (const command of commands) runDpkg(state, command, actions);
  return { log, state };
}
