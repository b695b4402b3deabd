/**
 * A sed script, parsed.
 */
import type { Regex } from "../regex/regex.js";

/** A pattern; undefined stands for the one that was used last. */
export type Pattern = Regex | undefined;

/** What selects lines. */
export type Address =
  | { readonly kind: "line"; readonly line: number }
  | { readonly kind: "last" }
  | { readonly kind: "step"; readonly first: number; readonly step: number }
  | { readonly kind: "pattern"; readonly pattern: Pattern }
  /** Only as a second address. */
  | { readonly kind: "offset"; readonly lines: number }
  | { readonly kind: "multiple"; readonly of: number };

/** A piece of the right side of `s`. */
export type Replacement =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "group"; readonly index: number }
  /** \U, \L, \E, \u, \l */
  | { readonly kind: "case"; readonly letter: string };

/** What `s` does. */
export interface Substitution {
  readonly pattern: Pattern;
  readonly replacement: readonly Replacement[];
  readonly global: boolean;
  /** The match to begin with, from 1. */
  readonly number: number;
  /** When `p` prints: before or after the flag `e` has run the result. */
  readonly print: "before" | "after" | undefined;
  /** The result is run as a command, and is what that prints. */
  readonly evaluate: boolean;
  readonly file: string | undefined;
}

/** What a command does once it is selected. */
export type Action =
  /** A block: jumps to `end` when not selected. */
  | { readonly kind: "{"; end: number }
  | { readonly kind: "}" }
  | { readonly kind: "s"; readonly substitution: Substitution }
  | { readonly kind: "y"; readonly map: ReadonlyMap<string, string> }
  | { readonly kind: "a" | "i" | "c"; readonly text: string }
  /** Without a text the pattern space is the command. */
  | { readonly kind: "e"; readonly text: string | undefined }
  | { readonly kind: "b" | "t" | "T"; readonly label: string; target: number }
  | { readonly kind: "r" | "R" | "w" | "W"; readonly file: string }
  | { readonly kind: "q" | "Q" | "l" | "L"; readonly number: number | undefined }
  | { readonly kind: "=" | "d" | "D" | "g" | "G" | "h" | "H" | "n" | "N" | "p" | "P" | "x" | "z" | "F" };

/** A command with its addresses, and what is remembered of its range. */
export interface SedCommand {
  readonly first: Address | undefined;
  readonly second: Address | undefined;
  readonly negated: boolean;
  readonly action: Action;
  range: "inactive" | "active";
  rangeEnd: number;
}

/** A whole script. */
export interface SedScript {
  readonly commands: readonly SedCommand[];
  /** It starts with `#n`. */
  readonly quiet: boolean;
}

/** One -e or -f of the command line. */
export interface Fragment {
  readonly text: string;
  /** How errors name it: `-e expression #1` or `file x`. */
  readonly source: { readonly expression: number } | { readonly file: string };
}

/** An error in a script; the message is GNU sed's, with its place. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
  readonly status: number;
  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}
