/**
 * Short (8.3) names: the basis name and the numeric tail of Microsoft's specification ("The Basis-Name Generation
 * Algorithm"), with `_` for every character outside of ASCII, so that no code page matters.
 */

import { AssembleError } from "../../errors/assemble-error.js";

/** Characters that only long names can have. */
const LONG_ONLY = /[+,;=[\]]/;
const FORBIDDEN = /[\x00-\x1f\x7f"*/:<>?\\|]/;
const PLAIN = /^[A-Z0-9!#$%&'()@^_`{}~-]{1,8}(?:\.[A-Z0-9!#$%&'()@^_`{}~-]{1,3})?$/;
const LONG_UNITS_MAX = 255;

/** Refuses what FAT cannot have as a long name. @throws AssembleError `fat/name-invalid` */
export function checkLongName(name: string, path: string): void {
  const refuse = (is: string): AssembleError =>
    new AssembleError("fat/name-invalid", `Cannot put ${path} into a FAT file system: its name ${is}`);
  if (name === "" || name === "." || name === "..") throw refuse(`is ${JSON.stringify(name)}, another was wanted`);
  if (FORBIDDEN.test(name)) throw refuse('has a character that FAT does not allow (one of "*/:<>?\\| or a control)');
  if (/[. ]$/.test(name)) throw refuse("ends with a dot or blank, which FAT drops");
  if (name.length > LONG_UNITS_MAX)
    throw refuse(`has ${name.length} UTF-16 units, at most ${LONG_UNITS_MAX} were wanted`);
  if (/\p{Surrogate}/u.test(name)) throw refuse("is not well-formed Unicode");
}

/** Whether the short name alone says everything: an upper-case 8.3 name. */
export function isShortName(name: string): boolean {
  return PLAIN.test(name);
}

/**
 * A short name as its 11 bytes' text (`BOOTX64 EFI`), other than those in `taken`, to which it is added.
 *
 * @throws AssembleError `fat/directory-full` when a million names are alike
 */
export function shortNameFor(name: string, taken: Set<string>): string {
  const { base, extension, lossy } = basisOf(name);
  const plain = padName(base.slice(0, 8), extension);
  if (!lossy && base.length <= 8 && !taken.has(plain)) {
    taken.add(plain);
    return plain;
  }
  for (let number = 1; number < 1_000_000; number++) {
    const tail = `~${number}`;
    const candidate = padName(base.slice(0, 8 - tail.length) + tail, extension);
    if (taken.has(candidate)) continue;
    taken.add(candidate);
    return candidate;
  }
  throw new AssembleError(
    "fat/directory-full",
    `Cannot put ${name} into a FAT file system: a million names like it are in its directory`,
  );
}

function basisOf(name: string): { readonly base: string; readonly extension: string; readonly lossy: boolean } {
  let lossy = false;
  const convert = (text: string): string =>
    [...text.toUpperCase()]
      .map((character) => {
        if (!LONG_ONLY.test(character) && /^[\x21-\x7e]$/.test(character)) return character;
        lossy = true;
        return "_";
      })
      .join("");
  const bare = name.replace(/ /g, "").replace(/^\.+/, "");
  if (bare !== name) lossy = true;
  const dot = bare.lastIndexOf(".");
  const stem = dot > 0 ? bare.slice(0, dot) : bare;
  const dotless = stem.replaceAll(".", "");
  const ending = dot > 0 ? bare.slice(dot + 1) : "";
  if (dotless !== stem || ending.length > 3) lossy = true;
  const base = convert(dotless);
  return { base: base === "" ? "_" : base, extension: convert(ending).slice(0, 3), lossy: lossy || base === "" };
}

function padName(base: string, extension: string): string {
  return base.padEnd(8) + extension.padEnd(3);
}

/** A volume label as its 11 bytes' text. @throws AssembleError `fat/label-invalid` */
export function paddedLabel(label: string): string {
  if (!/^[A-Z0-9!#$%&'()@^_`{}~ -]{1,11}$/.test(label) || label.startsWith(" "))
    throw new AssembleError(
      "fat/label-invalid",
      `Cannot label a FAT file system ${JSON.stringify(label)}: 1 to 11 upper-case letters, digits or blanks were wanted`,
    );
  return label.padEnd(11);
}
