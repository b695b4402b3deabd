/**
 * The options of `measure`, apart from what it does: reading a command line loads no command.
 */
import { type Command, Option } from "commander";
import { bootPaths, mrtdOrders, platforms } from "../../measure/profile.js";
import { shapes } from "../../measure/shapes.js";

/** The command's own options. */
export interface MeasureCommandOptions {
  readonly platform?: string;
  readonly boot?: string;
  readonly secureBoot?: boolean;
  readonly enrolled?: string;
  readonly firmware?: string;
  readonly mrtd?: string;
  readonly eventLog?: string;
  readonly append?: string;
  readonly shape?: string;
  readonly allow?: readonly string[];
  readonly schema?: boolean;
}

/** Adds the command's own options. */
export function measureOptions(command: Command): Command {
  const gather = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  return command
    .addOption(new Option("--platform <name>", `${platforms.join(", ")} (default: qemu-tdx)`))
    .addOption(new Option("--boot <path>", `${bootPaths.join(", ")} (default: what the artifact says)`))
    .addOption(new Option("--secure-boot", "Secure Boot is on"))
    .addOption(new Option("--enrolled <dir>", "PK.esl, KEK.esl, db.esl that the firmware has: PCR 7 follows from them"))
    .addOption(new Option("--firmware <file>", "a whole OVMF file with TDX metadata: MRTD follows from it"))
    .addOption(new Option("--mrtd <order>", `how the hypervisor measures it: ${mrtdOrders.join(", ")}`))
    .addOption(new Option("--event-log <file>", "take RTMR0 from this log of the same environment"))
    .addOption(new Option("--append <text>", "load options that the host hands over"))
    .addOption(new Option("--shape <name>", `${shapes.join(", ")} (default: a table, with --json own)`))
    .addOption(new Option("--schema", "print the JSON Schema of the shape instead"))
    .addOption(new Option("--allow <word>", "let pass: cmdline-unmeasured (repeatable)").argParser(gather));
}
