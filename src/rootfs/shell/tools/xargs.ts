/** xargs(1) of findutils 4.10. Commands run one after the other, whatever -P says. */
import { FileSystemError } from "../../tree/file-system-error.js";
import { nullStream } from "../memory-stream.js";
import type { Command, Stream } from "../process.js";
import { openRead, readAll } from "./open.js";
import type { GivenOption } from "./options.js";
import { quoteIfNeeded } from "./quote.js";
import { findProgram } from "./run-program.js";
import { defineTool, type Tool } from "./tool.js";

/** Bytes of a command line with its ends of words: xargs' default. */
const DEFAULT_BYTES = 131072;
/** What Linux lets arguments and environment take of a stack of 8 MiB (execve(2)), less what POSIX wants left free. */
const ALL_BYTES = (2 << 20) - 2048;

export const xargs: Command = defineTool(
  {
    short: "0a:d:E:e::I:i::L:l::n:oP:rs:tx",
    long: {
      null: "0",
      "arg-file=": "a",
      "delimiter=": "d",
      "eof?": "E",
      "replace?": "I",
      "max-lines?": "l",
      "max-args=": "n",
      "open-tty": "o",
      "max-procs=": "P",
      "no-run-if-empty": "r",
      "max-chars=": "s",
      verbose: "t",
      exit: "x",
      "show-limits": "limits",
      "process-slot-var=": "slot",
    },
    refused: "p",
    refusedLong: ["interactive"],
    operandsEndOptions: true,
  },
  (tool) => {
    const initial = tool.operands.length === 0 ? ["echo"] : [...tool.operands];
    const limits = readLimits(tool);
    if (tool.has("limits")) showLimits(tool, limits);
    const text = readInput(tool);
    const job: Job = { tool, initial, status: 0, runs: 0 };
    if (limits.replace !== undefined) replaceEach(job, text, limits.replace);
    else {
      const split = tool.has("0") || tool.has("d") ? { items: splitAt(tool, text) } : splitWords(tool, text);
      const broken = "unmatched" in split && split.unmatched !== undefined;
      if (!broken || split.items.length > 0) runBatches(job, split.items, limits);
      if ("unmatched" in split && split.unmatched !== undefined) unmatched(tool, split.unmatched);
    }
    return job.status;
  },
);

interface Job {
  readonly tool: Tool;
  readonly initial: readonly string[];
  status: number;
  runs: number;
}

interface Item {
  readonly text: string;
  /** The last of its input line (for -L). */
  readonly endsLine: boolean;
}

interface Limits {
  readonly items: number;
  readonly lines: number;
  readonly bytes: number;
  readonly replace: string | undefined;
}

function readInput(tool: Tool): string {
  const file = tool.value("a");
  if (file === undefined) return readAll(tool.process.stdin);
  try {
    return readAll(openRead(tool.process, file));
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return tool.die(`Cannot open input file '${file}': ${error.text}`);
  }
}

/** Of -n, -L and -I the last one counts. */
function readLimits(tool: Tool): Limits {
  let last: GivenOption | undefined;
  for (const option of tool.options) {
    if (!"nLlIi".includes(option.name)) continue;
    // -n1 beside -I says nothing new.
    if (option.name === "n" && option.value === "1" && last !== undefined && "Ii".includes(last.name)) continue;
    if (last !== undefined && kindOf(last) !== kindOf(option)) {
      const [now, before] = [kindOf(option), kindOf(last)];
      const note = `ignoring previous ${before.split("/")[0]} value`;
      tool.say(`warning: options ${before} and ${now} are mutually exclusive, ${note}`);
    }
    last = option;
  }
  const number = (text: string, option: string): number => {
    if (!/^[0-9]+$/.test(text)) return tool.usage(`invalid number "${text}" for -${option} option`);
    if (Number(text) < 1) return tool.usage(`value ${text} for -${option} option should be >= 1`);
    return Number(text);
  };
  const unlimited = Number.POSITIVE_INFINITY;
  const sizeText = tool.value("s");
  const asked = sizeText === undefined ? DEFAULT_BYTES : number(sizeText, "s");
  const bytes = Math.min(asked, ALL_BYTES - environmentBytes(tool));
  if (asked > bytes) tool.say(`value ${asked} for -s option should be <= ${bytes}`);
  return {
    items: last?.name === "n" ? number(last.value, "n") : unlimited,
    lines: last?.name === "L" || last?.name === "l" ? number(last.value || "1", last.name) : unlimited,
    bytes,
    replace: last?.name === "I" || last?.name === "i" ? last.value || "{}" : undefined,
  };
}

function environmentBytes(tool: Tool): number {
  return [...tool.process.environment].reduce((sum, [name, value]) => sum + name.length + value.length + 2, 0);
}

function showLimits(tool: Tool, { bytes }: Limits): undefined {
  const environment = environmentBytes(tool);
  tool.process.stderr.write(`Your environment variables take up ${environment} bytes
POSIX upper limit on argument length (this system): ${ALL_BYTES - environment}
POSIX smallest allowable upper limit on argument length (all systems): 4096
Maximum length of command we could actually use: ${ALL_BYTES - 2 * environment}
Size of command buffer we are actually using: ${bytes}
Maximum parallelism (--max-procs must be no greater): 2147483647
`);
}

function kindOf(option: GivenOption): string {
  return option.name === "n" ? "--max-args" : "Ll".includes(option.name) ? "--max-lines" : "--replace/-I/-i";
}

