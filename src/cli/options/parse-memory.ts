/**
 * Sizes of memory on the command line.
 */
import { InvalidArgumentError } from "commander";

/** `2G`, `512M`, `4GiB`, in powers of 1024. */
export function parseMemory(text: string): number {
  const match = /^([0-9]{1,8})([MG])(?:iB)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("a size such as 2G, 512M or 4GiB was wanted");
  return Number(match[1]) * (match[2] === "G" ? 2 ** 30 : 2 ** 20);
}
