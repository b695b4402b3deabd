/**
 * `echo`: dash resolves escapes, bash does so with -e.
 */
import type { Shell } from "../shell.js";
import { unescapeEcho } from "./escapes.js";

/** `echo [-n] [word…]` */
export function echoBuiltin(shell: Shell, args: readonly string[]): number {
  let newline = true;
  let escapes = shell.dialect === "dash";
  let at = 1;
  const flags = shell.dialect === "bash" ? /^-[neE]+$/ : /^-n$/;
  while (flags.test(args[at] ?? "")) {
    for (const letter of args[at]!.slice(1)) {
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    }
    at++;
    if (shell.dialect === "dash") break;
  }
  const text = args.slice(at).join(" ");
  const result = escapes ? unescapeEcho(text, shell.dialect) : { text, stop: false };
  shell.process.stdout.write(result.text + (newline && !result.stop ? "\n" : ""));
  return 0;
}
