/**
 * The kernel command line: words joined by single blanks, in UTF-8.
 */

import { AssembleError } from "../errors/assemble-error.js";

/** COMMAND_LINE_SIZE of x86 (arch/x86/include/asm/setup.h) without its NUL: the kernel cuts off what is longer. */
export const COMMAND_LINE_BYTES_MAX = 2047;

/**
 * Joins the words of a command line and checks the result.
 *
 * @throws AssembleError `uki/command-line-too-long`, `uki/command-line-invalid`
 */
export function joinCommandLine(words: readonly string[]): string {
  const commandLine = words
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .join(" ");
  checkCommandLine(commandLine);
  return commandLine;
}

/**
 * Refuses a command line that a kernel would not see as it was written: the stub turns control characters into blanks,
 * the kernel cuts off what is too long.
 *
 * @throws AssembleError `uki/command-line-too-long`, `uki/command-line-invalid`
 */
export function checkCommandLine(commandLine: string): void {
  const control = /[\x00-\x1f\x7f]/.exec(commandLine);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(2, "0");
    throw new AssembleError(
      "uki/command-line-invalid",
      `Cannot use the kernel command line: it has the control character 0x${code} at ${control.index}, printable text was wanted`,
    );
  }
  const size = Buffer.byteLength(commandLine, "utf8");
  if (size > COMMAND_LINE_BYTES_MAX)
    throw new AssembleError(
      "uki/command-line-too-long",
      `Cannot use the kernel command line: it is ${size} bytes, at most ${COMMAND_LINE_BYTES_MAX} were wanted`,
      { hint: "kernels for x86 cut off the rest without a word; move settings into a file of the image" },
    );
}
