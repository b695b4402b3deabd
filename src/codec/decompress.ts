/** Decoding by the name of the format. */

import { AssembleError } from "../errors/assemble-error.js";
import type { StartDecoder } from "./decoder.js";
import { decodeGzip } from "./gzip.js";
import { decodeXz, xzDecoder } from "./xz/decode-xz.js";
import { decodeZstd, zstdDecoder } from "./zstd/decode-zstd.js";

/** Formats that are read. */
export type Compression = "none" | "gzip" | "xz" | "zstd";

/** The format that a file name ends with; undefined for none that is known. */
export function compressionOfName(name: string): Compression | undefined {
  if (name.endsWith(".gz")) return "gzip";
  if (name.endsWith(".xz")) return "xz";
  if (name.endsWith(".zst")) return "zstd";
  return undefined;
}

/** The format's own decoder, for `decodeFrom`; undefined where there is none. */
export function decoderOf(format: Compression): StartDecoder | undefined {
  if (format === "xz") return (input) => xzDecoder(input);
  if (format === "zstd") return (input) => zstdDecoder(input);
  return undefined;
}

/** Decodes a stream. With `copy: false` a chunk is only valid until the next is asked for. */
export function decompress(
  format: Compression,
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { readonly copy?: boolean } = {},
): AsyncIterable<Uint8Array> {
  if (format === "xz") return decodeXz(input, options);
  if (format === "zstd") return decodeZstd(input, options);
  if (format === "gzip") return decodeGzip(input);
  return (async function* () {
    yield* input;
  })();
}

/** Decodes a stream into one array of at most `maxBytes`. */
export async function decompressWhole(
  format: Compression,
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of decompress(format, input)) {
    size += piece.length;
    if (size > maxBytes)
      throw new AssembleError(
        "codec/too-large",
        `Cannot decode ${format} data: it unpacks to more than ${maxBytes} bytes, less was wanted`,
      );
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
