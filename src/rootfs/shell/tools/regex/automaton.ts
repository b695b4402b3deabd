/**
 * A deterministic automaton, built as it runs: finds whether and how far a pattern without back-references matches, in time
 * linear in the text. A state is the set of instructions before following empty transitions, and the byte before it; these are
 * followed only when the next byte is known, so that assertions can look at both sides.
 */
import { isWordByte } from "./ast.js";
import { END, holds, type Program, START } from "./program.js";

interface State {
  /** Instructions, before empty transitions. */
  readonly kernel: readonly number[];
  /** A byte that stands for all that look the same to assertions. */
  readonly before: number;
  /** By next byte: 2 × (number of the next state + 1) + whether a match ends here; 0 where not computed yet. */
  readonly steps: Int32Array;
}

/** Beyond this many states the memory is dropped and building starts anew. */
const MAX_STATES = 2000;

/** Matches of a program, without where its groups are. */
export class Automaton {
  private readonly program: Program;
  private readonly newline: boolean;
  private states: State[] = [];
  private known = new Map<string, number>();
  /** A match may start at every byte. */
  private readonly floating: boolean;

  constructor(program: Program, options: { readonly newline: boolean; readonly floating: boolean }) {
    this.program = program;
    this.newline = options.newline;
    this.floating = options.floating;
  }

  /** The end of the match that ends first, looking from `from`; -1 if there is none. */
  earliestEnd(text: string, from: number): number {
    let state = this.start(text, from);
    for (let i = from; i <= text.length; i++) {
      const step = this.step(state, i < text.length ? text.charCodeAt(i) : END);
      if (step & 1) return i;
      state = (step >> 1) - 1;
    }
    return -1;
  }

  /** The end of the longest match that starts exactly at `from`; -1 if there is none. */
  longestEnd(text: string, from: number): number {
    let state = this.start(text, from);
    let end = -1;
    for (let i = from; i <= text.length; i++) {
      const step = this.step(state, i < text.length ? text.charCodeAt(i) : END);
      if (step & 1) end = i;
      state = (step >> 1) - 1;
      if (this.states[state]!.kernel.length === 0) break;
    }
    return end;
  }

  private start(text: string, from: number): number {
    return this.intern([0], from === 0 ? START : representative(text.charCodeAt(from - 1)));
  }

  private step(number: number, byte: number): number {
    const state = this.states[number]!;
    return state.steps[byte] || this.compute(state, byte);
  }

  private compute(state: State, byte: number): number {
    const { program } = this;
    const seen = new Set<number>();
    const targets = new Set<number>();
    let matched = 0;
    const stack = [...state.kernel].reverse();
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = program.code[at]!;
      switch (instruction.op) {
        case "match":
          matched = 1;
          break;
        case "set":
          if (byte !== END && instruction.set[byte]) targets.add(instruction.next);
          break;
        case "split":
          stack.push(instruction.second, instruction.first);
          break;
        case "assert":
          if (holds(instruction.what, state.before, byte, this.newline)) stack.push(instruction.next);
          break;
        case "backreference":
          throw new TypeError("an automaton cannot follow back-references");
        default:
          stack.push(instruction.next);
      }
    }
    if (this.floating && byte !== END) targets.add(0);
    const next = this.intern(
      [...targets].sort((a, b) => a - b),
      byte === END ? START : representative(byte),
    );
    const step = ((next + 1) << 1) | matched;
    state.steps[byte] = step;
    return step;
  }

  private intern(kernel: readonly number[], before: number): number {
    const key = `${before}:${kernel.join()}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (this.states.length >= MAX_STATES) {
      this.states = [];
      this.known = new Map();
    }
    this.states.push({ kernel, before, steps: new Int32Array(END + 1) });
    this.known.set(key, this.states.length - 1);
    return this.states.length - 1;
  }
}

/** One byte for all bytes that assertions cannot tell apart. */
function representative(byte: number): number {
  return byte === 10 ? 10 : isWordByte(byte) ? 97 : 32;
}
