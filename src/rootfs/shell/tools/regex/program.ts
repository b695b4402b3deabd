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
  /** `optional` marks the end of a group in a repetition that may be left out. */
  | { readonly op: "save"; readonly slot: number; readonly optional: boolean; next: number }
  | { readonly op: "assert"; readonly what: Assertion; next: number }
  | { readonly op: "backreference"; readonly index: number; next: number }
  /** Leaves a repetition that took nothing, where the position is still what `save` put into the slot. */
  | { readonly op: "progress"; readonly slot: number; next: number; leave: number }
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
  /** In a second copy of a repetition's item: glibc forgets there which groups may be left out. */
  copied: boolean;
}

/** Translates a syntax tree with `groups` groups. */
export function compileProgram(node: RegexNode, groups: number): Program {
  const draft: Draft = { code: [], slots: 2 * groups + 2, copied: false };
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
      emitGroup(draft, node, false);
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

function emitGroup(draft: Draft, node: Extract<RegexNode, { kind: "group" }>, optional: boolean): void {
  const { code } = draft;
  code.push({ op: "save", slot: 2 * node.index, optional: false, next: code.length + 1 });
  emit(draft, node.item);
  code.push({ op: "save", slot: 2 * node.index + 1, optional, next: code.length + 1 });
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
  for (let i = 0; i < node.min; i++) emitItem(draft, node.item, { copied: i > 0 });
  if (node.max === undefined) emitLoop(draft, node);
  else emitOptional(draft, node, node.max - node.min);
}

function emitItem(
  draft: Draft,
  item: RegexNode,
  options: { readonly copied: boolean; readonly optional?: boolean },
): void {
  const optional = options.optional === true && !draft.copied;
  const outer = draft.copied;
  draft.copied ||= options.copied;
  if (item.kind === "group") emitGroup(draft, item, optional);
  else emit(draft, item);
  draft.copied = outer;
}

function emitLoop(draft: Draft, node: Extract<RegexNode, { kind: "repeat" }>): void {
  const at = draft.code.length;
  const split = { op: "split" as const, first: at + 1, second: 0 };
  draft.code.push(split);
  const slot = draft.slots;
  const guarded = canBeEmpty(node.item);
  if (guarded) {
    draft.slots++;
    draft.code.push({ op: "save", slot, optional: false, next: draft.code.length + 1 });
  }
  emitItem(draft, node.item, { copied: node.min > 0, optional: true });
  const { length } = draft.code;
  if (guarded) draft.code.push({ op: "progress", slot, next: length + 1, leave: length + 2 });
  draft.code.push({ op: "jump", next: at });
  split.second = draft.code.length;
}

/** x{0,3} as glibc reads it, (((x)?x)?x)?: where fewer will do, the last ones are taken. */
function emitOptional(draft: Draft, node: Extract<RegexNode, { kind: "repeat" }>, count: number): void {
  const splits: { second: number }[] = [];
  for (let i = 0; i < count; i++) {
    const split = { op: "split" as const, first: draft.code.length + 1, second: 0 };
    draft.code.push(split);
    splits.push(split);
  }
  for (let i = 0; i < count; i++) {
    emitItem(draft, node.item, { copied: node.min > 0 || i > 0, optional: i === 0 });
    splits[count - 1 - i]!.second = draft.code.length;
  }
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
