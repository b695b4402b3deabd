/**
 * The bytes of a GVariant (GVariant specification 1.0, chapter 3, "Serialisation Format"), little-endian, in normal form.
 */
import { align, type VariantType } from "./variant-type.js";

/** What a value holds: by its type a number, a text, the values of a container, or a value of any type. */
export type VariantData = bigint | number | boolean | string | Variant | readonly VariantData[] | undefined;

/** A value and its type. */
export interface Variant {
  readonly type: VariantType;
  readonly data: VariantData;
}

/** Serialises a value. */
export function serializeVariant({ type, data }: Variant): Buffer {
  if (typeof data === "bigint") {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, data));
    return bytes.subarray(0, type.size);
  }
  switch (type.code) {
    case "b":
      return Buffer.from([data === true ? 1 : 0]);
    case "d": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(data as number);
      return bytes;
    }
    case "v": {
      const inner = data as Variant;
      return Buffer.concat([serializeVariant(inner), Buffer.from(`\0${inner.type.text}`, "latin1")]);
    }
    case "m": {
      const [item] = data as readonly VariantData[];
      if ((data as readonly VariantData[]).length === 0) return Buffer.alloc(0);
      const bytes = serializeVariant({ type: type.of[0]!, data: item });
      return type.of[0]!.size === undefined ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes;
    }
    case "a":
      return serializeArray(type.of[0]!, data as readonly VariantData[]);
    case "(":
    case "{":
      return serializeStructure(type, data as readonly VariantData[]);
    default:
      return Buffer.from(`${data as string}\0`, "latin1");
  }
}

function serializeArray(type: VariantType, items: readonly VariantData[]): Buffer {
  const { body, ends } = place(items.map((data) => ({ type, data })));
  return type.size === undefined ? frame(body, ends) : body;
}

function serializeStructure(type: VariantType, items: readonly VariantData[]): Buffer {
  if (type.of.length === 0) return Buffer.alloc(1);
  const { body, ends } = place(type.of.map((item, i) => ({ type: item, data: items[i] })));
  if (type.size !== undefined) return Buffer.concat([body, Buffer.alloc(type.size - body.length)]);
  // The last member ends where the offsets start.
  const framed = ends.filter((_, i) => type.of[i]!.size === undefined && i < type.of.length - 1);
  return frame(body, framed.reverse());
}

function place(items: readonly Variant[]): { readonly body: Buffer; readonly ends: number[] } {
  const parts: Buffer[] = [];
  const ends: number[] = [];
  let size = 0;
  for (const item of items) {
    const bytes = serializeVariant(item);
    const start = align(size, item.type.alignment);
    parts.push(Buffer.alloc(start - size), bytes);
    size = start + bytes.length;
    ends.push(size);
  }
  return { body: Buffer.concat(parts), ends };
}

/** Appends framing offsets, of the least width that can hold the size of the whole. */
function frame(body: Buffer, ends: readonly number[]): Buffer {
  const width = [1, 2, 4].find((bytes) => body.length + ends.length * bytes < 2 ** (8 * bytes)) ?? 4;
  const offsets = Buffer.alloc(ends.length * width);
  for (const [i, end] of ends.entries()) offsets.writeUIntLE(end, i * width, width);
  return Buffer.concat([body, offsets]);
}
