/**
 * The machine around a TD out of files: what a guest of the same environment shows in /sys, copied as it is or file by file.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { AssembleError } from "../errors/assemble-error.js";
import { ACPI_SCRIPT, loadedAcpiFiles } from "../measure/acpi-loader.js";
import { incomplete, type MachineEnvironment } from "../measure/environment.js";
import type { CommandContext } from "./common-options.js";
import { readNamed } from "./named-file.js";
import type { MeasureCommandOptions } from "./options/measure.js";

const MISSING = "measure/file-missing";
const DEVICES = "bootorder";
const DIGEST = /^([0-9a-f]{96})(?:\s|$)/;
/** A variable in efivarfs: EFI_GLOBAL_VARIABLE behind its name, attributes before its value. */
const EFIVARFS_SUFFIX = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
const ATTRIBUTE_BYTES = 4;

/**
 * The machine that the options state; undefined where they state none.
 *
 * @throws AssembleError `measure/environment-incomplete`, `measure/environment-invalid`, `measure/file-missing`
 */
export function machineEnvironment(
  context: CommandContext,
  { memory, acpi, edk2, bootVariables, smbios, furtherDisks }: MeasureCommandOptions,
): MachineEnvironment | undefined {
  if ([memory, acpi, edk2, bootVariables, smbios, furtherDisks].every((option) => option === undefined))
    return undefined;
  if (memory === undefined || acpi === undefined)
    throw incomplete(`--${memory === undefined ? "memory" : "acpi"} is not there`, {
      wanted: "the machine's memory and its ACPI files",
      hint: "RTMR0 takes --firmware FILE --memory 4GiB --acpi DIR; or --event-log FILE",
    });
  return {
    ...{ memoryBytes: memory, edk2, furtherDisks },
    firmwareConfiguration: firmwareConfiguration(context, acpi),
    bootVariables: bootVariables === undefined ? undefined : variables(context, bootVariables),
    smbios: smbios === undefined ? undefined : readNamed(context, smbios, MISSING),
  };
}

/** Files of fw_cfg that are there; what is missing is told by who needs it. */
function firmwareConfiguration(context: CommandContext, directory: string): ReadonlyMap<string, Uint8Array | string> {
  if (!isDirectory(context.path(directory))) throw noDirectory(directory);
  const files = new Map<string, Uint8Array | string>();
  const take = (name: string) => {
    const file = configurationFile(context, { directory, name });
    if (file !== undefined) files.set(name, file);
    return file;
  };
  for (const name of loadedAcpiFiles(take(ACPI_SCRIPT))) take(name);
  take(DEVICES);
  return files;
}

/** As /sys/firmware/qemu_fw_cfg/by_name has it, without its last part, by its last name alone, or its digest. */
function configurationFile(
  context: CommandContext,
  { directory, name }: { readonly directory: string; readonly name: string },
): Uint8Array | string | undefined {
  const found = [join(name, "raw"), name, basename(name)].find((place) => isFile(context.path(join(directory, place))));
  if (found !== undefined) return readNamed(context, join(directory, found), MISSING);
  const digest = join(directory, `${basename(name)}.sha384`);
  if (!isFile(context.path(digest))) return undefined;
  const text = new TextDecoder().decode(readNamed(context, digest, MISSING));
  const stated = DIGEST.exec(text)?.[1];
  if (stated !== undefined) return stated;
  throw new AssembleError(
    "measure/environment-invalid",
    `Cannot read the digest in ${digest}: it is ${JSON.stringify(text.slice(0, 20))}, 96 hex digits were wanted`,
    { hint: "sha384sum writes such files" },
  );
}

/** `BootOrder` and `Boot####`: files of efivarfs, or values alone. */
function variables(context: CommandContext, directory: string): ReadonlyMap<string, Uint8Array> {
  const path = context.path(directory);
  if (!isDirectory(path)) throw noDirectory(directory);
  const found = new Map<string, Uint8Array>();
  for (const name of readdirSync(path).sort()) {
    const match = /^(BootOrder|Boot[0-9A-F]{4})(-.*)?$/.exec(name);
    if (match === null || (match[2] !== undefined && match[2] !== EFIVARFS_SUFFIX)) continue;
    const bytes = readNamed(context, join(directory, name), MISSING);
    found.set(match[1]!, match[2] === undefined ? bytes : bytes.subarray(ATTRIBUTE_BYTES));
  }
  return found;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function noDirectory(name: string): AssembleError {
  return new AssembleError(MISSING, `Cannot read ${name}: it is no directory, one with the machine's files was wanted`);
}
