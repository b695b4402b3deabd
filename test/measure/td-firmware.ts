/** Firmware files of TDs made by code: sections as real ones have them, and OVMF's empty store of variables. */
import { at, layout, u32, u64 } from "#dist/bytes/layout.js";
import { encodeLzmaAlone } from "../fixtures/lzma/encode-lzma-alone.js";
import { setMetadataTable } from "./fixtures.js";

/** Memory address, size, type. */
export type FirmwareSection = readonly [address: number, size: number, type: number];

const CFV_BYTES = 0x84000;
/** Sections of Debian's OVMF.fd 2025.02 and of dstack's, in the order of the metadata. */
export const ovmfSections: readonly FirmwareSection[] = [
  [0xffc84000, 0x37c000, 0],
  [0xffc00000, CFV_BYTES, 1],
  [0x811000, 0xf000, 3],
  [0x80b000, 0x2000, 3],
  [0x809000, 0x2000, 2],
  [0x800000, 0x6000, 3],
];
/** Those of Debian's OVMF.inteltdx.ms.fd 2026.08 and of Ubuntu's ovmf 2024.02-3+tdx1.0. */
export const intelTdxSections = ovmfSections.with(2, [0x810000, 0x10000, 3]);
/** Those of Google Cloud's firmware, found by its published digests. */
export const gcpSections: readonly FirmwareSection[] = [
  [0xffe20000, 0x1e0000, 0],
  [0xffe00000, 0x20000, 1],
  ...intelTdxSections.slice(2),
];

const Section = layout("Section", 32, "little", {
  dataOffset: at(0, u32),
  rawDataSize: at(4, u32),
  memoryAddress: at(8, u64),
  memoryDataSize: at(16, u64),
  type: at(24, u32),
  attributes: at(28, u32),
});
const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

/** OVMF's configuration volume as it is built, with no variables: that of Debian's OVMF.fd. */
export function emptyVariables(): Uint8Array {
  const bytes = new Uint8Array(CFV_BYTES).fill(0xff);
  bytes.set(
    hex("000000000000000000000000000000008d2bf1ff96768b4ca9852747075b4f5000400800000000005f465648fffe04004800afb8"),
  );
  bytes.set(
    hex("0000000284000000001000000000000000000000782cf3aa7b949a43a1802e144ec37792b8ff03005afe000000000000"),
    52,
  );
  bytes.set(hex("2b29589e687c7d49a0ce6500fd9f1b952caf2c64feffffffe00f000000000000"), 0x41000);
  return bytes;
}

/** What the drivers of a firmware are. */
export interface Drivers {
  readonly version?: string;
  readonly smbios?: boolean;
  readonly secureBoot?: boolean;
}

/** A section with a volume of drivers that is packed with LZMA: of the volume only what readers look for. */
export function packedDrivers({ version, smbios = false, secureBoot = false }: Drivers): Uint8Array {
  const volume = Buffer.concat([
    Buffer.alloc(8),
    ...(version === undefined ? [] : [Buffer.from(`${version}\0`, "utf16le"), Buffer.alloc(4)]),
    ...(smbios ? [hex("59ed7fd2b4abed4fbead2a878c7e4a7e")] : []),
    ...(secureBoot ? [hex("4fa4e6f09571c341ac6454f202cd0a21")] : []),
  ]);
  const packed = encodeLzmaAlone(volume);
  const size = 24 + packed.length;
  const head = Buffer.concat([Buffer.alloc(4), hex("98584eee143959429d6edc7bd79403cf"), Buffer.from([24, 0, 1, 0])]);
  head.writeUIntLE(size, 0, 3);
  head[3] = 2;
  return new Uint8Array(Buffer.concat([head, packed]));
}

/** Its parts. */
export interface TdFirmwareParts {
  readonly sections?: readonly FirmwareSection[];
  /** The configuration volume: the beginning of the file. */
  readonly variables?: Uint8Array;
  readonly drivers?: Drivers;
}

/** A file of these parts. Nothing of it is in MRTD. */
export function makeTdFirmware({
  sections = ovmfSections,
  variables = emptyVariables(),
  drivers = { version: "2025.02-8+deb13u1" },
}: TdFirmwareParts = {}): Uint8Array {
  const metadata = variables.length;
  const bytes = new Uint8Array(metadata + 0x1000);
  const view = new DataView(bytes.buffer);
  bytes.set(variables);
  bytes.set(Buffer.from("TDVF"), metadata);
  view.setUint32(metadata + 8, 1, true);
  view.setUint32(metadata + 12, sections.length, true);
  for (const [i, [memoryAddress, memoryDataSize, type]] of sections.entries())
    Section.encodeInto(bytes, metadata + 16 + i * Section.size, {
      ...{ memoryAddress, memoryDataSize, type, dataOffset: 0, attributes: 0 },
      rawDataSize: type === 1 ? Math.min(variables.length, memoryDataSize) : 0,
    });
  bytes.set(packedDrivers(drivers), metadata + 0x200);
  setMetadataTable(view, metadata);
  return bytes;
}
