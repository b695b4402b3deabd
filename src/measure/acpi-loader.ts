/**
 * The script by which QEMU has firmware install ACPI tables (fw_cfg file `etc/table-loader`): commands of 128 bytes. Firmware measures the
 * script, then each file that a command has it load, before it changes anything in them.
 *
 * Read: which files are loaded, in order. Checked by: event logs of booted machines (test/nightly/environment-boot.test.ts).
 */

import { at, layout, raw, u32 } from "../bytes/layout.js";
import { AssembleError } from "../errors/assemble-error.js";

/** Its name in fw_cfg. */
export const ACPI_SCRIPT = "etc/table-loader";
/** What it loads on a machine without TPM and the like, in its order. */
export const USUAL_ACPI_FILES: readonly string[] = ["etc/acpi/rsdp", "etc/acpi/tables"];

/** A command: number, then what it needs; for `allocate` the name of a file with its NUL. */
const LoaderCommand = layout("LoaderCommand", 128, "little", {
  command: at(0, u32),
  file: at(4, raw(56)),
  rest: at(60, raw(68)),
});

/** Unused space behind the last command. */
const NONE = 0;
const ALLOCATE = 1;
/** Pointers, checksums, and pointers that are written back. */
const OTHERS: readonly number[] = [2, 3, 4];
const SCRIPT_BYTES_MAX = 1 << 20;

/**
 * The fw_cfg names of the files that a script loads, in its order: the usual ones where its bytes are not there.
 *
 * @param script its bytes, or its digest
 * @throws AssembleError `measure/environment-invalid`
 */
export function loadedAcpiFiles(script: Uint8Array | string | undefined): readonly string[] {
  return script === undefined || typeof script === "string" ? USUAL_ACPI_FILES : readAcpiLoader(script);
}

function readAcpiLoader(script: Uint8Array): string[] {
  if (script.length === 0 || script.length > SCRIPT_BYTES_MAX || script.length % LoaderCommand.size !== 0)
    throw invalid(`it has ${script.length} bytes`);
  const names: string[] = [];
  for (let start = 0; start < script.length; start += LoaderCommand.size) {
    const { command, file } = LoaderCommand.decode(script, start);
    if (command !== NONE && command !== ALLOCATE && !OTHERS.includes(command))
      throw invalid(`it has a command ${command}`);
    if (command !== ALLOCATE) continue;
    const name = Buffer.from(file).toString("latin1").replace(/\0.*$/s, "");
    if (!/^[!-~]{1,55}$/.test(name)) throw invalid("it loads a file without a name");
    if (names.includes(name)) throw invalid(`it loads ${name} twice`);
    names.push(name);
  }
  if (names.length === 0) throw invalid("it loads no file");
  return names;
}

function invalid(is: string): AssembleError {
  return new AssembleError(
    "measure/environment-invalid",
    `Cannot read ${ACPI_SCRIPT}: ${is}, commands of QEMU's ACPI linker and loader were wanted`,
    { hint: `copy /sys/firmware/qemu_fw_cfg/by_name/${ACPI_SCRIPT}/raw in a guest of the same environment` },
  );
}
