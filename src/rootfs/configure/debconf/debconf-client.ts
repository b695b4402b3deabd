/**
 * Debconf for emulated programs that are perl in Debian and use `Debconf::Client::ConfModule` (pam-auth-update).
 */
import type { Process } from "../../shell/process.js";
import { unescapeText } from "./protocol-words.js";

/** Asks debconf one line; the answer's status and text. */
export type AskDebconf = (line: string) => { readonly status: number; readonly text: string };

/** What a program has to say of itself to talk with debconf. */
export interface DebconfProgram {
  /** Its path and arguments, for debconf to start it again under the frontend. */
  readonly argv: readonly string[];
  /** What it does when it can ask. It must keep off stdout, which is debconf's. */
  readonly body: (ask: AskDebconf) => number;
}

/** The status of an answer whose text is escaped, for programs with that capability. */
const ESCAPED_DATA = 1;
const FRONTEND = "/usr/share/debconf/frontend";

/** Runs a program in conversation with debconf: under the frontend that already runs, else under a new one. */
export function withDebconf(process: Process, program: DebconfProgram): number {
  if (!process.environment.get("DEBIAN_HAS_FRONTEND")) return process.run([FRONTEND, ...program.argv]);
  // Under a script that uses confmodule, which has moved debconf's end of stdout to descriptor 3.
  const redirected = process.environment.get("DEBCONF_REDIR") ? process.files.get(3) : undefined;
  return program.body((line) => {
    (redirected ?? process.stdout).write(`${line}\n`);
    const answer = (process.stdin.readLine() ?? "").replace(/\n$/, "");
    const match = /^([0-9]+)(?: (.*))?$/s.exec(answer);
    const status = Number(match?.[1] ?? 100);
    const text = match?.[2] ?? "";
    return status === ESCAPED_DATA ? { status: 0, text: unescapeText(text) } : { status, text };
  });
}
