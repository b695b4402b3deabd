/**
 * The state of a running awk program: variables, the record, and its files.
 */

import { exceeded } from "../open.js";
import type { Regex } from "../regex/regex.js";
import type { Tool } from "../tool.js";
import { AwkArray } from "./array.js";
import { AwkError } from "./ast.js";
import { numberToText } from "./format.js";
import { AwkRecord } from "./record.js";
import { Patterns } from "./splitter.js";
import { AwkStreams } from "./streams.js";
import { compareValues, fromInput, type Value } from "./value.js";

/** A variable: a value, or an array once it was used as one. */
export class Slot {
  value: Value;
  private elements: AwkArray | undefined;
  /** The caller's variable, for a parameter that was passed without a value: it may turn out to be an array. */
  private readonly origin: Slot | undefined;

  constructor(value?: Value, origin?: Slot) {
    this.value = value;
    this.origin = origin;
  }

  /** The array, which is made on first use. */
  get array(): AwkArray {
    this.elements ??= this.origin === undefined ? new AwkArray() : this.origin.array;
    return this.elements;
  }

  get isArray(): boolean {
    return this.elements !== undefined || (this.origin?.isArray ?? false);
  }
}

/** Ends the program with a status; END rules still run unless they did. */
export class AwkExit extends Error {
  override readonly name = "AwkExit";
}

/** Variables that the language itself uses, with their first values. */
const INITIAL: Readonly<Record<string, Value>> = {
  FS: " ",
  OFS: " ",
  ORS: "\n",
  RS: "\n",
  SUBSEP: "\x1c",
  CONVFMT: "%.6g",
  OFMT: "%.6g",
  NR: 0,
  FNR: 0,
  RSTART: undefined,
  RLENGTH: undefined,
  FILENAME: undefined,
};

/** The state. */
export class Runtime {
  readonly tool: Tool;
  readonly streams: AwkStreams;
  readonly patterns = new Patterns();
  readonly record: AwkRecord;
  /** Parameters and locals of the running function. */
  frame: readonly Slot[] = [];
  returned: Value;
  status = 0;
  private readonly globals = new Map<string, Slot>();
  private steps = 0;

  constructor(tool: Tool) {
    this.tool = tool;
    this.streams = new AwkStreams(tool.process);
    for (const [name, value] of Object.entries(INITIAL)) this.globals.set(name, new Slot(value));
    const fs = this.global("FS");
    const ofs = this.global("OFS");
    this.record = new AwkRecord({
      split: (text, separator) => this.patterns.split(text, separator),
      fieldSeparator: () => this.text(fs.value),
      outputSeparator: () => this.text(ofs.value),
      toText: (value) => this.text(value),
    });
  }

  /** A global variable, made on first mention. */
  global(name: string): Slot {
    let slot = this.globals.get(name);
    if (slot === undefined) {
      slot = new Slot();
      this.globals.set(name, slot);
    }
    return slot;
  }

  /** A pattern that was made while the program runs. */
  pattern(source: string): Regex {
    try {
      return this.patterns.compile(source);
    } catch (error) {
      if (error instanceof AwkError) this.fail(error.message);
      throw error;
    }
  }

  /** A value as text (CONVFMT). */
  text(value: Value): string {
    if (typeof value === "string") return value;
    if (value === undefined) return "";
    if (typeof value !== "number") return value.text;
    return numberToText(value, this.conversionFormat());
  }

  /** A value as print shows it (OFMT). */
  shown(value: Value): string {
    if (typeof value !== "number") return this.text(value);
    const format = this.global("OFMT").value;
    return numberToText(value, typeof format === "string" ? format : this.text(format));
  }

  compare(a: Value, b: Value): number {
    return compareValues(a, b, (value) => this.text(value));
  }

  /** Assigns text from the command line, with its escapes expanded by the caller. */
  assignInput(name: string, text: string): undefined {
    if (name === "NF") this.record.setCount(Number(text) || 0);
    else this.global(name).value = fromInput(text);
  }

  /** Counts a statement. */
  step(): undefined {
    const { limits } = this.tool.process.system;
    if (++this.steps > limits.steps * 10) exceeded(this.tool.process, `awk ran ${this.steps} statements, fewer`);
  }

  /** Ends the program as mawk does for a mistake that shows while it runs. */
  fail(message: string): never {
    const { value: file } = this.global("FILENAME");
    const [fnr, nr] = ["FNR", "NR"].map((name) => this.text(this.global(name).value));
    throw new AwkError(`run time error: ${message}\n\tFILENAME="${this.text(file)}" FNR=${fnr} NR=${nr}`);
  }

  private conversionFormat(): string {
    const { value } = this.globals.get("CONVFMT")!;
    return typeof value === "string" ? value : "%.6g";
  }
}
