/**
 * Reads DER (ITU-T X.690) that nobody vouches for: one element at a time, every length checked before it is used.
 */
import { AssembleError } from "../../errors/assemble-error.js";

/** An element. */
export interface DerElement {
  readonly tag: number;
  /** With tag and length. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** The elements that follow one another. @throws AssembleError `codec/der-invalid` */
export function readElements(bytes: Uint8Array): DerElement[] {
  const found: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = readElement(bytes.subarray(at));
    found.push(element);
    at += element.whole.length;
  }
  return found;
}

/** The first element. @throws AssembleError `codec/der-invalid` */
export function readElement(bytes: Uint8Array): DerElement {
  const [tag, first] = [bytes[0], bytes[1]];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw invalid("it ends, or has a long tag");
  let [length, head] = [first, 2];
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4 || bytes.length < 2 + count) throw invalid("its length is none of DER");
    length = bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
    head += count;
  }
  if (head + length > bytes.length) throw invalid(`an element of ${length} bytes does not fit`);
  return { tag, whole: bytes.subarray(0, head + length), content: bytes.subarray(head, head + length) };
}

function invalid(is: string): AssembleError {
  return new AssembleError("codec/der-invalid", `Cannot read the DER data: ${is}, whole elements were wanted`);
}
