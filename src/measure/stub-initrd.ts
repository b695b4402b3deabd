/**
 * The initrd as systemd-stub hands it to the kernel: the section, and small cpio archives that the stub makes at boot out
 * of other sections (systemd-stub(7), "Companion files"; newc as in the kernel's buffer-format.rst).
 *
 * Without companion files on the ESP. Checked by: PCR 9 of booted images.
 */

import { type Content, concatContents, contentOfBytes } from "../bytes/content.js";

/** A piece of the initrd, with where it comes from. */
interface Piece {
  readonly content: Content;
  readonly from: string;
}

/** The sections that the initrd depends on. */
export type InitrdSections = ReadonlyMap<string, Content>;

/** Section, file below /.extra, first stub version that packs it: in the order of the stub. */
const PACKED: readonly (readonly [section: string, file: string, since: number])[] = [
  [".pcrsig", "tpm2-pcr-signature.json", 252],
  [".pcrpkey", "tpm2-pcr-public-key.pem", 252],
  [".osrel", "os-release", 257],
  [".profile", "profile", 257],
];

/** The initrd that the kernel measures, and what it is made of; undefined where the kernel gets none. */
export async function stubInitrd(
  sections: InitrdSections,
  stubVersion: number,
): Promise<{ readonly content: Content; readonly parts: readonly string[] } | undefined> {
  const pieces: Piece[] = [];
  const add = (content: Content | undefined, from: string): void => {
    if (content !== undefined && content.size > 0) pieces.push({ content, from });
  };
  if (stubVersion >= 256) add(sections.get(".ucode"), ".ucode");
  add(sections.get(".initrd"), ".initrd");
  for (const [section, file, since] of PACKED) {
    const content = sections.get(section);
    if (stubVersion >= since && content !== undefined && content.size > 0)
      add(await extraArchive(file, content), `${section} as /.extra/${file}`);
  }
  const parts = pieces.map(({ from }) => from);
  // One piece alone stays as it is; several are each padded to four bytes.
  if (pieces.length === 1) return { content: pieces[0]!.content, parts };
  if (pieces.length === 0) return undefined;
  const padded = pieces.flatMap(({ content }) => [content, contentOfBytes(new Uint8Array(-content.size & 3))]);
  return { content: concatContents(padded), parts };
}

const DIRECTORY = ".extra";

/** A cpio archive of the directory and one file, byte for byte as the stub makes it. */
async function extraArchive(name: string, content: Content): Promise<Content> {
  const file = member(`${DIRECTORY}/${name}`, { ino: 2, mode: 0o100444, size: content.size });
  return concatContents([
    contentOfBytes(member(DIRECTORY, { ino: 1, mode: 0o040555, size: 0 })),
    contentOfBytes(file),
    content,
    contentOfBytes(new Uint8Array(-content.size & 3)),
    // The stub has its trailer as a constant: in capitals, unlike the members.
    contentOfBytes(member("TRAILER!!!", { ino: 0, mode: 0, size: 0 }, (hex) => hex.toUpperCase())),
  ]);
}

function member(
  path: string,
  { ino, mode, size }: { readonly ino: number; readonly mode: number; readonly size: number },
  spell: (hex: string) => string = (hex) => hex,
): Uint8Array {
  const nlink = 1;
  const fields = [ino, mode, 0, 0, nlink, 0, size, 0, 0, 0, 0, path.length + 1, 0];
  const header = `070701${fields.map((field) => spell(field.toString(16).padStart(8, "0"))).join("")}${path}\0`;
  return new TextEncoder().encode(header.padEnd(header.length + (-header.length & 3), "\0"));
}
