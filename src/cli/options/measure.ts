/**
 * The options of `measure`, apart from what it does: reading a command line loads no command.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { edk2Releases } from "../../measure/environment.js";
import { bootPaths, mrtdOrders, platforms } from "../../measure/profile.js";
import { shapes } from "../../measure/shapes.js";
import { parseMemory } from "./parse-memory.js";

/** The command's own options. */
export interface MeasureCommandOptions {
  readonly platform?: string;
  readonly boot?: string;
  readonly secureBoot?: boolean;
  readonly enrolled?: string;
  readonly firmware?: string;
  readonly mrtd?: string;
  readonly eventLog?: string;
  readonly memory?: number;
  readonly acpi?: string;
  readonly edk2?: string;
  readonly bootVariables?: string;
  readonly smbios?: string;
  readonly furtherDisks?: number;
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
    .addOption(
      new Option(
        "--memory <size>",
        "all memory of the TD, such as 4GiB: with --firmware and --acpi RTMR0 follows",
      ).argParser(parseMemory),
    )
    .addOption(
      new Option("--acpi <dir>", "fw_cfg's etc/table-loader, etc/acpi/rsdp, etc/acpi/tables, as a guest has them"),
    )
    .addOption(
      new Option(
        "--edk2 <release>",
        `what the firmware was built of, where its file does not tell: ${edk2Releases.join(", ")}`,
      ),
    )
    .addOption(
      new Option("--boot-variables <dir>", "BootOrder and Boot####, as a guest has them: for boots from a disk"),
    )
    .addOption(new Option("--smbios <file>", "a guest's /sys/firmware/dmi/tables/DMI: for edk2 2026.08"))
    .addOption(new Option("--further-disks <count>", "disks beside the first, on Google Cloud").argParser(parseCount))
    .addOption(new Option("--append <text>", "load options that the host hands over"))
    .addOption(new Option("--shape <name>", `${shapes.join(", ")} (default: a table, with --json own)`))
    .addOption(new Option("--schema", "print the JSON Schema of the shape instead"))
    .addOption(new Option("--allow <word>", "let pass: cmdline-unmeasured (repeatable)").argParser(gather));
}

function parseCount(text: string): number {
  if (!/^[0-9]{1,3}$/.test(text)) throw new InvalidArgumentError("a number was wanted");
  return Number(text);
}
