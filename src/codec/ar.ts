/**
 * Reads ar archives in the form of .deb files (deb(5)): common headers of 60 bytes, members aligned to 2, no extended names.
 */
import { AssembleError } from "../errors/assemble-error.js";

/** A member of an ar archive. */
export interface ArMember {
  readonly name: string;
  /** Where its bytes begin in the archive. */
  readonly offset: number;
  readonly size: number;
}

const MAGIC = "!<arch>\n";
const HEADER_BYTES = 60;

/**
 * The members of an archive of `size` bytes; `read` gives bytes of a range.
 *
 * @throws AssembleError `codec/ar-invalid`
 */
export function readAr(size: number, read: (offset: number, length: number) => Uint8Array, name: string): ArMember[] {
  const text = (offset: number, length: number): string => Buffer.from(read(offset, length)).toString("latin1");
  const invalid = (what: string): AssembleError =>
    new AssembleError("codec/ar-invalid", `Cannot read ${name}: ${what}, an ar archive was wanted`);
  if (size < MAGIC.length || text(0, MAGIC.length) !== MAGIC) throw invalid("it does not begin with !<arch>");
  const members: ArMember[] = [];
  let at = MAGIC.length;
  while (at < size) {
    if (at + HEADER_BYTES > size) throw invalid(`a member's header at ${at} is cut off`);
    const header = text(at, HEADER_BYTES);
    if (!header.endsWith("`\n")) throw invalid(`there is no member's header at ${at}`);
    const digits = header.slice(48, 58).trimEnd();
    if (!/^[0-9]+$/.test(digits)) throw invalid(`the size of the member at ${at} is no number`);
    const bytes = Number(digits);
    const offset = at + HEADER_BYTES;
    if (offset + bytes > size) throw invalid(`the member at ${at} is cut off`);
    members.push({ name: header.slice(0, 16).trimEnd().replace(/\/$/, ""), offset, size: bytes });
    at = offset + bytes + (bytes % 2);
  }
  return members;
}
