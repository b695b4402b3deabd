/**
 * What a firmware file was built of, as far as RTMR0 depends on it: its release, and which drivers it has. They are in a volume that is packed
 * with LZMA.
 *
 * PI volume III §2.2.4 (GUID-defined sections); edk2 MdeModulePkg LzmaCustomDecompress.h. Volumes are searched for names of drivers, and not taken
 * apart. Checked by: Debian's OVMF of two releases, with Secure Boot and without (test/nightly/environment-boot.test.ts).
 */

import { guidBytes } from "../bytes/guid.js";
import { at, layout, raw, u8, u16 } from "../bytes/layout.js";
import { decodeLzmaAlone } from "../codec/xz/decode-lzma-alone.js";
import { AssembleError } from "../errors/assemble-error.js";

/** What a firmware file has. */
export interface FirmwareBuild {
  /** Release of edk2 that its version begins with, as Debian's and Ubuntu's do. */
  readonly edk2?: string | undefined;
  /** It measures the SMBIOS table. */
  readonly measuresSmbios: boolean;
  /** It can do Secure Boot. */
  readonly knowsSecureBoot: boolean;
}

/** PI volume III §2.2.4, EFI_GUID_DEFINED_SECTION. */
const GuidDefinedSection = layout("EfiGuidDefinedSection", 24, "little", {
  size: at(0, raw(3)),
  type: at(3, u8),
  definition: at(4, raw(16)),
  dataOffset: at(20, u16),
  attributes: at(22, u16),
});
const TYPE_GUID_DEFINED = 2;
/** Packed with LZMA. */
const LZMA = guidBytes("ee4e5898-3914-4259-9d6e-dc7bd79403cf");
/** SmbiosMeasurementDxe. */
const SMBIOS_DRIVER = guidBytes("d27fed59-abb4-4fed-bead-2a878c7e4a7e");
/** SecureBootConfigDxe. */
const SECURE_BOOT_DRIVER = guidBytes("f0e6a44f-7195-41c3-ac64-54f202cd0a21");
/** OVMF's have 12 to 16 MiB. */
const VOLUME_BYTES_MAX = 1 << 25;
/** The GUID stands also where it is compared with. */
const PLACES_MAX = 4;

/** Reads the build of a firmware file; undefined where it has no volume that can be unpacked. */
export function readFirmwareBuild(firmware: Uint8Array): FirmwareBuild | undefined {
  const file = Buffer.from(firmware.buffer, firmware.byteOffset, firmware.length);
  let place = file.indexOf(LZMA);
  for (let i = 0; place >= 0 && i < PLACES_MAX; i++) {
    const volume = unpack(firmware, place - GuidDefinedSection.offsetOf("definition"));
    if (volume !== undefined)
      return {
        edk2: releaseIn(volume),
        measuresSmbios: volume.indexOf(SMBIOS_DRIVER) >= 0,
        knowsSecureBoot: volume.indexOf(SECURE_BOOT_DRIVER) >= 0,
      };
    place = file.indexOf(LZMA, place + LZMA.length);
  }
  return undefined;
}

function unpack(firmware: Uint8Array, start: number): Buffer | undefined {
  if (start < 0) return undefined;
  try {
    const { size, type, dataOffset } = GuidDefinedSection.decode(firmware, start);
    const end = start + (size[0]! | (size[1]! << 8) | (size[2]! << 16));
    if (type !== TYPE_GUID_DEFINED || dataOffset < GuidDefinedSection.size || end > firmware.length) return undefined;
    return Buffer.from(decodeLzmaAlone(firmware.subarray(start + dataOffset, end), { maxBytes: VOLUME_BYTES_MAX }));
  } catch (error) {
    // Not a section, but the bytes of a driver
    if (error instanceof RangeError || (error instanceof AssembleError && error.code.startsWith("codec/")))
      return undefined;
    throw error;
  }
}

/** The version is a text in UTF-16: `2025.02-8+deb13u1`. */
function releaseIn(volume: Buffer): string | undefined {
  const texts = volume
    .toString("latin1")
    .matchAll(/(?<=\0\0)((?:[0-9]\0){4}\.\0(?:[0-9]\0){2})(?:[-+~]\0[!-~]\0|\0\0)/g);
  const releases = new Set([...texts].map(([, text]) => text!.replaceAll("\0", "")));
  return releases.size === 1 ? [...releases][0] : undefined;
}
