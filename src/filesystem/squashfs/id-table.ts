/** Numbers of users and groups: each once, inodes hold its index. */
import { AssembleError } from "../../errors/assemble-error.js";

const IDS_MAX = 65535;

/** The ids of an image, in the order of their first use. */
export class IdTable {
  private readonly indexes = new Map<number, number>();

  get count(): number {
    return this.indexes.size;
  }

  /** Index of an id. @throws AssembleError `filesystem/squashfs-unrepresentable` */
  indexOf(id: number): number {
    const known = this.indexes.get(id);
    if (known !== undefined) return known;
    const index = this.indexes.size;
    if (index >= IDS_MAX)
      throw new AssembleError(
        "filesystem/squashfs-unrepresentable",
        `Cannot write the squashfs image: it has more than ${IDS_MAX} different users and groups, which squashfs cannot hold`,
      );
    this.indexes.set(id, index);
    return index;
  }

  /** The table's entries. */
  encode(): Uint8Array {
    const bytes = Buffer.alloc(4 * this.indexes.size);
    for (const [id, index] of this.indexes) bytes.writeUInt32LE(id, 4 * index);
    return bytes;
  }
}
