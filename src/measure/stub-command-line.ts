/**
 * The command line as systemd-stub hands it to the kernel, and load options as the stub measures them (systemd-stub(7);
 * observed in the event logs of booted images).
 */

import { utf16 } from "./event.js";

/** What the kernel gets: leading white space skipped, control characters made blanks, trailing white space cut. */
export function mangleCommandLine(text: string): string {
  // The stub's idea of white space and control characters: everything up to and including the blank
  let start = 0;
  while (start < text.length && text.charCodeAt(start) <= 0x20) start++;
  let end = text.length;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  let mangled = "";
  for (const char of text.slice(start, end)) mangled += char < " " ? " " : char;
  return mangled;
}

/** Load options: UTF-16LE with a closing NUL. */
export function loadOptions(text: string): Uint8Array {
  return utf16(`${text}\0`);
}
