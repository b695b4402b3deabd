/**
 * Decodes an LZ4 block (LZ4 Block Format Description, 2022-07-31), as squashfs and erofs store it: no frame, no checksum, the size known outside.
 * Checked by: mksquashfs -comp lz4.
 */
import { AssembleError } from "../../errors/assemble-error.js";

/** Decodes one block into at most `maxBytes`. @throws AssembleError `codec/lz4-corrupt` */
export function decodeLz4Block(input: Uint8Array, maxBytes: number): Uint8Array {
  const output = new Uint8Array(maxBytes);
  let from = 0;
  let to = 0;
  const length = (first: number): number => {
    let sum = first;
    if (first !== 15) return sum;
    for (;;) {
      if (from >= input.length) throw corrupt("it ends inside a length");
      const byte = input[from++]!;
      sum += byte;
      if (sum > maxBytes + 15) throw corrupt(`it unpacks to more than ${maxBytes} bytes`);
      if (byte !== 255) return sum;
    }
  };
  while (from < input.length) {
    const token = input[from++]!;
    const literals = length(token >> 4);
    if (from + literals > input.length) throw corrupt("it ends inside literals");
    if (to + literals > maxBytes) throw corrupt(`it unpacks to more than ${maxBytes} bytes`);
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === input.length) return output.subarray(0, to);
    if (from + 2 > input.length) throw corrupt("it ends inside an offset");
    const offset = input[from]! | (input[from + 1]! << 8);
    from += 2;
    const matched = length(token & 15) + 4;
    if (offset === 0 || offset > to) throw corrupt("a match begins before the data");
    if (to + matched > maxBytes) throw corrupt(`it unpacks to more than ${maxBytes} bytes`);
    if (offset >= matched) output.copyWithin(to, to - offset, to - offset + matched);
    else for (let i = 0; i < matched; i++) output[to + i] = output[to + i - offset]!;
    to += matched;
  }
  throw corrupt("it ends without its last literals");
}

function corrupt(is: string): AssembleError {
  return new AssembleError("codec/lz4-corrupt", `Cannot decode an LZ4 block: ${is}, an intact block was wanted`);
}
