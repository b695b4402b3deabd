/**
 * `.sbat`: the revocation level of every component of a UKI (shim, SBAT.md). A UKI carries the lines of its stub and of
 * its kernel, and its own.
 *
 * Checked by: byte comparison with systemd's ukify.
 */

import { fromByteString, toByteString } from "../bytes/content.js";

const HEADER = "sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md";

/** The UKI's own line where the recipe states none. */
export const SBAT_UKI = "uki,1,UKI,uki,1,https://uapi-group.org/specifications/specs/unified_kernel_image/";

/**
 * Merges `.sbat` sections (with or without NUL padding) and further component lines into one section. A section that
 * does not start with an SBAT header is no SBAT and left out.
 */
export function mergeSbat(sections: readonly Uint8Array[], lines: readonly string[]): Uint8Array {
  const merged: string[] = [];
  for (const section of sections) {
    const text = toByteString(section).replace(/\0+$/, "");
    if (text.startsWith("sbat,")) merged.push(...text.replace(/\n$/, "").split("\n").slice(1));
  }
  merged.push(...lines.filter((line) => !line.startsWith("sbat,")));
  return fromByteString(`${HEADER}\n${merged.join("\n")}\n\0`);
}
