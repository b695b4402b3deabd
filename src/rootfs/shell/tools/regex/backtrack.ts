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
  readonly newline: boolean;
  readonly ignoreCase: boolean;
}

/** The groups of the match of `text` from `from` to `to`, which is known to exist. */
export function locateGroups(job: Job, from: number, to: number): Slots {
  const width = to - from + 1;
  const visited = new Uint32Array(((job.program.code.length * width) >> 5) + 1);
  const found = run(job, from, {
    enter: (at, position) => {
      if (position > to) return false;
      const bit = at * width + position - from;
      if (visited[bit >> 5]! & (1 << (bit & 31))) return false;
      visited[bit >> 5]! |= 1 << (bit & 31);
      return true;
    },
    accept: (position) => position === to,
  });
  if (found === undefined) throw new TypeError("a match that was found is not there");
  return found;
}

/** The longest match that starts at `from`, of a program with back-references. */
export function matchLongest(job: Job, from: number): Slots | undefined {
  let steps = 0;
  let best: Slots | undefined;
  run(job, from, {
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
  /** Whether to go on at an instruction and position. */
  enter(at: number, position: number): boolean;
  /** Called at each match; true ends the search with it. */
  accept(position: number, slots: Slots): boolean;
}

function run(job: Job, from: number, visitor: Visitor): Slots | undefined {
  const { program, text } = job;
  const slots = new Int32Array(program.slots).fill(-1);
  // Pending branches: (instruction, position), or (-1 - slot, value) to undo a group's boundary.
  const stack: number[] = [0, from];
  while (stack.length > 0) {
    let position = stack.pop()!;
    let at = stack.pop()!;
    if (at < 0) {
      slots[-1 - at] = position;
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
          at = instruction.next;
          break;
        case "progress":
          at = position === slots[instruction.slot] ? -1 : instruction.next;
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
          if (visitor.accept(position, slots)) return slots;
          at = -1;
      }
    }
  }
  return undefined;
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
