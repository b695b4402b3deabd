/**
 * Unpacks blocks of an image: gzip, xz, lz4, zstd. Memory is bounded by the size that the caller allows.
 */
import { inflateSync } from "node:zlib";
import { decodeLz4Block } from "../../codec/lz4/decode-lz4.js";
import { decodeXzBytes } from "../../codec/xz/decode-xz.js";
import { decodeZstdBytes } from "../../codec/zstd/decode-zstd.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { COMPRESSOR_NAMES } from "./compression.js";
import { invalid, unsupported } from "./errors.js";

/** Unpacks a block into at most `maxBytes`. @throws AssembleError `filesystem/squashfs-invalid` */
export type UnpackBlock = (stored: Uint8Array, maxBytes: number) => Uint8Array;

/** A block has no use for a window beyond itself, but encoders may state one. */
const WINDOW_MAX = 8 << 20;

const DECODERS: Readonly<Record<string, UnpackBlock>> = {
  gzip: (stored, maxBytes) => inflateSync(stored, { maxOutputLength: maxBytes }),
  xz: (stored, maxBytes) => decodeXzBytes(stored, { maxBytes, maxDictionaryBytes: WINDOW_MAX }),
  lz4: decodeLz4Block,
  zstd: (stored, maxBytes) => decodeZstdBytes(stored, { maxBytes, maxWindowBytes: WINDOW_MAX }),
};

/** The decoder of a compressor, by its number in the superblock. @throws AssembleError `filesystem/squashfs-unsupported` */
export function startUnpacking(compressor: number): UnpackBlock {
  const name = COMPRESSOR_NAMES.get(compressor);
  const decode = name === undefined ? undefined : DECODERS[name];
  if (decode === undefined) throw unsupported(`it is compressed with ${name ?? `compressor ${compressor}`}`);
  return (stored, maxBytes) => {
    try {
      return decode(stored, maxBytes);
    } catch (cause) {
      const { code } = cause as { readonly code?: unknown };
      const known = cause instanceof AssembleError || (typeof code === "string" && /^(?:Z_|ERR_BUFFER)/.test(code));
      if (!known) throw cause;
      throw invalid(`a block cannot be unpacked (${(cause as Error).message})`, cause);
    }
  };
}
