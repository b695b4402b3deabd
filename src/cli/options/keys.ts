/**
 * The options of `keys`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";

/** Adds the command's own options. */
export function keysGenerateOptions(command: Command): Command {
  return command
    .addOption(new Option("--bits <n>", "length of the RSA keys").choices(["2048", "3072"]).default("2048"))
    .addOption(new Option("--name <text>", "begin of the certificates' names").default("tdx-assemble"));
}
