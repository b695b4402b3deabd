/**
 * Which lines a sed command is for: addresses and ranges, as GNU sed keeps track of them.
 */
import type { Address, SedCommand } from "./script.js";

/** Whether a command's addresses select the current line, without its `!`; moves its range on. */
export function selectsLine(
  command: SedCommand,
  { line, matches }: { readonly line: number; readonly matches: (address: Address) => boolean },
): boolean {
  const { first, second } = command;
  if (first === undefined) return true;
  if (second === undefined) return matches(first);
  if (command.range === "active") {
    if (second.kind === "line" || second.kind === "offset" || second.kind === "multiple") {
      const end = second.kind === "line" ? second.line : command.rangeEnd;
      if (line >= end) command.range = "inactive";
      // A line beyond the end (after n or N) is a match only if it starts a range anew.
      return line <= end || (first.kind === "line" && first.line === line);
    }
    if (matches(second)) command.range = "inactive";
    return true;
  }
  if (!matches(first)) return false;
  if (second.kind === "line" && line >= second.line) return true;
  if (second.kind === "offset" || second.kind === "multiple") {
    const end =
      second.kind === "offset" ? line + second.lines : second.of === 0 ? line : line + second.of - (line % second.of);
    if (end <= line) return true;
    command.rangeEnd = end;
  }
  command.range = "active";
  return true;
}
