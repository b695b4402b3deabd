/**
 * Regular expressions over byte strings in the C locale, with the meaning GNU's tools and mawk give them.
 */
import type { RegexOptions } from "./ast.js";
import { Automaton } from "./automaton.js";
import { locateGroups, matchLongest, type Slots } from "./backtrack.js";
import { parseRegex } from "./parse-regex.js";
import { compileProgram, type Program } from "./program.js";

/** Where a pattern matched. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** What a group took; undefined if it took no part. Group 0 is the whole. */
  group(index: number): string | undefined;
}

/** A compiled pattern. */
export interface Regex {
  /** Number of groups. */
  readonly groups: number;
  /** Whether it matches anywhere at or behind `from`; what is before counts for anchors and word boundaries. */
  test(text: string, from?: number): boolean;
  /** The leftmost match that starts at or behind `from`, the longest of those. */
  exec(text: string, from?: number): Match | undefined;
}

/** Compiles a pattern, or several that are alternatives. @throws RegexError with glibc's message */
export function compileRegex(pattern: string | readonly string[], options: RegexOptions): Regex {
  const parsed = parseRegex(typeof pattern === "string" ? [pattern] : pattern, options);
  const program = compileProgram(parsed.node, parsed.groups);
  const settings = {
    program,
    groups: parsed.groups,
    newline: options.lineAnchors ?? false,
    ignoreCase: options.ignoreCase ?? false,
  };
  return parsed.hasBackreferences ? backtracking(settings) : automatic(settings);
}

interface Settings {
  readonly program: Program;
  readonly groups: number;
  readonly newline: boolean;
  readonly ignoreCase: boolean;
}

function automatic({ program, groups, newline, ignoreCase }: Settings): Regex {
  const floating = new Automaton(program, { newline, floating: true });
  const fixed = new Automaton(program, { newline, floating: false });
  return {
    groups,
    test: (text, from = 0) => floating.earliestEnd(text, from) >= 0,
    exec: (text, from = 0) => {
      const last = floating.earliestEnd(text, from);
      for (let start = from; start <= last; start++) {
        const end = fixed.longestEnd(text, start);
        if (end < 0) continue;
        let located: Slots | undefined;
        return {
          start,
          end,
          group: (index) => {
            if (index === 0) return text.slice(start, end);
            located ??= locateGroups({ program, text, groups, newline, ignoreCase }, start, end);
            return sliceOf(text, located, index);
          },
        };
      }
      return undefined;
    },
  };
}

function backtracking({ program, groups, newline, ignoreCase }: Settings): Regex {
  const exec = (text: string, from = 0): Match | undefined => {
    for (let start = from; start <= text.length; start++) {
      const found = matchLongest({ program, text, groups, newline, ignoreCase }, start);
      if (found !== undefined) return { start, end: found[1]!, group: (index) => sliceOf(text, found, index) };
    }
    return undefined;
  };
  return { groups, test: (text, from) => exec(text, from) !== undefined, exec };
}

function sliceOf(text: string, slots: Slots, index: number): string | undefined {
  const start = slots[2 * index] ?? -1;
  const end = slots[2 * index + 1] ?? -1;
  return start < 0 || end < start ? undefined : text.slice(start, end);
}
