/**
 * Font files as the X server's index has them: the name of a bitmap font (Bitmap Distribution Format 2.1; the Portable Compiled Format,
 * as X.Org's libXfont documents it), and whether a file is a scalable one.
 */
import { gunzipSync } from "node:zlib";
import { toByteString } from "../../../bytes/content.js";
import { readString } from "../elf.js";

/** What a file is: a bitmap font with its name, one of a kind that is not read, or nothing that has bitmaps. */
export type FontFile = { readonly kind: "bitmap"; readonly name: string } | { readonly kind: "unknown" | "none" };

const MAX_FONT_BYTES = 64 << 20;
const PCF_PROPERTIES = 1;
const PCF_BIG_ENDIAN = 4;
const NONE: FontFile = { kind: "none" };
const UNKNOWN: FontFile = { kind: "unknown" };

/** Looks at a file's content. */
export function identifyFont(bytes: Uint8Array): FontFile {
  const start = toByteString(bytes.subarray(0, 16));
  if (start.startsWith("\x1f\x8b")) {
    const plain = gunzip(bytes);
    return plain === undefined ? NONE : identifyPlain(plain);
  }
  if (/^(?:\x1f\x9d|BZh)/.test(start)) return UNKNOWN;
  return identifyPlain(bytes);
}

function gunzip(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_FONT_BYTES });
  } catch {
    return undefined;
  }
}

function identifyPlain(bytes: Uint8Array): FontFile {
  const start = toByteString(bytes.subarray(0, 16));
  if (start.startsWith("\x01fcp")) return named(readPcfName(bytes));
  if (start.startsWith("STARTFONT")) return named(readBdfName(toByteString(bytes)));
  // TrueType and OpenType can have bitmaps only; Windows' fonts have.
  if (/^(?:\0\x01\0\0|true|ttcf|OTTO)/.test(start)) return hasOutlines(bytes) ? NONE : UNKNOWN;
  return /^(?:MZ|\0[\x02\x03]|PFR|wOF)/.test(start) ? UNKNOWN : NONE;
}

function named(name: string | undefined): FontFile {
  return name === undefined ? UNKNOWN : { kind: "bitmap", name };
}

function readBdfName(text: string): string | undefined {
  const name = /^[ \t]*FONT[ \t]+(.*?)[ \t\r]*$/m.exec(text)?.[1];
  // What has no characters is no font to the program.
  return /^ENDFONT/m.test(text) ? name : undefined;
}

/** The property FONT of the first table of properties. */
function readPcfName(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const count = view.getUint32(4, true);
    for (let i = 0; i < count; i++) {
      const entry = 8 + 16 * i;
      if (view.getUint32(entry, true) !== PCF_PROPERTIES) continue;
      const table = view.getUint32(entry + 12, true);
      const little = (view.getUint32(table, true) & PCF_BIG_ENDIAN) === 0;
      const properties = view.getUint32(table + 4, little);
      const first = table + 8;
      const strings = first + 4 * Math.ceil((9 * properties) / 4) + 4;
      for (let at = first; at < first + 9 * properties; at += 9) {
        if (readString(bytes, strings + view.getUint32(at, little)) !== "FONT" || view.getUint8(at + 4) === 0) continue;
        return readString(bytes, strings + view.getUint32(at + 5, little));
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether a table directory has outlines. */
function hasOutlines(bytes: Uint8Array): boolean {
  const tables = toByteString(bytes.subarray(12, 12 + 16 * 64));
  return /glyf|CFF |CFF2|ttcf/.test(toByteString(bytes.subarray(0, 4)) + tables);
}
