/** The sha256 of content, chunk by chunk. */
import { createHash } from "node:crypto";
import type { Content } from "./content.js";
import { releaseScratch, takeScratch } from "./scratch.js";

/** Lower-case hex sha256 of the bytes, which are read for it whether or not their digest is known. */
export async function hashContent(content: Content): Promise<string> {
  const hash = createHash("sha256");
  const reader = content.reader?.();
  if (reader === undefined) for await (const chunk of content.chunks(true)) hash.update(chunk);
  else {
    const scratch = takeScratch();
    try {
      for (let count = reader.read(scratch); count > 0; count = reader.read(scratch))
        hash.update(scratch.subarray(0, count));
    } finally {
      releaseScratch(scratch);
    }
  }
  return hash.digest("hex");
}
