/**
 * Searches one input and prints what grep's options ask for.
 */
import type { Stream } from "../../process.js";
import { records } from "../inputs.js";
import { readAll } from "../open.js";
import type { Tool } from "../tool.js";
import type { Matcher } from "./matcher.js";

/** What to print. */
export interface SearchOptions {
  readonly invert: boolean;
  readonly onlyMatching: boolean;
  readonly quiet: boolean;
  readonly count: boolean;
  /** -l or -L. */
  readonly list: "matching" | "others" | undefined;
  readonly lineNumbers: boolean;
  readonly byteOffsets: boolean;
  readonly maximum: number;
  readonly before: number;
  readonly after: number;
  readonly separator: string | undefined;
  readonly terminator: "\n" | "\0";
  readonly nameEnd: "\0" | undefined;
  readonly initialTab: boolean;
  readonly binary: "binary" | "text" | "without-match";
}

/** What grep keeps from one input to the next. */
export interface SearchState {
  /** Some line with context was printed: the next group needs a separator. */
  printed: boolean;
}

/** Searches a stream; `name` is what its lines are prefixed with, if at all. Returns whether a line was selected. */
export function search(
  tool: Tool,
  stream: Stream,
  context: {
    readonly matcher: Matcher;
    readonly options: SearchOptions;
    readonly name: string;
    readonly withName: boolean;
    readonly state: SearchState;
  },
): boolean {
  const { options } = context;
  const stopsEarly = options.quiet || options.list !== undefined || options.maximum !== Number.POSITIVE_INFINITY;
  let lines: Iterable<string>;
  let binary = false;
  if (stopsEarly) lines = records(stream, options.terminator);
  else {
    const text = readAll(stream);
    binary = options.binary !== "text" && options.terminator === "\n" && text.includes("\0");
    lines = linesOf(text, options.terminator);
  }
  if (binary && options.binary === "without-match") return false;
  return scan(tool, lines, { ...context, binary });
}

function* linesOf(text: string, terminator: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(terminator, at);
    if (end < 0) {
      yield text.slice(at);
      return;
    }
    yield text.slice(at, end + 1);
    at = end + 1;
  }
}

type Context = Parameters<typeof search>[2] & { readonly binary: boolean };

function scan(tool: Tool, lines: Iterable<string>, context: Context): boolean {
  const { matcher, options, name, withName, state } = context;
  const silent = options.quiet || options.list !== undefined || options.count;
  const hasContext = options.before > 0 || options.after > 0;
  const held: { readonly text: string; readonly number: number; readonly offset: number }[] = [];
  let number = 0;
  let offset = 0;
  let selected = 0;
  let trailing = 0;
  let lastPrinted = -1;
  const prefix = (sign: string, place: { number: number; offset: number }): string => {
    let text = withName ? name + (options.nameEnd ?? sign) : "";
    if (options.lineNumbers) text += (options.initialTab ? String(place.number).padStart(19) : place.number) + sign;
    if (options.byteOffsets) text += place.offset + sign;
    return options.initialTab && text !== "" ? `${text}\t` : text;
  };
  const print = (line: string, sign: string, place: { number: number; offset: number }): void => {
    tool.out(prefix(sign, place) + line + options.terminator);
    lastPrinted = place.number;
    state.printed = true;
  };
  const separate = (first: number): void => {
    if (hasContext && state.printed && first !== lastPrinted + 1 && options.separator !== undefined) {
      tool.out(`${options.separator}\n`);
    }
  };
  if (options.maximum > 0) {
    for (const record of lines) {
      const line = record.endsWith(options.terminator) ? record.slice(0, -1) : record;
      const place = { number: ++number, offset };
      offset += record.length;
      if (matcher.test(line) === options.invert) {
        if (trailing > 0 && !silent) {
          trailing--;
          if (!options.onlyMatching) print(line, "-", place);
        } else if (options.before > 0 && !silent) {
          held.push({ text: line, ...place });
          if (held.length > options.before) held.shift();
        }
        if (selected >= options.maximum && trailing === 0) break;
        continue;
      }
      if (selected >= options.maximum) break;
      selected++;
      if (options.quiet || options.list !== undefined) break;
      if (!silent) {
        if (context.binary) {
          tool.say(`${name}: binary file matches`);
          break;
        }
        separate(held[0]?.number ?? number);
        if (!options.onlyMatching) {
          for (const item of held) print(item.text, "-", item);
          print(line, ":", place);
        } else {
          printMatches(line, matcher, options.invert, (text, at) =>
            print(text, ":", { number, offset: place.offset + at }),
          );
          lastPrinted = number;
        }
        held.length = 0;
        trailing = options.after;
      }
      if (selected >= options.maximum && (silent || trailing === 0)) break;
    }
  }
  if (options.count && !options.quiet && options.list === undefined) {
    tool.out(`${withName ? name + (options.nameEnd ?? ":") : ""}${selected}\n`);
  }
  const listed = options.list === "matching" ? selected > 0 : options.list === "others" ? selected === 0 : false;
  if (listed && !options.quiet) tool.out(name + (options.nameEnd ?? "\n"));
  return selected > 0;
}

/** -o: each nonempty match. */
function printMatches(
  line: string,
  matcher: Matcher,
  invert: boolean,
  print: (text: string, at: number) => void,
): void {
  if (invert) return;
  for (let from = 0; from <= line.length; ) {
    const match = matcher.exec(line, from);
    if (match === undefined) return;
    if (match.end > match.start) print(line.slice(match.start, match.end), match.start);
    from = match.end > match.start ? match.end : match.start + 1;
  }
}
