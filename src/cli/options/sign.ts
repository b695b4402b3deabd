/**
 * The options of `sign`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function signOptions(command: Command): Command {
  return command
    .addOption(new Option("--key <file>", "the private RSA key, PEM"))
    .addOption(new Option("--certificate <file>", "its certificate, PEM or DER"))
    .addOption(new Option("--attach <file>", "put this detached signature in, instead of making one").conflicts("key"))
    .addOption(new Option("--to <file>", "the signed file (default: ARTIFACT with .signed.efi)"));
}

/** The command's own options as they come. */
export interface SignFlags {
  readonly key?: string;
  readonly certificate?: string;
  readonly attach?: string;
  readonly to?: string;
}
