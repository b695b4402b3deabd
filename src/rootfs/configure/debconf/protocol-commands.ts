/**
 * The commands of the debconf protocol: debconf-devel(7), and EXIST, VISIBLE and X_LOADTEMPLATEFILE that debconf also has.
 */
import type { ConfmoduleSession } from "./confmodule-session.js";

const OK = 0;

/** A status and the words after it. */
export type Reply = readonly (string | number)[];

/** A command: how many parameters it takes, and what it does. */
export interface ProtocolCommand {
  /** Fewest and most parameters. */
  readonly least: number;
  readonly most: number;
  readonly run: (session: ConfmoduleSession, parameters: readonly string[]) => Reply;
}

const any = Number.POSITIVE_INFINITY;
const command = (least: number, most: number, run: ProtocolCommand["run"]): ProtocolCommand => ({ least, most, run });

/** Every command, by its lower-case name. */
export const PROTOCOL_COMMANDS: Readonly<Record<string, ProtocolCommand>> = {
  input: command(2, 2, (session, [priority = "", name = ""]) => session.input(priority, name)),
  go: command(0, 0, (session) => session.go()),
  clear: command(0, 0, (session) => session.clear()),
  version: command(0, 1, (session, [wanted]) => session.version(wanted)),
  capb: command(0, any, (session, words) => session.capb(words)),
  title: command(0, any, () => [OK]),
  settitle: command(1, 1, (session, [name = ""]) => session.question(name)),
  beginblock: command(0, any, () => [OK]),
  endblock: command(0, any, () => [OK]),
  get: command(1, 1, (session, [name = ""]) => session.get(name)),
  set: command(1, any, (session, [name = "", ...words]) => session.set(name, words)),
  reset: command(1, 1, (session, [name = ""]) => session.reset(name)),
  subst: command(2, any, (session, [name = "", variable = "", ...words]) => session.subst(name, variable, words)),
  register: command(2, 2, (session, [template = "", name = ""]) => session.register(template, name)),
  unregister: command(1, 1, (session, [name = ""]) => session.unregister(name)),
  purge: command(0, 0, (session) => session.purge()),
  metaget: command(2, 2, (session, [name = "", field = ""]) => session.metaget(name, field)),
  fget: command(2, 2, (session, [name = "", flag = ""]) => session.fget(name, flag)),
  fset: command(3, any, (session, [name = "", flag = "", ...words]) => session.fset(name, flag, words)),
  info: command(0, 1, (session, [name]) => (name === undefined ? [OK] : session.question(name))),
  progress: command(1, any, (session, words) => session.progress(words)),
  data: command(3, any, (session, [template = "", item = "", ...words]) => session.data(template, item, words)),
  visible: command(2, 2, (session, [priority = "", name = ""]) => session.visible(name, priority)),
  exist: command(1, 1, (session, [name = ""]) => session.exist(name)),
  x_loadtemplatefile: command(1, 2, (session, [file = "", owner]) => session.loadTemplateFile(file, owner)),
};
