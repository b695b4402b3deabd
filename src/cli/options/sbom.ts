/**
 * The options of `sbom`, apart from what it does: reading a command line loads no command.
 */
import { type Command, InvalidArgumentError, Option } from "commander";

/** The documents that `sbom` writes, by the ending of their file. */
export const sbomFormats = { spdx: ".spdx.json", cyclonedx: ".cdx.json", provenance: ".provenance.json" } as const;

/** The ending of a provenance that is signed: a line of DSSE. */
export const SEALED_ENDING = ".intoto.jsonl";

/** One of them. */
export type SbomFormat = keyof typeof sbomFormats;

/** Their names. */
export const sbomFormatNames = Object.keys(sbomFormats) as readonly SbomFormat[];

/** The command's own options as they come. */
export interface SbomFlags {
  readonly format?: readonly SbomFormat[];
  readonly print?: SbomFormat;
  readonly key?: string;
  readonly signer?: string;
  readonly certificate?: string;
  readonly builder?: string;
}

/** Adds the command's own options. */
export function sbomOptions(command: Command): Command {
  const known = sbomFormatNames.join(", ");
  const parse = (value: string): SbomFormat => {
    const format = sbomFormatNames.find((one) => one === value);
    if (format === undefined) throw new InvalidArgumentError(`one of ${known} was wanted`);
    return format;
  };
  return command
    .addOption(
      new Option("--format <name>", `only this document: ${known} (repeatable)`).argParser(
        (value: string, before: readonly SbomFormat[] = []) => [...before, parse(value)],
      ),
    )
    .addOption(new Option("--print <name>", "print one document instead of writing files").argParser(parse))
    .addOption(new Option("--key <file>", "sign the provenance with this private RSA key, PEM"))
    .addOption(
      new Option("--signer <command>", "or with a command that gets the sha256 digest on stdin").conflicts("key"),
    )
    .addOption(new Option("--certificate <file>", "the certificate of the key, PEM or DER"))
    .addOption(new Option("--builder <uri>", "who vouches for the build (default: this program)"));
}
