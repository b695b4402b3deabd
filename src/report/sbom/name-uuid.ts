/** UUIDs of names: version 5 of RFC 9562 §5.5, sha1 of a namespace and a name. */
import { createHash } from "node:crypto";
import { uuidBytes, uuidText } from "../../bytes/uuid.js";

/** The namespace of URLs, RFC 9562 §6.6. */
const URL_NAMESPACE = uuidBytes("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

/** The UUID of a URL or URN, lower case. */
export function uuidOfUrl(url: string): string {
  const bytes = createHash("sha1").update(URL_NAMESPACE).update(url, "utf8").digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidText(bytes);
}
