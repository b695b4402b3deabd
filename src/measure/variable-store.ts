/**
 * The variables that a firmware file brings along. A TD has no other ones: nothing is kept between boots, so its Secure Boot keys are these.
 *
 * PI volume III §3.2.1 (firmware volume); edk2 MdeModulePkg VariableFormat.h (VARIABLE_STORE_HEADER, AUTHENTICATED_VARIABLE_HEADER). Checked by:
 * OVMF boots with keys that test/fixtures/boot/secure-boot.ts writes in this form, and Debian's own firmware with keys.
 */

import { guidText } from "../bytes/guid.js";
import { ascii, at, layout, raw, u8, u16, u32 } from "../bytes/layout.js";
import { AssembleError } from "../errors/assemble-error.js";

/** PI volume III §3.2.1.1, EFI_FIRMWARE_VOLUME_HEADER without its map of blocks. */
export const FirmwareVolume = layout("EFI_FIRMWARE_VOLUME_HEADER", 56, "little", {
  zeroVector: at(0, raw(16)),
  fileSystemGuid: at(16, raw(16)),
  fvLength: at(32, raw(8)),
  signature: at(40, ascii(4)),
  attributes: at(44, u32),
  headerLength: at(48, u16),
  rest: at(50, raw(6)),
});
/** VARIABLE_STORE_HEADER. */
export const VariableStore = layout("VARIABLE_STORE_HEADER", 28, "little", {
  signature: at(0, raw(16)),
  size: at(16, u32),
  format: at(20, u8),
  state: at(21, u8),
  reserved: at(22, raw(6)),
});
/** AUTHENTICATED_VARIABLE_HEADER. */
export const VariableHeader = layout("AUTHENTICATED_VARIABLE_HEADER", 60, "little", {
  startId: at(0, u16),
  state: at(2, u8),
  reserved: at(3, u8),
  attributes: at(4, u32),
  monotonicCount: at(8, raw(8)),
  timeStamp: at(16, raw(16)),
  pubKeyIndex: at(32, u32),
  nameSize: at(36, u32),
  dataSize: at(40, u32),
  vendor: at(44, raw(16)),
});

/** Variables with time stamps. */
const AUTHENTICATED = "aaf32c78-947b-439a-a180-2e144ec37792";
/** What a variable begins with. */
export const START_ID = 0x55aa;
/** A variable that was written whole; deleted ones have fewer bits. */
export const ADDED = 0x3f;
const ALIGNMENT = 4;

/**
 * Reads the variables of a configuration volume, by name.
 *
 * @throws AssembleError `measure/firmware-invalid`
 */
export function readVariableStore(volume: Uint8Array): ReadonlyMap<string, Uint8Array> {
  try {
    const { signature, headerLength } = FirmwareVolume.decode(volume);
    if (signature !== "_FVH") throw invalid("it is no firmware volume");
    const store = VariableStore.decode(volume, headerLength);
    if (guidText(store.signature) !== AUTHENTICATED) throw invalid("it is no store of authenticated variables");
    const end = headerLength + store.size;
    if (end > volume.length) throw invalid("it ends before its variables do");
    return readVariables(volume.subarray(0, end), headerLength + VariableStore.size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(error.message, error);
  }
}

function readVariables(store: Uint8Array, first: number): Map<string, Uint8Array> {
  const variables = new Map<string, Uint8Array>();
  for (let start = first; start + VariableHeader.size <= store.length; ) {
    const { startId, state, nameSize, dataSize } = VariableHeader.decode(store, start);
    if (startId !== START_ID) break;
    const nameAt = start + VariableHeader.size;
    const end = nameAt + nameSize + dataSize;
    if (end > store.length || nameSize < 2 || nameSize % 2 !== 0) throw invalid("a variable does not fit");
    const name = Buffer.from(store.subarray(nameAt, nameAt + nameSize - 2)).toString("utf16le");
    if (state === ADDED) {
      if (variables.has(name)) throw invalid(`it has the variable ${JSON.stringify(name)} twice`);
      variables.set(name, store.slice(nameAt + nameSize, end));
    }
    start = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  }
  return variables;
}

function invalid(is: string, cause?: unknown): AssembleError {
  return new AssembleError(
    "measure/firmware-invalid",
    `Cannot read the variables in the firmware's configuration volume: ${is}, OVMF's store was wanted`,
    { cause },
  );
}
