/**
 * RTMR0: the firmware's configuration: memory, ACPI tables, variables, boot options. It belongs to the machine and not to the
 * image, so it is taken over from an event log of the same environment and said to be bound to that.
 */

import { AssembleError } from "../errors/assemble-error.js";
import { type Register, rtmrOf } from "./event.js";
import { readEventLog } from "./event-log.js";

/**
 * RTMR0 out of an event log of a TD.
 *
 * @throws AssembleError `measure/event-log-invalid`
 */
export function rtmr0FromLog(bytes: Uint8Array): Register {
  const log = readEventLog(bytes);
  const own = log.events.filter(({ register }) => register === "rtmr0");
  if (log.kind !== "cc" || own.length === 0)
    throw new AssembleError(
      "measure/event-log-invalid",
      `Cannot take RTMR0 from the event log: it is ${log.kind === "cc" ? "without events of RTMR0" : "one of a TPM"}, that of a TD was wanted`,
    );
  const events = own.map(({ type, digests }) => {
    const sha384 = digests.sha384;
    return {
      type,
      what: "as the event log has it",
      ...(sha384 === undefined ? {} : { digests: { sha256: "", sha384 } }),
    };
  });
  return rtmrOf(0, events, "the environment of the event log: its firmware, memory size, devices and ACPI tables");
}
