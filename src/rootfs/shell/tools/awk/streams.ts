/**
 * The files and pipes of an awk program: getline's inputs, and where print goes.
 */
import { FileSystemError } from "../../../tree/file-system-error.js";
import { TextStream } from "../../memory-stream.js";
import type { Process, Stream } from "../../process.js";
import { openRead, openWrite } from "../open.js";
import { RecordReader } from "./record-reader.js";

type Open =
  | { readonly kind: "input"; readonly reader: RecordReader; readonly status: number }
  | { readonly kind: "output"; readonly stream: Stream }
  | { readonly kind: "pipe"; readonly command: string; text: string[] };

/** An output that could not be opened. */
export class OutputError extends Error {
  override readonly name = "OutputError";
}

/** Standard output is buffered, as stdio does it for what is no terminal. */
const BUFFER_BYTES = 4096;

/** Open files and commands by their names. */
export class AwkStreams {
  private readonly open = new Map<string, Open>();
  private readonly process: Process;
  private buffer = "";

  constructor(process: Process) {
    this.process = process;
  }

  /** Writes to standard output, once enough has gathered or another program is about to run. */
  print(bytes: string): undefined {
    this.buffer += bytes;
    if (this.buffer.length < BUFFER_BYTES) return;
    const whole = this.buffer.length - (this.buffer.length % BUFFER_BYTES);
    const full = this.buffer.slice(0, whole);
    this.buffer = this.buffer.slice(whole);
    this.process.stdout.write(full);
  }

  /** Writes what has gathered. */
  flush(): undefined {
    const { buffer } = this;
    this.buffer = "";
    if (buffer !== "") this.process.stdout.write(buffer);
  }

  /** system(). */
  run(command: string): number {
    this.flush();
    return this.process.run(["/bin/sh", "-c", command]);
  }

  /** The reader of a file; undefined if it cannot be opened. */
  file(name: string): RecordReader | undefined {
    const known = this.open.get(name);
    if (known?.kind === "input") return known.reader;
    try {
      const stream = name === "-" ? this.process.stdin : openRead(this.process, name);
      if (stream.node?.type === "directory") return undefined;
      const reader = new RecordReader(stream);
      this.open.set(name, { kind: "input", reader, status: 0 });
      return reader;
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return undefined;
    }
  }

  /** The reader of a command's output. The command runs to its end when it is first read. */
  command(command: string): RecordReader {
    const known = this.open.get(command);
    if (known?.kind === "input") return known.reader;
    this.flush();
    const { status, output } = this.process.capture(["/bin/sh", "-c", command], { stdin: this.process.stdin });
    const reader = new RecordReader(new TextStream(output));
    this.open.set(command, { kind: "input", reader, status });
    return reader;
  }

  /** Writes to a file or command. @throws OutputError */
  write(kind: ">" | ">>" | "|", name: string, bytes: string): undefined {
    if (kind !== "|" && name === "/dev/stdout") return this.print(bytes);
    let target = this.open.get(name);
    if (kind === "|" && target === undefined) this.flush();
    if (target === undefined || target.kind === "input") {
      target =
        kind === "|" ? { kind: "pipe", command: name, text: [] } : { kind: "output", stream: this.output(name, kind) };
      this.open.set(name, target);
    }
    if (target.kind === "pipe") target.text.push(bytes);
    else if (bytes !== "") target.stream.write(bytes);
  }

  /** Whether an output of that name is open. */
  writesTo(name: string): boolean {
    const kind = this.open.get(name)?.kind;
    return kind === "output" || kind === "pipe" || name === "/dev/stdout";
  }

  /** close(): the status of a command, 0 for a file, -1 for what is not open. */
  close(name: string): number {
    const target = this.open.get(name);
    if (target === undefined) return -1;
    this.open.delete(name);
    if (target.kind === "pipe") {
      return this.process.run(["/bin/sh", "-c", target.command], { stdin: new TextStream(target.text.join("")) });
    }
    return target.kind === "input" ? target.status : 0;
  }

  /** Runs the commands that were written to, in the order in which they were opened; standard output comes last. */
  closeAll(): undefined {
    for (const name of [...this.open.keys()]) this.close(name);
    this.flush();
  }

  private output(name: string, kind: ">" | ">>" | "|"): Stream {
    if (name === "/dev/stderr") return this.process.stderr;
    try {
      return openWrite(this.process, name, kind === ">>" ? "append" : "write");
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      throw new OutputError(`cannot open "${name}" for output (${error.text})`);
    }
  }
}
