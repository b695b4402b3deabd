/**
 * The content of a large file of the host that a recipe names: read when it is needed, and held to the digest it had before.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import type { FileContent } from "../bytes/content.js";
import { AssembleError } from "../errors/assemble-error.js";

const CHUNK_BYTES = 1 << 20;

/** The content of a file; reading it whole throws `io/file-changed` if its bytes are not those of the digest any more. */
export function contentOfHostFile(
  file: Buffer,
  known: { readonly size: number; readonly digest: string },
): FileContent {
  const changed = (): AssembleError =>
    new AssembleError(
      "io/file-changed",
      `Cannot read ${file.toString("utf8")}: its content has changed since the build began, the same bytes were wanted`,
      { hint: "Run the same command again." },
    );
  const readRange = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, known.size - offset)));
    const descriptor = openSync(file, "r");
    try {
      let filled = 0;
      while (filled < bytes.length) {
        const count = readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled);
        if (count === 0) throw changed();
        filled += count;
      }
    } finally {
      closeSync(descriptor);
    }
    return bytes;
  };
  return {
    ...known,
    read(offset = 0, length = known.size - offset) {
      const bytes = readRange(offset, length);
      if (bytes.length === known.size && createHash("sha256").update(bytes).digest("hex") !== known.digest)
        throw changed();
      return bytes;
    },
    async *chunks() {
      const hash = createHash("sha256");
      for (let at = 0; at < known.size; at += CHUNK_BYTES) {
        const chunk = readRange(at, CHUNK_BYTES);
        hash.update(chunk);
        if (at + CHUNK_BYTES >= known.size && hash.digest("hex") !== known.digest) throw changed();
        yield chunk;
      }
    },
  };
}
