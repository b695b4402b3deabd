/** The bits of a mode that tell a file's type (inode(7), <sys/stat.h>): the same in cpio, EROFS, ext4 and stat(2). */

/** By the type's name. */
export const modeTypes = {
  fifo: 0o010000,
  char: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
} as const;

/** The kinds of file that a mode can tell. */
export type ModeType = keyof typeof modeTypes;

const NAMES: ReadonlyMap<number, ModeType> = new Map(
  Object.entries(modeTypes).map(([name, bits]) => [bits, name as ModeType]),
);

/** The type that a mode tells; undefined where no type has these bits. */
export function modeTypeOf(mode: number): ModeType | undefined {
  return NAMES.get(mode & 0o170000);
}
