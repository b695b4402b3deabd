/** Decodes gzip (RFC 1952) as a stream, through node:zlib; only ever for input, never for output, whose bytes must not depend on Node. */

import { createGunzip } from "node:zlib";
import { AssembleError } from "../errors/assemble-error.js";

const CHUNK = 1 << 18;

/** Decodes a gzip file of any number of members. Throws `codec/gzip-truncated` or `codec/gzip-corrupt`. */
export async function* decodeGzip(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  const { Readable } = await import("node:stream");
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const source = Readable.from(input, { objectMode: false, highWaterMark: CHUNK });
  source.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Uint8Array;
  } catch (cause) {
    const { code, errno } = cause as NodeJS.ErrnoException;
    if (errno === undefined || code === undefined || !/^Z_/.test(code)) throw cause;
    if (code === "Z_BUF_ERROR")
      throw new AssembleError(
        "codec/gzip-truncated",
        "Cannot decode gzip data: it ends in the middle, a complete file was wanted",
        { cause },
      );
    throw new AssembleError(
      "codec/gzip-corrupt",
      `Cannot decode gzip data: ${(cause as Error).message}, intact data was wanted`,
      { cause },
    );
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
