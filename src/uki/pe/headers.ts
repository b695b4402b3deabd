/**
 * The on-disk structures of a PE32+ file: Microsoft PE/COFF specification, "MS-DOS stub", "COFF file header", "Optional
 * header (image only)", "Section table". Only what UEFI images for x86-64 use: no PE32, no COFF objects.
 *
 * Checked by: objdump -p -h, systemd's ukify.
 */

import { array, ascii, at, layout, raw, u8, u16, u32, u64flags, type Values } from "../../bytes/layout.js";

/** The MS-DOS header at the start of the file. */
export const DosHeader = layout("DosHeader", 64, "little", {
  eMagic: at(0, u16),
  eDosFields: at(2, raw(58)),
  eLfanew: at(60, u32),
});
export type DosHeader = Values<typeof DosHeader>;

/** "MZ". */
export const DOS_MAGIC = 0x5a4d;
/** "PE\0\0", before the COFF header. */
export const PE_SIGNATURE = 0x00004550;

/** COFF file header. */
export const CoffHeader = layout("CoffHeader", 24, "little", {
  signature: at(0, u32),
  machine: at(4, u16),
  numberOfSections: at(6, u16),
  timeDateStamp: at(8, u32),
  pointerToSymbolTable: at(12, u32),
  numberOfSymbols: at(16, u32),
  sizeOfOptionalHeader: at(20, u16),
  characteristics: at(22, u16),
});
export type CoffHeader = Values<typeof CoffHeader>;

/** IMAGE_FILE_MACHINE_AMD64. */
export const MACHINE_AMD64 = 0x8664;
/** Bytes of one COFF symbol. */
export const SYMBOL_BYTES = 18;

/** Optional header, PE32+ form, without the data directories that follow it. */
export const OptionalHeader = layout("OptionalHeader", 112, "little", {
  magic: at(0, u16),
  majorLinkerVersion: at(2, u8),
  minorLinkerVersion: at(3, u8),
  sizeOfCode: at(4, u32),
  sizeOfInitializedData: at(8, u32),
  sizeOfUninitializedData: at(12, u32),
  addressOfEntryPoint: at(16, u32),
  baseOfCode: at(20, u32),
  imageBase: at(24, u64flags),
  sectionAlignment: at(32, u32),
  fileAlignment: at(36, u32),
  majorOperatingSystemVersion: at(40, u16),
  minorOperatingSystemVersion: at(42, u16),
  majorImageVersion: at(44, u16),
  minorImageVersion: at(46, u16),
  majorSubsystemVersion: at(48, u16),
  minorSubsystemVersion: at(50, u16),
  win32VersionValue: at(52, u32),
  sizeOfImage: at(56, u32),
  sizeOfHeaders: at(60, u32),
  checkSum: at(64, u32),
  subsystem: at(68, u16),
  dllCharacteristics: at(70, u16),
  stackAndHeapSizes: at(72, array(4, u64flags)),
  loaderFlags: at(104, u32),
  numberOfRvaAndSizes: at(108, u32),
});
export type OptionalHeader = Values<typeof OptionalHeader>;

/** PE32+. */
export const OPTIONAL_MAGIC_PE32_PLUS = 0x20b;
/** IMAGE_DLLCHARACTERISTICS_NX_COMPAT. */
export const DLL_NX_COMPAT = 0x0100;

/** One entry of the data directories. For the certificate table the address is a file offset. */
export const DataDirectory = layout("DataDirectory", 8, "little", {
  virtualAddress: at(0, u32),
  size: at(4, u32),
});
export type DataDirectory = Values<typeof DataDirectory>;

/** Index of the attribute certificate table: where Authenticode signatures are. */
export const DIRECTORY_CERTIFICATES = 4;
/** The most directories that PE32+ knows. */
export const DIRECTORY_COUNT_MAX = 16;

/** Section header. */
export const SectionHeader = layout("SectionHeader", 40, "little", {
  name: at(0, ascii(8)),
  virtualSize: at(8, u32),
  virtualAddress: at(12, u32),
  sizeOfRawData: at(16, u32),
  pointerToRawData: at(20, u32),
  pointerToRelocations: at(24, u32),
  pointerToLinenumbers: at(28, u32),
  numberOfRelocations: at(32, u16),
  numberOfLinenumbers: at(34, u16),
  characteristics: at(36, u32),
});
export type SectionHeader = Values<typeof SectionHeader>;

/** IMAGE_SCN_CNT_CODE. */
export const SECTION_CODE = 0x00000020;
/** IMAGE_SCN_CNT_INITIALIZED_DATA. */
export const SECTION_INITIALIZED_DATA = 0x00000040;
/** IMAGE_SCN_MEM_READ. */
export const SECTION_READ = 0x40000000;
