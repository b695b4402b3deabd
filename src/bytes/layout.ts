/**
 * `layout()` tables: one table per on-disk structure, which encodes and decodes it.
 *
 * A table is checked when it is defined (fields contiguous, total size as stated); a value is range-checked when it is
 * written, and the error names structure and field.
 */

/** How one field is stored. */
export interface FieldType<V> {
  readonly size: number;
  write(view: DataView, offset: number, value: V, little: boolean): void;
  read(view: DataView, offset: number, little: boolean): V;
}

/** A field at its place. */
export interface PlacedField<V> {
  readonly offset: number;
  readonly type: FieldType<V>;
}

type Fields = Record<string, PlacedField<unknown>>;
type ValueOf<F> = F extends PlacedField<infer V> ? V : never;

/** A structure's table. */
export interface Layout<T> {
  readonly name: string;
  readonly size: number;
  /** Encodes a value into a new array of `size` bytes. Throws RangeError naming the field that does not fit. */
  encode(value: T): Uint8Array;
  /** Writes a value into `target` at `offset`. */
  encodeInto(target: Uint8Array, offset: number, value: T): void;
  /** Writes a value through a view at `offset`: what writes many structures needs one view only. */
  write(view: DataView, offset: number, value: T): void;
  /** Decodes the structure at `offset` (default 0). Throws RangeError if the bytes end before it does. */
  decode(bytes: Uint8Array, offset?: number): T;
  /** Offset of a field, for patching checksums. */
  offsetOf(field: keyof T): number;
}

/** The values of a layout: `type GptHeader = Values<typeof GptHeader>`. */
export type Values<L> = L extends Layout<infer T> ? T : never;

/** Places a field. */
export function at<V>(offset: number, type: FieldType<V>): PlacedField<V> {
  return { offset, type };
}

function unsigned(bits: 8 | 16 | 32): FieldType<number> {
  const max = 2 ** bits - 1;
  return {
    size: bits / 8,
    write(view, offset, value, little) {
      if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${value} is not a u${bits}`);
      if (bits === 8) view.setUint8(offset, value);
      else if (bits === 16) view.setUint16(offset, value, little);
      else view.setUint32(offset, value, little);
    },
    read(view, offset, little) {
      if (bits === 8) return view.getUint8(offset);
      return bits === 16 ? view.getUint16(offset, little) : view.getUint32(offset, little);
    },
  };
}

/** Unsigned integers. */
export const u8: FieldType<number> = unsigned(8);
export const u16: FieldType<number> = unsigned(16);
export const u32: FieldType<number> = unsigned(32);

/** A 64-bit size or address, kept as a safe integer. */
export const u64: FieldType<number> = {
  size: 8,
  write(view, offset, value, little) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a safe u64`);
    // In halves: a BigInt would be an object for each.
    view.setUint32(offset + (little ? 0 : 4), value % 2 ** 32, little);
    view.setUint32(offset + (little ? 4 : 0), Math.floor(value / 2 ** 32), little);
  },
  read(view, offset, little) {
    const value = view.getBigUint64(offset, little);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is beyond 2^53`);
    return Number(value);
  },
};

/** A 64-bit set of flags. */
export const u64flags: FieldType<bigint> = {
  size: 8,
  write(view, offset, value, little) {
    if (value < 0n || value >= 1n << 64n) throw new RangeError(`${value} is not a u64`);
    view.setBigUint64(offset, value, little);
  },
  read: (view, offset, little) => view.getBigUint64(offset, little),
};

/** Exactly `length` bytes. */
export function raw(length: number): FieldType<Uint8Array> {
  return {
    size: length,
    write(view, offset, value) {
      if (value.length !== length) throw new RangeError(`${value.length} bytes where ${length} are wanted`);
      new Uint8Array(view.buffer, view.byteOffset + offset, length).set(value);
    },
    read: (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, length).slice(),
  };
}

/** Up to `length` bytes of ASCII, padded with NUL. */
export function ascii(length: number): FieldType<string> {
  return {
    size: length,
    write(view, offset, value) {
      if (value.length > length) throw new RangeError(`"${value}" is longer than ${length} bytes`);
      for (let i = 0; i < length; i++) {
        const code = i < value.length ? value.charCodeAt(i) : 0;
        if (code > 0x7f) throw new RangeError(`"${value}" is not ASCII`);
        view.setUint8(offset + i, code);
      }
    },
    read(view, offset) {
      let text = "";
      for (let i = 0; i < length; i++) {
        const code = view.getUint8(offset + i);
        if (code === 0) break;
        text += String.fromCharCode(code);
      }
      return text;
    },
  };
}

/** `count` values of one type, one after the other. */
export function array<V>(count: number, type: FieldType<V>): FieldType<readonly V[]> {
  return {
    size: count * type.size,
    write(view, offset, value, little) {
      if (value.length !== count) throw new RangeError(`${value.length} values where ${count} are wanted`);
      value.forEach((item, i) => {
        type.write(view, offset + i * type.size, item, little);
      });
    },
    read: (view, offset, little) =>
      Array.from({ length: count }, (_, i) => type.read(view, offset + i * type.size, little)),
  };
}

/**
 * Defines a structure of `size` bytes.
 *
 * @throws RangeError when the fields leave a gap, overlap, or do not add up to `size`.
 */
export function layout<F extends Fields>(
  name: string,
  size: number,
  endian: "little" | "big",
  fields: F,
): Layout<{ readonly [K in keyof F]: ValueOf<F[K]> }> {
  type T = { readonly [K in keyof F]: ValueOf<F[K]> };
  const little = endian === "little";
  const keys: readonly (string & keyof F)[] = Object.keys(fields);
  const placed: readonly PlacedField<unknown>[] = Object.values(fields);
  let end = 0;
  for (const [key, field] of Object.entries(fields)) {
    if (field.offset !== end)
      throw new RangeError(`${name}.${key} is at ${field.offset}, the field before ends at ${end}`);
    end += field.type.size;
  }
  if (end !== size) throw new RangeError(`${name} has ${end} bytes of fields, ${size} were stated`);
  const self: Layout<T> = {
    name,
    size,
    encode(value) {
      const bytes = new Uint8Array(size);
      self.encodeInto(bytes, 0, value);
      return bytes;
    },
    encodeInto(target, offset, value) {
      self.write(new DataView(target.buffer, target.byteOffset + offset, size), 0, value);
    },
    write(view, offset, value) {
      let i = 0;
      try {
        for (; i < placed.length; i++) {
          const field = placed[i]!;
          field.type.write(view, offset + field.offset, value[keys[i]!], little);
        }
      } catch (cause) {
        throw new RangeError(`${name}.${keys[i]}: ${(cause as Error).message}`, { cause });
      }
    },
    decode(bytes, offset = 0) {
      if (offset < 0 || offset + size > bytes.length)
        throw new RangeError(`${name} at ${offset} needs ${size} bytes, ${bytes.length - offset} are left`);
      const view = new DataView(bytes.buffer, bytes.byteOffset + offset, size);
      const value: Record<string, unknown> = {};
      let i = 0;
      try {
        for (; i < placed.length; i++) {
          const field = placed[i]!;
          value[keys[i]!] = field.type.read(view, field.offset, little);
        }
      } catch (cause) {
        throw new RangeError(`${name}.${keys[i]}: ${(cause as Error).message}`, { cause });
      }
      return value as T;
    },
    offsetOf: (field) => fields[field as keyof F]!.offset,
  };
  return self;
}
