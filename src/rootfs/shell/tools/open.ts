/**
 * Opening files by path for a tool: the shell's open(2), with errors that tell the path as it was given.
 */
import { FileSystemError } from "../../tree/file-system-error.js";
import { Meter } from "../meter.js";
import { type OpenMode, openFile } from "../open-file.js";
import type { Process, Stream } from "../process.js";
import { renamed } from "./tool.js";

const READ_BYTES = 65536;

/** Opens a file for reading. A directory opens too; reading it fails with EISDIR. @throws FileSystemError */
export function openRead(process: Process, path: string): Stream {
  return open(process, path, "read");
}

/** Opens a file for writing, making it if it is not there; `create` fails if it is. @throws FileSystemError */
export function openWrite(process: Process, path: string, mode: Exclude<OpenMode, "read"> = "write"): Stream {
  return open(process, path, mode);
}

function open(process: Process, path: string, mode: OpenMode): Stream {
  if (path === "") throw new FileSystemError("ENOENT", path);
  try {
    return openFile(process, path, { mode, meter: meterOf(process) });
  } catch (error) {
    throw renamed(error, path);
  }
}

/** All bytes of a stream from here on. */
export function readAll(stream: Stream): string {
  const parts: string[] = [];
  for (;;) {
    const part = stream.read(READ_BYTES);
    if (part === "") return parts.join("");
    parts.push(part);
  }
}

/** Stops the build: a bound was passed (AssembleError `shell/limit-exceeded`). */
export function exceeded(process: Process, what: string): never {
  return meterOf(process).exceeded(what);
}

/** The running system's own meter; a system without one is metered from here. */
export function meterOf(process: Process): Meter {
  const { system } = process;
  return "meter" in system && system.meter instanceof Meter ? system.meter : new Meter(system.limits, system.location);
}
