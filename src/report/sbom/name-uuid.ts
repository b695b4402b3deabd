/** UUIDs of names: version 5 of RFC 9562 §5.5, sha1 of a namespace and a name. */
import { createHash } from "node:crypto";

/** The namespace of URLs, RFC 9562 §6.6. */
const URL_NAMESPACE = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** The UUID of a URL or URN, lower case. */
export function uuidOfUrl(url: string): string {
  const bytes = createHash("sha1").update(URL_NAMESPACE).update(url, "utf8").digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
