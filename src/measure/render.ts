/**
 * Measurements and replays for people: tables of text.
 */

import type { Measurements } from "./measure.js";
import type { Replay } from "./replay.js";

/** One register a paragraph: its value, then its events. */
export function renderMeasurements({ profile, commandLine, registers }: Measurements): string {
  const { platform, bootPath, secureBoot, stubVersion, kernelRelease } = profile;
  const lines = [
    `platform ${platform}, boot path ${bootPath}, Secure Boot ${secureBoot ? "on" : "off"}, stub of systemd ${stubVersion}, Linux ${kernelRelease}`,
    `command line: ${commandLine}`,
  ];
  for (const { name, values, events, boundTo } of registers) {
    lines.push("");
    const known = Object.entries(values);
    if (known.length === 0) lines.push(`${name.toUpperCase()}  differs from boot to boot`);
    for (const [bank, value] of known) lines.push(`${name.toUpperCase()}  ${bank}  ${value}`);
    if (boundTo !== undefined) lines.push(`  holds for ${boundTo}`);
    for (const { type, what, digests } of events) {
      const digest =
        digests === undefined
          ? "?"
          : (profile.tdx && !name.startsWith("pcr") ? digests.sha384 : digests.sha256).slice(0, 16);
      lines.push(`  ${digest.padEnd(16)}  ${type}: ${what}`);
    }
    if (events.length === 0) lines.push("  no events: stays at zero");
  }
  return lines.join("\n");
}

/** The outcome of a replay. */
export function renderReplay({ kind, registers, divergence, notInLog, matches: holds }: Replay): string {
  const lines: string[] = [];
  for (const { name, bank, value, events, matches, live, expected } of registers) {
    const verdict = matches === undefined ? "" : matches ? "  as expected" : "  DIFFERS";
    lines.push(`${name.toUpperCase()}  ${bank}  ${value}  ${events} events${verdict}`);
    if (matches !== false) continue;
    if (live !== undefined && live !== value) lines.push(`  the machine holds ${live}: the log does not tell all`);
    for (const one of expected ?? []) lines.push(`  expected ${one}`);
  }
  if (notInLog.length > 0)
    lines.push(
      `${notInLog.map((name) => name.toUpperCase()).join(", ")}: not in ${kind === "cc" ? "a TD's" : "a TPM's"} log, not judged`,
    );
  if (divergence !== undefined) {
    const { register, event, expected, found, reason } = divergence;
    lines.push("", `First divergence: event ${event} of ${register.toUpperCase()}`);
    lines.push(`  expected  ${expected === undefined ? "nothing more" : `${expected.type}: ${expected.what}`}`);
    if (expected?.digest !== undefined) lines.push(`            ${expected.digest}`);
    lines.push(`  found     ${found === undefined ? "nothing more" : `${found.type}: ${found.what}`}`);
    if (found !== undefined) lines.push(`            ${found.digest}`);
    lines.push(`  why       ${reason}`);
  }
  const judged = registers.some(({ matches }) => matches !== undefined);
  const verdict = holds ? "The log is as expected" : "The log is NOT as expected";
  lines.push("", judged ? verdict : "Nothing was judged: the log has no register that something is expected of");
  return lines.join("\n");
}
