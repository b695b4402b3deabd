/**
 * Runs a program step by step: finds where the groups of a match are, and follows back-references.
 *
 * The order is glibc's: the match as a whole is the longest; inside it, the first branch that leads to its end is taken
 * (an earlier alternative, one more repetition), not POSIX's longest for each part.
 */
import { AssembleError } from "../../../../errors/assemble-error.js";
import { END, holds, type Program, START } from "./program.js";

/** A bound for back-references, whose time can be exponential. */
const MAX_STEPS = 20_000_000;

/** Where things are: slots 2n and 2n+1 are start and end of group n, -1 if it took no part; group 0 is the match. */
export type Slots = Int32Array;

interface Job {
  readonly program: Program;
  readonly text: string;
  readonly groups: number;
  readonly newline: boolean;
  readonly ignoreCase: boolean;
}

/** The groups of the match of `text` from `from` to `to`, which is known to exist. */
export function locateGroups(job: Job, from: number, to: number): Slots {
  const width = to - from + 1;
  const visited = new Uint32Array(((job.program.code.length * width) >> 5) + 1);
  let found: Slots | undefined;
  run(job, from, {
    emptyTurns: true,
    enter: (at, position) => {
      if (position > to) return false;
      const bit = at * width + position - from;
      if (visited[bit >> 5]! & (1 << (bit & 31))) return false;
      visited[bit >> 5]! |= 1 << (bit & 31);
      return true;
    },
    accept: (position, _, path) => {
      if (position !== to) return false;
      found = settle(job, path, { from, to });
      return true;
    },
  });
  if (found === undefined) throw new TypeError("a match that was found is not there");
  return found;
}

/**
 * What the groups of a path hold in the end, as glibc's update_regs has it: a repetition that may be left out and took nothing
 * gives all groups back what they held before.
 */
function settle(job: Job, path: readonly Step[], { from, to }: { readonly from: number; readonly to: number }): Slots {
  const slots = new Int32Array(job.program.slots).fill(-1);
  let before = slots.slice();
  for (const { slot, position, optional } of path) {
    const start = slots[slot - 1]!;
    if (slot % 2 === 0) {
      slots[slot] = position;
      slots[slot + 1] = -1;
    } else if (start < position) {
      slots[slot] = position;
      before = slots.slice();
    } else if (optional && before[slot - 1] !== -1) slots.set(before);
    else slots[slot] = position;
  }
  slots[0] = from;
  slots[1] = to;
  return slots;
}

/** The longest match that starts at `from`, of a program with back-references. */
export function matchLongest(job: Job, from: number): Slots | undefined {
  let steps = 0;
  let best: Slots | undefined;
  run(job, from, {
    emptyTurns: false,
    enter: () => {
      if (++steps <= MAX_STEPS) return true;
      throw new AssembleError(
        "shell/limit-exceeded",
        `Cannot match a regular expression with back-references: it takes more than ${MAX_STEPS} steps, fewer were wanted`,
      );
    },
    accept: (position, slots) => {
      if (best === undefined || position > best[1]!) best = slots.slice();
      return position === job.text.length;
    },
  });
  return best;
}

interface Visitor {
  /** Whether a repetition may take nothing as its last turn, as glibc has it: in place only where `enter` keeps that from multiplying. */
  readonly emptyTurns: boolean;
  /** Whether to go on at an instruction and position. */
  enter(at: number, position: number): boolean;
  /** Called at each match; true ends the search. */
  accept(position: number, slots: Slots, path: readonly Step[]): boolean;
}

/** A boundary of a group that a path passed. */
interface Step {
  readonly slot: number;
  readonly position: number;
  readonly optional: boolean;
}

function run(job: Job, from: number, visitor: Visitor): void {
  const { program, text } = job;
  const slots = new Int32Array(program.slots).fill(-1);
  // Pending branches: (instruction, position), or (-1 - slot, value) to undo a group's boundary.
  const stack: number[] = [0, from];
  const path: Step[] = [];
  const groupSlots = 2 * job.groups + 2;
  while (stack.length > 0) {
    let position = stack.pop()!;
    let at = stack.pop()!;
    if (at < 0) {
      slots[-1 - at] = position;
      if (-1 - at < groupSlots) path.pop();
      continue;
    }
    while (at >= 0 && visitor.enter(at, position)) {
      const instruction = program.code[at]!;
      switch (instruction.op) {
        case "set":
          at = position < text.length && instruction.set[text.charCodeAt(position++)] ? instruction.next : -1;
          break;
        case "split":
          stack.push(instruction.second, position);
          at = instruction.first;
          break;
        case "jump":
          at = instruction.next;
          break;
        case "save":
          stack.push(-1 - instruction.slot, slots[instruction.slot]!);
          slots[instruction.slot] = position;
          if (instruction.slot < groupSlots)
            path.push({ slot: instruction.slot, position, optional: instruction.optional });
          at = instruction.next;
          break;
        case "progress":
          at = position !== slots[instruction.slot] ? instruction.next : visitor.emptyTurns ? instruction.leave : -1;
          break;
        case "assert": {
          const before = position === 0 ? START : text.charCodeAt(position - 1);
          const after = position === text.length ? END : text.charCodeAt(position);
          at = holds(instruction.what, before, after, job.newline) ? instruction.next : -1;
          break;
        }
        case "backreference": {
          const length = referenceLength(job, slots, { index: instruction.index, position });
          at = length < 0 ? -1 : instruction.next;
          position += Math.max(0, length);
          break;
        }
        case "match":
          slots[0] = from;
          slots[1] = position;
          if (visitor.accept(position, slots, path)) return;
          at = -1;
      }
    }
  }
}

/** How much of the text at a position repeats a group; -1 if it does not. */
function referenceLength(
  job: Job,
  slots: Slots,
  { index, position }: { readonly index: number; readonly position: number },
): number {
  const start = slots[2 * index]!;
  const end = slots[2 * index + 1]!;
  if (start < 0 || end < start) return -1;
  const wanted = job.text.slice(start, end);
  const there = job.text.slice(position, position + wanted.length);
  const same = job.ignoreCase ? wanted.toLowerCase() === there.toLowerCase() : wanted === there;
  return same ? wanted.length : -1;
}
