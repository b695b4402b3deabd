/**
 * Walks cpio archives in newc form (kernel: Documentation/driver-api/early-userspace/buffer-format.rst) in one pass
 * forward, as the kernel reads an initramfs: archives one after the other, NULs between them. Only headers, names and
 * symbolic links are held.
 *
 * Checked by: GNU cpio.
 */

import { toByteString } from "../../bytes/content.js";
import { modeTypeOf } from "../../bytes/mode-types.js";
import { AssembleError } from "../../errors/assemble-error.js";
import { type ArtifactEntry, plainPath } from "./artifact-entry.js";
import type { StreamReader } from "./stream-reader.js";

const HEADER_BYTES = 110;
const TRAILER = "TRAILER!!!";
/** PATH_MAX; the kernel skips what is longer. */
const NAME_BYTES_MAX = 4096;

/** Walks one archive; returns after its trailer. @throws AssembleError `codec/cpio-invalid` */
export async function* walkNewc(reader: StreamReader): AsyncGenerator<ArtifactEntry, void, void> {
  const start = reader.position;
  const align = async () => {
    await reader.skip((start - reader.position) & 3);
  };
  const links = new Map<string, string>();
  for (;;) {
    const at = reader.position;
    const header = toByteString(await reader.take(HEADER_BYTES));
    if (!/^07070[12][0-9A-Fa-f]{104}$/.test(header))
      throw invalid(at, header.length < HEADER_BYTES ? "it ends" : "there is no header");
    const field = (index: number) => Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
    const nameBytes = field(11);
    if (nameBytes === 0 || nameBytes > NAME_BYTES_MAX + 1) throw invalid(at, `there is a name of ${nameBytes} bytes`);
    const name = toByteString(await reader.take(nameBytes)).replace(/\0.*$/s, "");
    await align();
    if (name === TRAILER) {
      await reader.skip(field(6));
      await align();
      return;
    }
    const mode = field(1);
    const type = modeTypeOf(mode);
    if (type === undefined) throw invalid(at, `${JSON.stringify(name)} has the mode 0${mode.toString(8)}`);
    const size = field(6);
    const bodyStart = reader.position;
    const common = {
      path: plainPath(name),
      type,
      mode: mode & 0o7777,
      uid: field(2),
      gid: field(3),
      mtimeSeconds: field(5),
      chunks: () => body(reader, bodyStart, size),
    };
    if (type === "symlink") {
      if (size > NAME_BYTES_MAX) throw invalid(at, `the link ${JSON.stringify(name)} has ${size} bytes`);
      const target = toByteString(await reader.take(size));
      yield { ...common, size: 0, target, chunks: none };
    } else if (type === "file") {
      yield { ...common, size, ...hardLink(links, common.path, `${field(7)}:${field(8)}:${field(0)}`, field(4)) };
    } else {
      const device = type === "char" || type === "block" ? { device: [field(9), field(10)] as const } : {};
      yield { ...common, size: 0, ...device, chunks: none };
    }
    await reader.skip(bodyStart + size - reader.position);
    if (reader.position < bodyStart + size) throw invalid(at, `it ends inside ${JSON.stringify(name)}`);
    await align();
  }
}

/** Passes over the NULs between archives; false at the end of the stream. */
export async function skipPadding(reader: StreamReader): Promise<boolean> {
  for (;;) {
    const byte = await reader.peek();
    if (byte === undefined) return false;
    if (byte !== 0) return true;
    await reader.skip(1);
  }
}

/** Links of one inode share their bytes, which the archive has with only one of them (for most tools the last). */
function hardLink(links: Map<string, string>, path: string, inode: string, nlink: number): { hardLinkTo?: string } {
  if (nlink < 2) return {};
  const first = links.get(inode);
  if (first !== undefined) return { hardLinkTo: first };
  links.set(inode, path);
  return {};
}

async function* body(reader: StreamReader, start: number, size: number): AsyncIterable<Uint8Array> {
  if (reader.position !== start) throw new RangeError("an entry's bytes can only be read once, before the next entry");
  yield* reader.pieces(size);
}

async function* none(): AsyncIterable<Uint8Array> {}

function invalid(at: number, is: string): AssembleError {
  return new AssembleError(
    "codec/cpio-invalid",
    `Cannot read the cpio archive: ${is} at ${at}, a sound newc archive was wanted`,
  );
}
