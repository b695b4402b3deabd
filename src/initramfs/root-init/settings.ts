/**
 * What the initramfs of a file-system root is told about the root: /settings, words of a shell. It is part of the UKI, and so is the root
 * hash in it.
 */

/** A root that dm-verity guards, with blocks of 4,096 bytes and sha256. */
export interface RootVerity {
  /** Lower-case hex. */
  readonly rootHash: string;
  /** Lower-case hex. */
  readonly salt: string;
  readonly dataBlocks: number;
  /** Id of the partition with the hash tree: 16 bytes as a GPT stores them. */
  readonly partition: Uint8Array;
}

/** Where a root is and how it is mounted. */
export interface RootSettings {
  readonly format: "squashfs" | "ext4" | "erofs";
  /** Id of its partition, as a GPT stores it; undefined: it is /root.image of the initramfs. */
  readonly partition: Uint8Array | undefined;
  readonly verity: RootVerity | undefined;
  readonly overlay: "tmpfs" | "none";
  /** Whether it is mounted for writing where nothing is above it. */
  readonly isWritable: boolean;
}

/** The text of /settings. */
export function formatSettings({ format, partition, verity, overlay, isWritable }: RootSettings): string {
  const words: Readonly<Record<string, string>> = {
    format,
    location: partition === undefined ? "initramfs" : "disk",
    overlay,
    access: isWritable ? "rw" : "ro",
    root_partition: hex(partition),
    hash_partition: hex(verity?.partition),
    root_hash: verity?.rootHash ?? "",
    salt: verity === undefined ? "" : verity.salt || "-",
    data_blocks: verity === undefined ? "" : String(verity.dataBlocks),
  };
  const lines = Object.entries(words).map(([name, value]) => `${name}=${value}\n`);
  return `# Made by tdx-assemble from the recipe's root.\n${lines.join("")}`;
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes).toString("hex");
}
