/**
 * The main input of an awk program: the files and assignments of ARGV, or standard input.
 */

import { FileSystemError } from "../../../tree/file-system-error.js";
import { openRead } from "../open.js";
import { AwkError } from "./ast.js";
import { expandEscapes } from "./lexer.js";
import { RecordReader } from "./record-reader.js";
import type { Runtime } from "./runtime.js";
import { toNumber } from "./value.js";

/** Reads records of all inputs, one after the other. */
export class MainInput {
  private reader: RecordReader | undefined;
  private argument = 1;
  private readAny = false;
  private ended = false;
  private readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** The next record, counted in NR and FNR; undefined at the end. */
  next(): string | undefined {
    const { runtime } = this;
    for (;;) {
      if (this.reader === undefined && !this.open()) return undefined;
      const record = this.reader!.next(runtime.patterns.recordSeparator(runtime.text(runtime.global("RS").value)));
      if (record === undefined) {
        this.reader = undefined;
        continue;
      }
      for (const name of ["NR", "FNR"]) {
        const slot = runtime.global(name);
        slot.value = toNumber(slot.value) + 1;
      }
      return record;
    }
  }

  /** Ends the current file (nextfile). */
  skipFile(): undefined {
    this.reader = undefined;
  }

  /** Takes the assignments that come before the first file, and those behind the last one at the end. */
  private open(): boolean {
    const { runtime } = this;
    if (this.ended) return false;
    const { array } = runtime.global("ARGV");
    while (this.argument < toNumber(runtime.global("ARGC").value)) {
      const index = this.argument++;
      if (!array.has(index)) continue;
      const text = runtime.text(array.get(index));
      if (text === "") continue;
      const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(text);
      if (assignment !== null) {
        runtime.assignInput(assignment[1]!, expandEscapes(assignment[2]!));
        continue;
      }
      this.readAny = true;
      this.start(text);
      return true;
    }
    this.ended = true;
    if (this.readAny) return false;
    this.start("-");
    return true;
  }

  private start(name: string): undefined {
    const { runtime } = this;
    runtime.global("FILENAME").value = name;
    runtime.global("FNR").value = 0;
    try {
      const { process } = runtime.tool;
      const stream = name === "-" || name === "/dev/stdin" ? process.stdin : openRead(process, name);
      this.reader = new RecordReader(stream);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      throw new AwkError(`cannot open "${name}" (${error.text})`);
    }
  }
}
