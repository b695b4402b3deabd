/** Firmware and event logs made by code. */

/** A firmware file with TDX metadata: two pages that are measured and one that is only added. */
export function makeFirmware(patch: (view: DataView, metadata: number) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(0x4000);
  for (let i = 0; i < 0x2000; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff;
  const view = new DataView(bytes.buffer);
  const metadata = 0x3000;
  bytes.set(Buffer.from("TDVF"), metadata);
  for (const [offset, value] of [
    [4, 80],
    [8, 1],
    [12, 2],
  ] as const)
    view.setUint32(metadata + offset, value, true);
  const section = (i: number, [data, raw, address, size, type, attributes]: readonly number[]) => {
    const at = metadata + 16 + i * 32;
    view.setUint32(at, data!, true);
    view.setUint32(at + 4, raw!, true);
    view.setBigUint64(at + 8, BigInt(address!), true);
    view.setBigUint64(at + 16, BigInt(size!), true);
    view.setUint32(at + 24, type!, true);
    view.setUint32(at + 28, attributes!, true);
  };
  section(0, [0, 0x2000, 0xffffe000, 0x2000, 0, 1]);
  section(1, [0, 0, 0x800000, 0x1000, 3, 0]);
  setMetadataTable(view, metadata);
  patch(view, metadata);
  return bytes;
}

/** OVMF's table of GUIDs at a firmware's end: its footer, and before it the entry that says where the metadata is. */
export function setMetadataTable(view: DataView, metadata: number): void {
  const end = view.byteLength - 32;
  // As they are stored, so that they do not depend on how readers turn them
  const setStored = (place: number, guid: string) =>
    Buffer.from(guid, "hex").forEach((byte, i) => {
      view.setUint8(place + i, byte);
    });
  setStored(end - 16, "de82b596b21ff745baeaa366c55a082d");
  view.setUint16(end - 18, 18 + 22, true);
  setStored(end - 34, "35657ae44a989847865e4685a7bf8ec2");
  view.setUint16(end - 36, 22, true);
  view.setUint32(end - 40, view.byteLength - metadata, true);
}

/** An event of a log. */
export interface RawEvent {
  readonly index: number;
  readonly type: number;
  readonly digests: Readonly<Record<number, string>>;
  readonly data?: string;
}

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u16 = (value: number) => u32(value).subarray(0, 2);

/** A crypto-agile log with the algorithms (number to size of a digest). */
export function makeAgileLog(algorithms: Readonly<Record<number, number>>, events: readonly RawEvent[]): Uint8Array {
  const sizes = Object.entries(algorithms).map(([id, size]) => Buffer.concat([u16(Number(id)), u16(size)]));
  const spec = Buffer.concat([
    Buffer.from("Spec ID Event03\0"),
    ...[u32(0), u32(0x00020002), u32(sizes.length), ...sizes],
    Buffer.alloc(1),
  ]);
  return new Uint8Array(
    Buffer.concat([
      ...[u32(0), u32(3), Buffer.alloc(20), u32(spec.length), spec],
      ...events.map(({ index, type, digests, data = "" }) =>
        Buffer.concat([
          ...[u32(index), u32(type), u32(Object.keys(digests).length)],
          ...Object.entries(digests).map(([id, hex]) => Buffer.concat([u16(Number(id)), Buffer.from(hex, "hex")])),
          ...[u32(data.length), Buffer.from(data, "latin1")],
        ]),
      ),
    ]),
  );
}

/** A log with SHA-1 alone. */
export function makeLegacyLog(events: readonly (Omit<RawEvent, "digests"> & { sha1: string })[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      events.map(({ index, type, sha1, data = "" }) =>
        Buffer.concat([u32(index), u32(type), Buffer.from(sha1, "hex"), u32(data.length), Buffer.from(data, "latin1")]),
      ),
    ),
  );
}
