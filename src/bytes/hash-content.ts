/** The sha256 of content, chunk by chunk. */
import { createHash } from "node:crypto";
import type { Content } from "./content.js";

/** Lower-case hex sha256 of the bytes, which are read for it whether or not their digest is known. */
export async function hashContent(content: Content): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of content.chunks(true)) hash.update(chunk);
  return hash.digest("hex");
}
