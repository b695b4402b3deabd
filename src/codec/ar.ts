/**
 * Reads `ar` archives as .deb files are (deb(5): 60-byte headers, plain names of up to 16 characters). GNU and BSD long names are refused:
 * no .deb has them. `ar` is the judge.
 */

import { AssembleError } from "../errors/assemble-error.js";
import type { RandomAccess } from "./random-access.js";

/** A member: where its bytes are. */
export interface ArMember {
  /** Without padding and without the trailing `/` that some tools write. */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const MAGIC = "!<arch>\n";
const HEADER_SIZE = 60;

/** The members of an archive, in order, found header by header. Throws `codec/ar-corrupt`. */
export function* readAr(file: RandomAccess): Generator<ArMember, void, void> {
  if (text(file.read(0, MAGIC.length)) !== MAGIC) throw corrupt("it does not start with !<arch>");
  let at = MAGIC.length;
  while (at < file.size) {
    const header = text(file.read(at, HEADER_SIZE));
    if (header.length < HEADER_SIZE) throw corrupt(`it ends inside the header at ${at}`);
    if (header.slice(58) !== "`\n") throw corrupt(`the header at ${at} has no end mark`);
    const sizeField = header.slice(48, 58);
    if (!/^[0-9]+ *$/.test(sizeField)) throw corrupt(`the header at ${at} has the size "${sizeField}"`);
    const size = Number.parseInt(sizeField, 10);
    const offset = at + HEADER_SIZE;
    if (offset + size > file.size) throw corrupt(`the member at ${at} goes beyond the end`);
    const name = header.slice(0, 16).replace(/ *$/, "").replace(/\/$/, "");
    if (name === "" || name.startsWith("#1/") || name.includes("/"))
      throw corrupt(`the header at ${at} has no plain name`);
    yield { name, offset, size };
    at = offset + size + (size & 1);
  }
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function corrupt(found: string): AssembleError {
  return new AssembleError("codec/ar-corrupt", `Cannot read an ar archive: ${found}, an intact archive was wanted`);
}
