/**
 * `inspect --cat PATH`: one file out of an artifact, with symbolic and hard links inside it followed.
 */

import { byteStringToText, type FileContent, utf8ToByteString } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type EntryType, plainPath } from "./artifact-entry.js";
import { artifactEntries, artifactKindOf, ROOT_PREFIX, SECTION_PREFIX } from "./open-artifact.js";

/**
 * The bytes of a file inside an artifact. In a PE file `/etc/passwd` stands for `root/etc/passwd` and `.cmdline` for
 * `sections/.cmdline`. Where archives have a path several times, the last one counts, as for the kernel.
 *
 * @throws AssembleError `inspect/path-missing`, `inspect/path-not-file`, and those of the formats
 */
export async function* catEntry(content: FileContent, path: string): AsyncGenerator<Uint8Array, void, void> {
  const isPe = artifactKindOf(content) === "pe";
  const wanted = utf8ToByteString(path);
  const full = !isPe ? wanted : wanted.startsWith("/") ? ROOT_PREFIX + wanted : withSectionPrefix(wanted);
  const index = await indexEntries(content);
  const place = dataOf(index, resolve(index, plainPath(full), isPe ? ROOT_PREFIX : ""), path);
  let at = 0;
  for await (const entry of artifactEntries(content)) {
    if (at++ !== place) continue;
    yield* entry.chunks();
    return;
  }
}

function withSectionPrefix(path: string): string {
  return path.startsWith(".") && !path.startsWith("./") ? SECTION_PREFIX + path : path;
}

interface Indexed {
  readonly path: string;
  readonly type: EntryType;
  readonly size: number;
  readonly target: string | undefined;
  readonly hardLinkTo: string | undefined;
  /** Its place in the walk. */
  readonly place: number;
}

async function indexEntries(content: FileContent): Promise<ReadonlyMap<string, Indexed>> {
  const index = new Map<string, Indexed>();
  let place = 0;
  for await (const { path, type, size, target, hardLinkTo } of artifactEntries(content))
    index.set(path, { path, type, size, target, hardLinkTo, place: place++ });
  return index;
}

const LINKS_MAX = 40;

/** Where a path leads inside the tree below `prefix`, the way the kernel resolves it in a root directory. */
function resolve(index: ReadonlyMap<string, Indexed>, path: string, prefix: string): string {
  const isInTree = path.startsWith(prefix);
  const top = isInTree ? prefix : "";
  let todo = path.slice(top.length).split("/");
  let done: string[] = [];
  for (let links = 0; todo.length > 0; ) {
    const part = todo.shift()!;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      done.pop();
      continue;
    }
    const target = index.get(top + [...done, part].join("/"))?.target;
    if (target === undefined) done.push(part);
    else {
      if (++links > LINKS_MAX) break;
      if (target.startsWith("/")) done = [];
      todo = [...target.split("/"), ...todo];
    }
  }
  return top + done.join("/");
}

/** Place in the walk of the entry that has the bytes of `resolved`. */
function dataOf(index: ReadonlyMap<string, Indexed>, resolved: string, asked: string): number {
  const found = index.get(resolved);
  if (found === undefined)
    throw new AssembleError(
      "inspect/path-missing",
      `Cannot show ${asked}: there is no ${byteStringToText(resolved)} in the artifact, a file was wanted`,
      { hint: "list what is inside with `tdx-assemble inspect ARTIFACT --ls`" },
    );
  if (found.type !== "file")
    throw new AssembleError("inspect/path-not-file", `Cannot show ${asked}: it is a ${found.type}, a file was wanted`);
  if (found.size > 0) return found.place;
  const first = found.hardLinkTo ?? found.path;
  for (const other of index.values())
    if (other.size > 0 && (other.path === first || other.hardLinkTo === first)) return other.place;
  return found.place;
}
