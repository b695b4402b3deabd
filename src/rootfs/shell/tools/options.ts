/**
 * Command lines as getopt_long(3) of glibc reads them: options and operands in any order, abbreviated long options, `--`.
 *
 * What the real tool would reject is reported as a usage error; what it would accept and is not emulated is reported apart,
 * so that the caller can stop the build.
 */

/** The options of a tool. */
export interface OptionSpec {
  /** Emulated short options in getopt's notation (`n:` takes an argument, `i::` may). */
  readonly short?: string;
  /** Emulated long options by name, `lines=` with an argument, `color?` with an optional one; the value is the option's name. */
  readonly long?: Readonly<Record<string, string>>;
  /** Short options of the real tool that are not emulated. Stating it says that both lists together are complete. */
  readonly refused?: string;
  /** Long options of the real tool that are not emulated, without their `=`. */
  readonly refusedLong?: readonly string[];
  /** Options end at the first operand, as with POSIXLY_CORRECT. */
  readonly operandsEndOptions?: boolean;
  /** There are no --help and --version besides. */
  readonly onlyThese?: boolean;
  /** Operands are returned among the options, with an empty name. */
  readonly inOrder?: boolean;
  /** What is rejected is noted and skipped. */
  readonly keepsGoing?: boolean;
  /** Long options may start with a single `-`, as with getopt_long_only(3). */
  readonly singleDash?: boolean;
}

/** One option as it was given. */
export interface GivenOption {
  readonly name: string;
  /** Argument; empty for an option without one. */
  readonly value: string;
  /** An argument was given. */
  readonly hasValue: boolean;
}

/** What became of a command line. */
export type ParsedOptions =
  | {
      readonly kind: "parsed";
      readonly options: readonly GivenOption[];
      readonly operands: readonly string[];
      readonly problems?: readonly string[];
    }
  | { readonly kind: "rejected"; readonly message: string }
  | { readonly kind: "refused"; readonly option: string };

type Argument = "none" | "required" | "optional";

interface LongOption {
  readonly name: string;
  readonly target: string;
  readonly argument: Argument;
}

/** Reads `args` without the program's name. */
export function parseOptions(spec: OptionSpec, args: readonly string[]): ParsedOptions {
  const longs = longOptions(spec);
  const options: GivenOption[] = [];
  const operands: string[] = [];
  const problems: string[] = [];
  const reject = (message: string): ParsedOptions | undefined => {
    if (!spec.keepsGoing) return { kind: "rejected", message };
    problems.push(message);
    return undefined;
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") {
      operands.push(...args.slice(i + 1));
      break;
    }
    if (arg === "-" || !arg.startsWith("-")) {
      if (spec.operandsEndOptions) {
        operands.push(...args.slice(i));
        break;
      }
      if (spec.inOrder) options.push({ name: "", value: arg, hasValue: true });
      else operands.push(arg);
      continue;
    }
    const dashes = arg.startsWith("--") ? "--" : "-";
    const equals = arg.indexOf("=");
    const given = arg.slice(dashes.length, equals < 0 ? undefined : equals);
    if (dashes === "--" || (spec.singleDash && isLong(spec, longs, { given, arg }))) {
      const found = findLong(spec, longs, { given, dashes });
      if ("kind" in found) {
        if (found.kind !== "rejected" || !spec.keepsGoing) return found;
        problems.push(found.message);
        continue;
      }
      const shown = `'${dashes}${found.name}'`;
      if (found.argument === "none" && equals >= 0) {
        const rejected = reject(`option ${shown} doesn't allow an argument`);
        if (rejected !== undefined) return rejected;
        continue;
      }
      let value = equals < 0 ? undefined : arg.slice(equals + 1);
      if (found.argument === "required" && value === undefined) {
        value = args[++i];
        if (value === undefined) {
          const rejected = reject(`option ${shown} requires an argument`);
          if (rejected !== undefined) return rejected;
          continue;
        }
      }
      options.push({ name: found.target, value: value ?? "", hasValue: value !== undefined });
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at]!;
      const argument = shortArgument(spec.short ?? "", letter);
      if (argument === undefined) {
        if (spec.refused === undefined || spec.refused.includes(letter))
          return { kind: "refused", option: `-${letter}` };
        const rejected = reject(`invalid option -- '${letter}'`);
        if (rejected !== undefined) return rejected;
        continue;
      }
      if (argument === "none") {
        options.push({ name: letter, value: "", hasValue: false });
        continue;
      }
      let value: string | undefined = at + 1 < arg.length ? arg.slice(at + 1) : undefined;
      if (value === undefined && argument === "required") {
        value = args[++i];
        if (value === undefined) {
          const rejected = reject(`option requires an argument -- '${letter}'`);
          if (rejected !== undefined) return rejected;
          break;
        }
      }
      options.push({ name: letter, value: value ?? "", hasValue: value !== undefined });
      break;
    }
  }
  return { kind: "parsed", options, operands, problems };
}

function shortArgument(short: string, letter: string): Argument | undefined {
  const at = letter === ":" ? -1 : short.indexOf(letter);
  if (at < 0) return undefined;
  if (short.startsWith("::", at + 1)) return "optional";
  return short[at + 1] === ":" ? "required" : "none";
}

function longOptions(spec: OptionSpec): LongOption[] {
  return Object.entries(spec.long ?? {}).map(([key, target]) => {
    const argument: Argument = key.endsWith("=") ? "required" : key.endsWith("?") ? "optional" : "none";
    return { name: argument === "none" ? key : key.slice(0, -1), target, argument };
  });
}

/** Whether what follows a single dash is a long option: by its name, or because no short option starts like it. */
function isLong(
  spec: OptionSpec,
  longs: readonly LongOption[],
  { given, arg }: { readonly given: string; readonly arg: string },
): boolean {
  const isShort = shortArgument(spec.short ?? "", arg[1]!) !== undefined;
  if (!isShort) return true;
  return arg.length > 2 && longs.some((option) => option.name.startsWith(given));
}

function findLong(
  spec: OptionSpec,
  longs: readonly LongOption[],
  { given, dashes }: { readonly given: string; readonly dashes: string },
): LongOption | ParsedOptions {
  const refused = [...(spec.refusedLong ?? []), ...(spec.onlyThese ? [] : ["help", "version"])];
  const exact = longs.find((option) => option.name === given);
  if (exact !== undefined) return exact;
  if (refused.includes(given)) return { kind: "refused", option: `--${given}` };
  const matches = longs.filter((option) => option.name.startsWith(given));
  const refusedMatches = refused.filter((name) => name.startsWith(given));
  const targets = new Set([...matches.map((option) => option.target), ...refusedMatches]);
  if (targets.size === 1 && matches.length > 0) return matches[0]!;
  if (targets.size === 0) {
    if (spec.refused === undefined) return { kind: "refused", option: `--${given}` };
    return { kind: "rejected", message: `unrecognized option '${dashes}${given}'` };
  }
  if (targets.size === 1) return { kind: "refused", option: `--${refusedMatches[0]}` };
  const names = [...matches.map((option) => option.name), ...refusedMatches]
    .map((name) => `'${dashes}${name}'`)
    .join(" ");
  return { kind: "rejected", message: `option '${dashes}${given}' is ambiguous; possibilities: ${names}` };
}
