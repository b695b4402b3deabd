/**
 * /var/lib/dpkg/triggers: who is interested in what.
 *
 * Specification: deb-triggers(5), dpkg's doc/spec/triggers.txt ("Transition plan" names the files). `Unincorp` ends empty: dpkg has
 * taken in everything.
 */
import { formatFileTriggers, formatNamedTriggers } from "../../apt/order/dpkg-state.js";
import type { DpkgDatabase } from "../unpack/dpkg-database.js";

const DIRECTORY = "/var/lib/dpkg/triggers";

/** Writes all trigger files. */
export function writeTriggerFiles(database: DpkgDatabase): void {
  const { tree, state } = database;
  tree.mkdirs(DIRECTORY);
  const files = formatFileTriggers(state);
  if (files !== undefined) tree.write(`${DIRECTORY}/File`, files, { mode: 0o644, uid: 0, gid: 0 });
  for (const [name, text] of formatNamedTriggers(state))
    tree.write(`${DIRECTORY}/${name}`, text, { mode: 0o644, uid: 0, gid: 0 });
  tree.write(`${DIRECTORY}/Unincorp`, "", { mode: 0o644, uid: 0, gid: 0 });
  if (tree.lookup(`${DIRECTORY}/Lock`) === undefined) tree.write(`${DIRECTORY}/Lock`, "", { mode: 0o600 });
}