function splitAt(tool: Tool, text: string): Item[] {
  const delimiter = tool.options.findLast((option) => option.name === "0" || option.name === "d")!;
  const separator = delimiter.name === "0" ? "\0" : delimiterOf(tool, delimiter.value);
  const parts = text.split(separator);
  if (parts.at(-1) === "") parts.pop();
  return parts.map((part) => ({ text: part, endsLine: true }));
}

function delimiterOf(tool: Tool, text: string): string {
  if (text.length === 1) return text;
  const named = new Map([
    ["\\n", "\n"],
    ["\\t", "\t"],
    ["\\0", "\0"],
    ["\\\\", "\\"],
    ["\\r", "\r"],
    ["\\v", "\v"],
    ["\\f", "\f"],
    ["\\a", "\x07"],
    ["\\b", "\b"],
  ]).get(text);
  if (named !== undefined) return named;
  const code = /^\\x([0-9a-f]{1,2})$/i.exec(text)?.[1] ?? undefined;
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  const octal = /^\\([0-7]{1,3})$/.exec(text)?.[1];
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
  return tool.unsupported(`-d ${text}`);
}

/** Words with quotes and backslashes, as POSIX XCU xargs has them. */
function splitWords(tool: Tool, text: string): { readonly items: Item[]; readonly unmatched?: string } {
  const items: { text: string; endsLine: boolean }[] = [];
  const end = tool.value("E") ?? tool.value("e");
  let word: string | undefined;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === undefined || c === " " || c === "\t" || c === "\n" || c === "\v" || c === "\f" || c === "\r") {
      if (word !== undefined) {
        if (end && word === end) return { items };
        items.push({ text: word, endsLine: false });
        word = undefined;
      }
      // A line that ends in a blank goes on in the next one.
      const last = items.at(-1);
      const continues = i > 0 && (text[i - 1] === " " || text[i - 1] === "\t");
      if ((c === "\n" || c === undefined) && last !== undefined && (!continues || c === undefined))
        last.endsLine = true;
    } else if (c === "'" || c === '"') {
      const close = text.indexOf(c, i + 1);
      const newline = text.indexOf("\n", i + 1);
      if (close < 0 || (newline >= 0 && newline < close)) return { items, unmatched: c };
      word = (word ?? "") + text.slice(i + 1, close);
      i = close;
    } else if (c === "\\") {
      word = (word ?? "") + (text[++i] ?? "");
    } else word = (word ?? "") + c;
  }
  return { items };
}

function unmatched(tool: Tool, quote: string): never {
  const kind = quote === '"' ? "double" : "single";
  return tool.die(`unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`);
}

/** -I: one command for each line, without its leading blanks. */
function replaceEach(job: Job, text: string, mark: string): undefined {
  const { tool } = job;
  const lines =
    tool.has("0") || tool.has("d")
      ? splitAt(tool, text).map((item) => item.text)
      : text
          .split("\n")
          .map((line) => line.replace(/^[ \t]+/, ""))
          .filter((line) => line !== "")
          .map((line) => unquote(tool, line));
  for (const line of lines) {
    if (
      !execute(
        job,
        job.initial.map((word) => word.replaceAll(mark, line)),
      )
    )
      return;
  }
}

/** A line as one word: blanks do not separate, quotes and backslashes are removed. */
function unquote(tool: Tool, line: string): string {
  let word = "";
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === "\\") word += line[++i] ?? "";
    else if (c === "'" || c === '"') {
      const close = line.indexOf(c, i + 1);
      if (close < 0) return unmatched(tool, c);
      word += line.slice(i + 1, close);
      i = close;
    } else word += c;
  }
  return word;
}

function runBatches(job: Job, items: readonly Item[], limits: Limits): undefined {
  const base = job.initial.reduce((sum, word) => sum + word.length + 1, 0);
  let batch: string[] = [];
  let bytes = base;
  let lines = 0;
  for (const item of items) {
    if (batch.length > 0 && bytes + item.text.length + 1 > limits.bytes) {
      if (!execute(job, [...job.initial, ...batch])) return;
      batch = [];
      bytes = base;
      lines = 0;
    }
    if (base + item.text.length + 1 > limits.bytes) job.tool.die("argument line too long");
    batch.push(item.text);
    bytes += item.text.length + 1;
    if (item.endsLine) lines++;
    if (batch.length < limits.items && lines < limits.lines) continue;
    if (!execute(job, [...job.initial, ...batch])) return;
    batch = [];
    bytes = base;
    lines = 0;
  }
  const runsEmpty = job.runs === 0 && !job.tool.has("r");
  if (batch.length > 0 || (items.length === 0 && runsEmpty)) execute(job, [...job.initial, ...batch]);
}

/** Runs one command; false means to stop. */
function execute(job: Job, argv: readonly string[]): boolean {
  const { tool } = job;
  job.runs++;
  if (tool.has("t")) tool.process.stderr.write(`${argv.map(quoteIfNeeded).join(" ")}\n`);
  const name = argv[0]!;
  const found = findProgram(tool, name);
  if (found !== "found") {
    tool.say(`${name}: ${found === "missing" ? "No such file or directory" : "Permission denied"}`);
    job.status = found === "missing" ? 127 : 126;
    return false;
  }
  const stdin: Stream | undefined = tool.has("a") ? undefined : nullStream("/dev/null");
  const status = tool.process.run(argv, stdin === undefined ? {} : { stdin });
  if (status === 255) {
    tool.say(`${name}: exited with status 255; aborting`);
    job.status = 124;
    return false;
  }
  if (status !== 0) job.status = 123;
  return true;
}
