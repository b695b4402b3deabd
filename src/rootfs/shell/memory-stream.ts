/**
 * Streams that live in memory: pipes, the text of here-documents, what command substitutions gather, and null devices.
 */
import { FileSystemError } from "../tree/file-system-error.js";
import type { Meter } from "./meter.js";
import { BrokenPipe, type Stream } from "./process.js";

/** What a pipe holds before its writer is ended: the stages of a pipeline run one after the other. */
export const PIPE_BYTES = 4 << 20;

/** Text that can be read once: a here-document, or a ready stdin. */
export class TextStream implements Stream {
  private readonly text: string;
  private offset = 0;

  constructor(text: string) {
    this.text = text;
  }

  read(max: number): string {
    const part = this.text.slice(this.offset, this.offset + max);
    this.offset += part.length;
    return part;
  }

  readLine(): string | undefined {
    if (this.offset >= this.text.length) return undefined;
    const newline = this.text.indexOf("\n", this.offset);
    const end = newline < 0 ? this.text.length : newline + 1;
    const line = this.text.slice(this.offset, end);
    this.offset = end;
    return line;
  }

  write(): void {
    throw new FileSystemError("EBADF", "here-document");
  }
}

/** Gathers what is written, for command substitutions and `capture`. */
export class CaptureStream implements Stream {
  private readonly chunks: string[] = [];
  private readonly meter: Meter;

  constructor(meter: Meter) {
    this.meter = meter;
  }

  /** What was written so far. */
  get text(): string {
    return this.chunks.join("");
  }

  read(): string {
    throw new FileSystemError("EBADF", "pipe");
  }

  readLine(): undefined {
    throw new FileSystemError("EBADF", "pipe");
  }

  write(bytes: string): void {
    this.meter.write(bytes.length);
    if (bytes !== "") this.chunks.push(bytes);
  }
}

/**
 * A pipe between two stages that run one after the other. A writer that fills it is ended as by SIGPIPE; should the reader then
 * really want more than the pipe held, the build stops, since the output would be cut.
 */
export class PipeStream implements Stream {
  private readonly chunks: string[] = [];
  private size = 0;
  private overflow = false;
  private source: TextStream | undefined;
  private readonly meter: Meter;

  constructor(meter: Meter) {
    this.meter = meter;
  }

  read(max: number): string {
    const text = this.open().read(max);
    if (text === "" && max > 0) this.checkEnd();
    return text;
  }

  readLine(): string | undefined {
    const line = this.open().readLine();
    if (line === undefined || !line.endsWith("\n")) this.checkEnd();
    return line;
  }

  write(bytes: string): void {
    if (this.source !== undefined) throw new BrokenPipe();
    this.meter.write(bytes.length);
    const room = PIPE_BYTES - this.size;
    const part = bytes.length > room ? bytes.slice(0, room) : bytes;
    this.chunks.push(part);
    this.size += part.length;
    if (part.length === bytes.length) return;
    this.overflow = true;
    throw new BrokenPipe();
  }

  private open(): TextStream {
    this.source ??= new TextStream(this.chunks.splice(0).join(""));
    return this.source;
  }

  private checkEnd(): void {
    if (this.overflow) this.meter.exceeded(`a pipe carries more than ${PIPE_BYTES} bytes, less`);
  }
}

/** /dev/null and /dev/zero. */
export function nullStream(path: string, fill: "" | "\0" = ""): Stream {
  return {
    path,
    read: (max) => fill.repeat(Math.max(0, max)),
    readLine: () => {
      if (fill !== "") throw new FileSystemError("EINVAL", path);
      return undefined;
    },
    write: () => {},
  };
}

/** A descriptor that is not open. */
export function closedStream(descriptor: number): Stream {
  const fail = (): never => {
    throw new FileSystemError("EBADF", String(descriptor));
  };
  return { read: () => "", readLine: () => undefined, write: fail };
}
