/**
 * ACPI tables as firmware measures them: the script that installs them, then each file that it loads, in its order.
 */

import { ACPI_SCRIPT, loadedAcpiFiles, USUAL_ACPI_FILES } from "./acpi-loader.js";
import { incomplete } from "./environment.js";
import { eventOf, type MeasuredEvent } from "./event.js";

/**
 * The events of fw_cfg's ACPI files.
 *
 * @param files by their names in fw_cfg: bytes, or SHA-384 digests
 * @throws AssembleError `measure/environment-incomplete`, `measure/environment-invalid`
 */
export function acpiEvents(files: ReadonlyMap<string, Uint8Array | string>): MeasuredEvent[] {
  const script = fileOf(files, ACPI_SCRIPT);
  if (typeof script === "string") refuseOthers(files);
  return [ACPI_SCRIPT, ...loadedAcpiFiles(script)].map((name) => {
    const type = "EV_PLATFORM_CONFIG_FLAGS";
    const file = fileOf(files, name);
    if (typeof file === "string")
      return { type, what: `ACPI: ${name}, of which the digest is stated`, digests: { sha256: "", sha384: file } };
    return eventOf(type, `ACPI: ${name}, ${file.length} bytes`, file);
  });
}

/** Of a script whose digest alone is known nobody can tell what it loads, but for the two files that every machine has. */
function refuseOthers(files: ReadonlyMap<string, Uint8Array | string>): void {
  const known = [ACPI_SCRIPT, ...USUAL_ACPI_FILES];
  const other = [...files.keys()].find((name) => name.startsWith("etc/") && !known.includes(name));
  if (other === undefined) return;
  throw incomplete(`only the digest of ${ACPI_SCRIPT} is there, which does not tell when ${other} is loaded`, {
    wanted: "its bytes",
    hint: `copy /sys/firmware/qemu_fw_cfg/by_name/${ACPI_SCRIPT}/raw in a guest of the same environment`,
  });
}

function fileOf(files: ReadonlyMap<string, Uint8Array | string>, name: string): Uint8Array | string {
  const file = files.get(name);
  if (file !== undefined) return file;
  throw incomplete(`the ACPI file ${name} of fw_cfg is not there`, {
    wanted: "each that firmware loads",
    hint: `copy /sys/firmware/qemu_fw_cfg/by_name/${name}/raw in a guest of the same environment (modprobe qemu_fw_cfg)`,
  });
}
