/**
 * The options of `sbom`, apart from what it does: reading a command line loads no command.
 */
import { type Command, InvalidArgumentError, Option } from "commander";

/** The documents that `sbom` writes, by the ending of their file. */
export const sbomFormats = { spdx: ".spdx.json", cyclonedx: ".cdx.json" } as const;

/** One of them. */
export type SbomFormat = keyof typeof sbomFormats;

/** Their names. */
export const sbomFormatNames = Object.keys(sbomFormats) as readonly SbomFormat[];

/** The command's own options as they come. */
export interface SbomFlags {
  readonly format?: readonly SbomFormat[];
  readonly print?: SbomFormat;
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
    .addOption(new Option("--print <name>", "print one document instead of writing files").argParser(parse));
}
