/**
 * UUIDs as most formats store them: in the order in which they are written (RFC 9562 §4). UEFI's order is another (guid.ts).
 */

/** The 16 bytes of a UUID, as they are written. @throws TypeError for what is none */
export function uuidBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text.replaceAll("-", ""), "hex"));
  if (bytes.length !== 16) throw new TypeError(`${text} is not a UUID`);
  return bytes;
}

/** 16 bytes as a UUID in lower-case text. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
