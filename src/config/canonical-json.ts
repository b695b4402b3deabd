/**
 * Canonical JSON: one text for one value. Keys in the order of their UTF-8 bytes, no white space, strings as
 * `JSON.stringify` writes them, integers only (RFC 8785's form for what recipes, locks and manifests hold; it differs
 * only for keys with characters beyond the BMP).
 */

import { compareText } from "../bytes/order.js";

/** The canonical text. Keys whose value is undefined are left out; a fraction, a function or NaN is the caller's bug. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new TypeError(`${value} is not a safe integer`);
    return String(value === 0 ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => compareText(a, b));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
  }
  throw new TypeError(`JSON holds no ${typeof value}`);
}
