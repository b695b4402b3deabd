/**
 * Partition types by the words of the recipe (UAPI group, Discoverable Partitions Specification; those that depend on the
 * architecture are x86-64's).
 */

/** The recipe's words. */
export const partitionTypes: Readonly<Record<string, string>> = {
  esp: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  xbootldr: "bc13c2ff-59e6-4262-a352-b275fd6f7172",
  root: "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
  "root-verity": "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5",
  "root-verity-sig": "41092b05-9fc8-4523-994f-2def0408b176",
  usr: "8484680c-9521-48c6-9c11-b0720656f69e",
  "usr-verity": "77ff5f63-e7b6-4633-acf4-1565b864c0e6",
  "usr-verity-sig": "e7bb33fb-06cf-4e81-8273-e543b413e2e2",
  swap: "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",
  home: "933ac7e1-2eb4-4f13-b844-0e14e2aef915",
  srv: "3b8f8425-20e0-4f3b-907f-1a25a76f98e8",
  var: "4d21b016-b534-45c2-a9fb-5c16e091fd2d",
  tmp: "7ec6f557-3bc5-4aca-b293-16ef5df639d1",
  "linux-generic": "0fc63daf-8483-4772-8e79-3d69d8477de4",
};

/** The type's UUID: of a word, or itself, in lower case. */
export function partitionTypeUuid(type: string): string {
  return partitionTypes[type] ?? type.toLowerCase();
}

/** The word for a type's UUID, if it has one. */
export function partitionTypeWord(uuid: string): string | undefined {
  return Object.keys(partitionTypes).find((word) => partitionTypes[word] === uuid);
}

/** Attribute bits: UEFI's bit 0, and the specification's own for what must not be written to. */
export const PartitionAttribute = {
  required: 1n,
  readOnly: 1n << 60n,
  noAuto: 1n << 63n,
  growFileSystem: 1n << 59n,
} as const;
