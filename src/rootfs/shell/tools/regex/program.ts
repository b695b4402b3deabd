/**
 * The program of a regular expression: a non-deterministic automaton whose branches are in order of preference.
 */
import { AssembleError } from "../../../../errors/assemble-error.js";
import { type Assertion, type ByteSet, isWordByte, type RegexNode } from "./ast.js";

/** An instruction. */
export type Instruction =
  | { readonly op: "set"; readonly set: ByteSet; next: number }
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "jump"; next: number }
  | { readonly op: "save"; readonly slot: number; next: number }
  | { readonly op: "assert"; readonly what: Assertion; next: number }
  | { readonly op: "backreference"; readonly index: number; next: number }
  /** Goes on only where the position differs from what `save` put into the slot: a repetition that took nothing ends. */
  | { readonly op: "progress"; readonly slot: number; next: number }
  | { readonly op: "match" };

/** Instructions, which start at 0, and the number of slots that they save positions in. */
export interface Program {
  readonly code: readonly Instruction[];
  readonly slots: number;
}

const MAX_INSTRUCTIONS = 200_000;

interface Draft {
  readonly code: Instruction[];
  slots: number;
}

/** Translates a syntax tree with `groups` groups. */
export function compileProgram(node: RegexNode, groups: number): Program {
  const draft: Draft = { code: [], slots: 2 * groups + 2 };
  emit(draft, node);
  draft.code.push({ op: "match" });
  return draft;
}

/** Appends code that falls through to the next instruction when it has matched. */
function emit(draft: Draft, node: RegexNode): void {
  if (draft.code.length > MAX_INSTRUCTIONS) {
    throw new AssembleError(
      "shell/limit-exceeded",
      `Cannot compile a regular expression: it takes more than ${MAX_INSTRUCTIONS} instructions, fewer were wanted`,
    );
  }
  const next = draft.code.length + 1;
  switch (node.kind) {
    case "set":
      draft.code.push({ op: "set", set: node.set, next });
      return;
    case "assertion":
      draft.code.push({ op: "assert", what: node.what, next });
      return;
    case "backreference":
      draft.code.push({ op: "backreference", index: node.index, next });
      return;
    case "group":
      draft.code.push({ op: "save", slot: 2 * node.index, next });
      emit(draft, node.item);
      draft.code.push({ op: "save", slot: 2 * node.index + 1, next: draft.code.length + 1 });
      return;
    case "sequence":
      for (const item of node.items) emit(draft, item);
      return;
    case "choice":
      emitChoice(draft, node.options);
      return;
    case "repeat":
      emitRepeat(draft, node);
  }
}

function emitChoice(draft: Draft, options: readonly RegexNode[]): void {
  const jumps: { next: number }[] = [];
  options.forEach((option, i) => {
    if (i === options.length - 1) {
      emit(draft, option);
      return;
    }
    const split = { op: "split" as const, first: draft.code.length + 1, second: 0 };
    draft.code.push(split);
    emit(draft, option);
    const jump = { op: "jump" as const, next: 0 };
    draft.code.push(jump);
    jumps.push(jump);
    split.second = draft.code.length;
  });
  for (const jump of jumps) jump.next = draft.code.length;
}

function emitRepeat(draft: Draft, node: Extract<RegexNode, { kind: "repeat" }>): void {
  for (let i = 0; i < node.min; i++) emit(draft, node.item);
  if (node.max === undefined) {
    const at = draft.code.length;
    const split = { op: "split" as const, first: at + 1, second: 0 };
    draft.code.push(split);
    const slot = draft.slots;
    const guarded = canBeEmpty(node.item);
    if (guarded) {
      draft.slots++;
      draft.code.push({ op: "save", slot, next: draft.code.length + 1 });
    }
    emit(draft, node.item);
    if (guarded) draft.code.push({ op: "progress", slot, next: draft.code.length + 1 });
    draft.code.push({ op: "jump", next: at });
    split.second = draft.code.length;
    return;
  }
  const splits: { second: number }[] = [];
  for (let i = node.min; i < node.max; i++) {
    const split = { op: "split" as const, first: draft.code.length + 1, second: 0 };
    draft.code.push(split);
    splits.push(split);
    emit(draft, node.item);
  }
  for (const split of splits) split.second = draft.code.length;
}

/** Whether a node can match nothing. */
function canBeEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "sequence":
      return node.items.every(canBeEmpty);
    case "choice":
      return node.options.some(canBeEmpty);
    case "repeat":
      return node.min === 0 || canBeEmpty(node.item);
    case "group":
      return canBeEmpty(node.item);
    default:
      return true;
  }
}

/** The end of the text, as a "byte" behind the last. */
export const END = 256;
/** The start of the text, as a "byte" before the first. */
export const START = 257;

/** Whether an assertion holds between two bytes (or START, or END). */
export function holds(what: Assertion, before: number, after: number, newline: boolean): boolean {
  switch (what) {
    case "line-start":
      return before === START || (newline && before === 10);
    case "line-end":
      return after === END || (newline && after === 10);
    case "text-start":
      return before === START;
    case "text-end":
      return after === END;
  }
  const wordBefore = isWordByte(before);
  const wordAfter = isWordByte(after);
  switch (what) {
    case "word-start":
      return !wordBefore && wordAfter;
    case "word-end":
      return wordBefore && !wordAfter;
    case "boundary":
      return wordBefore !== wordAfter;
    case "no-boundary":
      return wordBefore === wordAfter;
    case "no-word-before":
      return !wordBefore;
    case "no-word-after":
      return !wordAfter;
  }
}
