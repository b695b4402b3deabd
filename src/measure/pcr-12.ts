/**
 * PCR 12: what systemd-stub takes from outside the UKI: load options that replace the command line, credentials and addons (systemd-stub(7)).
 * An image alone brings none of them. In a TDX VM from systemd 256 on: RTMR2.
 */

import { eventOf, type MeasuredEvent } from "./event.js";
import type { Profile } from "./profile.js";
import { loadOptions, mangleCommandLine } from "./stub-command-line.js";

/**
 * Whether the stub takes load options as the command line: not with Secure Boot on where the UKI has a command line or
 * the machine is a confidential VM.
 */
export function takesLoadOptions(profile: Pick<Profile, "secureBoot" | "tdx">, embedded: string | undefined): boolean {
  return !(profile.secureBoot && (embedded !== undefined || profile.tdx));
}

/**
 * The events of PCR 12.
 *
 * @param replaced load options that the stub takes
 * @param measurers who measures them, in their order
 */
export function pcr12Events(
  replaced: string | undefined,
  measurers: readonly string[] = ["systemd-stub"],
): MeasuredEvent[] {
  if (replaced === undefined) return [];
  const text = mangleCommandLine(replaced);
  return measurers.map((who) =>
    eventOf(
      "EV_IPL",
      `load options that replace the command line, by ${who}, UTF-16 with NUL: ${JSON.stringify(text)}`,
      loadOptions(text),
    ),
  );
}
