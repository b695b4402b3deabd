/**
 * A disk that can only be streamed (Google Cloud's archive), held in memory without its zeros so that it can be read anywhere.
 */
import type { Content, FileContent } from "../../bytes/content.js";
import { AssembleError } from "../../errors/assemble-error.js";

const BLOCK = 1 << 16;
const DATA_MAX = 2 ** 30;

/** The disk's blocks that hold data. @throws AssembleError `diff/disk-too-large` */
export async function holdDisk(disk: Content): Promise<FileContent> {
  const blocks = new Map<number, Uint8Array>();
  let at = 0;
  for await (const chunk of disk.chunks()) {
    for (let from = 0; from < chunk.length; ) {
      const inside = (at + from) % BLOCK;
      const length = Math.min(BLOCK - inside, chunk.length - from);
      const part = chunk.subarray(from, from + length);
      if (!part.every((byte) => byte === 0)) {
        const index = Math.floor((at + from) / BLOCK);
        let block = blocks.get(index);
        if (block === undefined) blocks.set(index, (block = new Uint8Array(BLOCK)));
        block.set(part, inside);
      }
      from += length;
    }
    at += chunk.length;
    if (blocks.size * BLOCK > DATA_MAX)
      throw new AssembleError(
        "diff/disk-too-large",
        `Cannot compare the disk in the archive: it has more than ${DATA_MAX} bytes of data, less was wanted`,
        { hint: "unpack both archives and compare the raw disks" },
      );
  }
  const { size } = disk;
  const read = (offset = 0, length = size - offset): Uint8Array => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
    for (let done = 0; done < bytes.length; ) {
      const inside = (offset + done) % BLOCK;
      const count = Math.min(BLOCK - inside, bytes.length - done);
      const block = blocks.get(Math.floor((offset + done) / BLOCK));
      if (block !== undefined) bytes.set(block.subarray(inside, inside + count), done);
      done += count;
    }
    return bytes;
  };
  return {
    size,
    read,
    async *chunks() {
      for (let offset = 0; offset < size; offset += 1 << 20) yield read(offset, Math.min(1 << 20, size - offset));
    },
  };
}
