/** echo(1) of coreutils 9.7 (the program, not the shell's builtin). */
import type { Command } from "../process.js";
import { expandEscapes } from "./escapes.js";

export const echo: Command = (process, args) => {
  let at = 1;
  let newline = true;
  let escapes = false;
  for (; at < args.length && /^-[neE]+$/.test(args[at]!); at++) {
    for (const letter of args[at]!.slice(1)) {
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    }
  }
  const text = args.slice(at).join(" ");
  if (!escapes) {
    process.stdout.write(text + (newline ? "\n" : ""));
    return 0;
  }
  const { bytes, stopped } = expandEscapes(text, "echo");
  process.stdout.write(bytes + (newline && !stopped ? "\n" : ""));
  return 0;
};
