/**
 * How an error is shown (contract §3): `error[code]: message`, a `hint:` line, and the exit status that goes with the code.
 */
import { AssembleError } from "../errors/assemble-error.js";
import { exitStatusOf } from "../errors/codes.js";
import type { Terminal } from "./terminal.js";

/** Prints an error to stderr (one JSON event with `--json`) and returns the exit status. */
export function printError(error: unknown, terminal: Terminal): number {
  if (isAbort(error)) {
    terminal.error(terminal.bold("interrupted"));
    return 130;
  }
  if (error instanceof AssembleError) {
    if (terminal.json) {
      const { code, message, hint } = error;
      terminal.result({ type: "error", code, message, ...(hint === undefined ? {} : { hint }) });
    } else {
      terminal.error(`${terminal.red(`error[${error.code}]:`)} ${error.message}`);
      if (error.hint !== undefined) terminal.error(`${terminal.bold("hint:")} ${error.hint}`);
      if (terminal.verbose && error.cause !== undefined)
        terminal.error(String((error.cause as Error)?.stack ?? error.cause));
    }
    return exitStatusOf(error.code);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.error(`${terminal.red("error[internal]:")} ${text}`);
  terminal.error(`${terminal.bold("hint:")} this is a defect of tdx-assemble; please report it with the lines above`);
  return 1;
}

function isAbort(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at.name === "AbortError") return true;
  return false;
}
