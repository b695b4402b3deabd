/**
 * The files that a sed script reads and writes: its inputs one line at a time, and the outputs of w and in-place editing.
 */
import { FileSystemError } from "../../../tree/file-system-error.js";
import type { Stream } from "../../process.js";
import { records } from "../inputs.js";
import { openRead, openWrite } from "../open.js";
import { baseName, dirName, joinPath } from "../path.js";
import type { Tool } from "../tool.js";

/** An output that puts back the newline a file's last line lacked once more follows. */
export class SedOutput {
  private missing = false;
  private readonly stream: Stream;
  private readonly terminator: string;

  constructor(stream: Stream, terminator: string) {
    this.stream = stream;
    this.terminator = terminator;
  }

  /** Writes a line; `whole` says that it had its terminator. */
  line(text: string, whole: boolean): undefined {
    this.raw(whole ? text + this.terminator : text);
    this.missing = !whole;
  }

  /** Writes bytes as they are. */
  raw(bytes: string): undefined {
    if (this.missing) {
      this.missing = false;
      this.stream.write(this.terminator);
    }
    if (bytes !== "") this.stream.write(bytes);
  }
}

/** What to do with the inputs. */
export interface InputOptions {
  readonly terminator: "\n" | "\0";
  /** -s or -i: line numbers and `$` are each file's own. */
  readonly separate: boolean;
  /** -i: the suffix of the backup, or an empty string. */
  readonly inPlace: string | undefined;
  readonly followSymlinks: boolean;
}

/** The inputs of sed, one after the other. */
export class SedInput {
  /** The number of the current line, from 1. */
  line = 0;
  /** The current line had its terminator. */
  whole = true;
  /** Where the current file's output goes. */
  output: SedOutput;
  /** A new file began with the line that was read last. */
  startedFile = false;
  file = "-";
  private readonly tool: Tool;
  private readonly options: InputOptions;
  private readonly standardOutput: SedOutput;
  private readonly pending: string[];
  private reader: Iterator<string> | undefined;
  private ahead: string | undefined;
  private finish: (() => undefined) | undefined;

  constructor(tool: Tool, files: readonly string[], context: { options: InputOptions; output: SedOutput }) {
    this.tool = tool;
    this.options = context.options;
    this.pending = [...files].reverse();
    this.standardOutput = context.output;
    this.output = context.output;
  }

  /** Reads the next line; undefined at the end of all inputs. */
  next(): string | undefined {
    this.startedFile = false;
    for (;;) {
      const record = this.take();
      if (record !== undefined) {
        this.line++;
        this.whole = record.endsWith(this.options.terminator);
        return this.whole ? record.slice(0, -1) : record;
      }
      this.close();
      if (!this.open()) return undefined;
    }
  }

  /** Whether the current line is the last, of its file where files are separate. */
  isLast(): boolean {
    if (this.hasAhead()) return false;
    if (this.options.separate) return true;
    while (this.pending.length > 0) {
      this.close();
      if (this.open() && this.hasAhead()) return false;
    }
    return true;
  }

  /** Whether there is another file with a line in it. */
  hasMoreFiles(): boolean {
    return this.pending.length > 0;
  }

  /** Ends the current file, putting the edited one into place. */
  close(): undefined {
    this.reader = undefined;
    this.ahead = undefined;
    this.finish?.();
    this.finish = undefined;
    this.output = this.standardOutput;
  }

  private take(): string | undefined {
    if (!this.hasAhead()) return undefined;
    const record = this.ahead;
    this.ahead = undefined;
    return record;
  }

  private hasAhead(): boolean {
    if (this.ahead === undefined && this.reader !== undefined) {
      try {
        const { done, value } = this.reader.next();
        this.ahead = done ? undefined : value;
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        this.tool.die(`read error on ${this.file}: ${error.text}`, 4);
      }
    }
    return this.ahead !== undefined;
  }

  private open(): boolean {
    const { tool, options } = this;
    for (;;) {
      const file = this.pending.pop();
      if (file === undefined) return false;
      this.file = file;
      try {
        const node = file === "-" ? undefined : tool.stat(file);
        if (options.inPlace !== undefined && node?.type !== "file") {
          if (file === "-") throw new FileSystemError("ENOENT", file);
          tool.die(`couldn't edit ${file}: not a regular file`, 4);
        }
        const stream = file === "-" ? tool.process.stdin : openRead(tool.process, file);
        this.reader = records(stream, options.terminator)[Symbol.iterator]();
        if (options.inPlace !== undefined) this.edit(file, options.inPlace);
        if (options.separate) {
          this.line = 0;
          this.startedFile = true;
        }
        return true;
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        tool.say(`can't read ${file}: ${error.text}`);
        tool.status = 2;
      }
    }
  }

  /** Sends the output to a new file beside the old one, which it replaces when the input ends. */
  private edit(file: string, suffix: string): undefined {
    const { tree } = this.tool.process;
    const target = this.options.followSymlinks ? tree.realpath(this.tool.absolute(file)) : this.tool.absolute(file);
    const old = tree.get(target);
    const { mode, uid, gid } = old;
    const temporary = joinPath(dirName(target), "sedXXXXXX");
    const made = tree.write(temporary, "", { mode, uid, gid });
    if (old.xattrs !== undefined) made.xattrs = new Map(old.xattrs);
    this.output = new SedOutput(openWrite(this.tool.process, temporary), this.options.terminator);
    this.finish = () => {
      if (suffix !== "") {
        const name = suffix.includes("*") ? suffix.replaceAll("*", baseName(target)) : baseName(target) + suffix;
        try {
          tree.rename(target, joinPath(dirName(target), name));
        } catch (error) {
          if (!(error instanceof FileSystemError)) throw error;
          tree.unlink(temporary);
          this.tool.die(`cannot rename ${file}: ${error.text}`, 4);
        }
      }
      tree.rename(temporary, target);
    };
  }
}
