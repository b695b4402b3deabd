/**
 * `replay EVENTLOG --against EXPECTED`: replays an event log and names the first event that diverges.
 */

import { readEventLog } from "../../measure/event-log.js";
import { readExpected, valuesOf } from "../../measure/expected.js";
import { renderReplay } from "../../measure/render.js";
import { replay } from "../../measure/replay.js";
import type { CommandContext } from "../common-options.js";
import { readNamed } from "../named-file.js";

const MISSING = "measure/file-missing";

/** Replays a log: 0 where everything that is expected of its registers holds, else 1. */
export async function replayLog(
  context: CommandContext,
  eventLog: string,
  own: { readonly against: string; readonly live?: string },
): Promise<number> {
  const text = (name: string) => new TextDecoder().decode(readNamed(context, name, MISSING));
  const expected = readExpected(text(own.against));
  const live = own.live === undefined ? undefined : valuesOf(readExpected(text(own.live)));
  const outcome = replay(readEventLog(readNamed(context, eventLog, MISSING)), expected, live);
  if (context.terminal.json) context.terminal.result(outcome);
  else context.terminal.out(renderReplay(outcome));
  return outcome.matches ? 0 : 1;
}
