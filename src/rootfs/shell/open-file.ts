/**
 * open(2) as redirections and commands see it: files of the tree, and the few devices that scripts use.
 *
 * The devices work whether or not their nodes are in the tree. Random devices stop the build: nothing made at build time may
 * depend on chance.
 */
import { FileSystemError } from "../tree/file-system-error.js";
import type { Node } from "../tree/node.js";
import { requireWritable } from "../tree/seal.js";
import { FileStream } from "./file-stream.js";
import { nullStream } from "./memory-stream.js";
import type { Meter } from "./meter.js";
import type { Process, Stream } from "./process.js";

/** What a file is opened for: `<`, `>`, `>>`, `<>`, and `>` under noclobber. */
export type OpenMode = "read" | "write" | "append" | "readwrite" | "create";

const DEVICES: ReadonlyMap<string, string> = new Map([
  ["/dev/null", "1:3"],
  ["/dev/zero", "1:5"],
  ["/dev/full", "1:7"],
  ["/dev/random", "1:8"],
  ["/dev/urandom", "1:9"],
  ["/dev/tty", "5:0"],
]);

const DESCRIPTOR_PATHS: ReadonlyMap<string, number> = new Map([
  ["/dev/stdin", 0],
  ["/dev/stdout", 1],
  ["/dev/stderr", 2],
]);

/** Whether a path names a device that is there although the tree need not hold it. */
export function isVirtualDevice(path: string): boolean {
  return DEVICES.has(path);
}

/**
 * Opens a path for a process, creating the file with the process's umask where the mode says so.
 *
 * @throws FileSystemError as open(2) would fail
 */
export function openFile(process: Process, path: string, options: { mode: OpenMode; meter: Meter }): Stream {
  const { mode, meter } = options;
  const absolute = process.absolute(path);
  const clean = absolute.includes("//") || absolute.includes("/.") ? collapse(absolute) : absolute;
  if (clean.startsWith("/dev/") || clean.startsWith("/proc/self/fd/")) {
    const descriptor = descriptorOf(clean);
    if (descriptor !== undefined) return reopen(process, descriptor, { ...options, path: clean });
    const device = DEVICES.get(clean);
    if (device !== undefined) return openDevice(process, device, clean);
  }
  const place = process.tree.resolve(absolute);
  let node = place.node;
  if (node === undefined) {
    if (mode === "read") throw new FileSystemError("ENOENT", path);
    if (path.endsWith("/")) throw new FileSystemError("EISDIR", path);
    node = process.tree.write(place.path, "", { mode: 0o666 & ~process.umask });
  } else if (node.type === "directory") {
    if (mode !== "read") throw new FileSystemError("EISDIR", path);
    return directoryStream(node, place.path);
  } else if (node.type === "char") {
    return openDevice(process, `${node.major}:${node.minor}`, place.path);
  } else if (node.type !== "file") {
    return process.unsupported(`opening ${place.path}, a ${node.type}`);
  } else if (mode === "create") {
    throw new FileSystemError("EEXIST", path);
  } else if (mode === "write") {
    process.tree.write(place.path, "");
  }
  const flags = { read: mode === "read" || mode === "readwrite", write: mode !== "read", append: mode === "append" };
  if (flags.write) requireWritable(node);
  return new FileStream(process.tree, { node, path: place.path }, { flags, meter });
}

function descriptorOf(path: string): number | undefined {
  const known = DESCRIPTOR_PATHS.get(path);
  if (known !== undefined) return known;
  const match = /^(?:\/dev\/fd|\/proc\/self\/fd)\/([0-9]{1,4})$/.exec(path);
  return match === null ? undefined : Number(match[1]);
}

/** Linux opens a file behind /dev/fd/N anew, at offset 0; pipes and devices are shared. */
function reopen(process: Process, descriptor: number, options: { mode: OpenMode; meter: Meter; path: string }): Stream {
  const stream = process.files.get(descriptor);
  if (stream === undefined) throw new FileSystemError("ENOENT", options.path);
  if (!(stream instanceof FileStream) || process.tree.lookup(stream.path) !== stream.node) return stream;
  return openFile(process, stream.path, options);
}

function openDevice(process: Process, device: string, path: string): Stream {
  switch (device) {
    case "1:3":
      return nullStream(path);
    case "1:5":
      return nullStream(path, "\0");
    case "1:7":
      return {
        ...nullStream(path, "\0"),
        write: () => {
          throw new FileSystemError("ENOSPC", path);
        },
      };
    case "5:0":
      throw new FileSystemError("ENXIO", path);
    default:
      return process.unsupported(`opening the device ${path}`);
  }
}

/** A directory can be opened (`exec 3< dir`), but not read. */
function directoryStream(node: Node, path: string): Stream {
  const fail = (): never => {
    throw new FileSystemError("EISDIR", path);
  };
  return { node, path, read: fail, readLine: fail, write: fail };
}

/** Removes `.`, `..` and doubled slashes of an absolute path by its text alone: good enough to recognise a device. */
function collapse(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}
