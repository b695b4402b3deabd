/** Where the parts of a .deb are (deb(5), format 2). `dpkg-deb` is the judge. */

import { type ArMember, readAr } from "../../codec/ar.js";
import { type Compression, compressionOfName } from "../../codec/decompress.js";
import type { RandomAccess } from "../../codec/random-access.js";
import { AssembleError } from "../../errors/assemble-error.js";

/** One of the two archives inside. */
export interface DebPart {
  /** Name of the member, for instance `data.tar.xz`. */
  readonly name: string;
  readonly compression: Compression;
  readonly offset: number;
  readonly size: number;
}

/** The archives of a .deb. */
export interface DebLayout {
  readonly control: DebPart;
  readonly data: DebPart;
}

/** Finds the archives. `what` names the package in errors. @throws AssembleError `deb/malformed`, `deb/unsupported` */
export function readDebLayout(file: RandomAccess, what: string): DebLayout {
  const members = membersOf(file, what);
  const version = members.next().value;
  if (version?.name !== "debian-binary") throw malformed(what, "its first member is not debian-binary");
  const text = Buffer.from(file.read(version.offset, Math.min(version.size, 64))).toString("latin1");
  if (!/^2\.[0-9]+\n/.test(text)) throw unsupported(what, `its format is ${JSON.stringify(text.split("\n")[0])}, 2.0`);
  const control = partOf(nextRequired(members), { file: "control.tar", what });
  return { control, data: partOf(nextRequired(members), { file: "data.tar", what }) };
}

function* membersOf(file: RandomAccess, what: string): Generator<ArMember, undefined, void> {
  try {
    yield* readAr(file);
  } catch (cause) {
    throw malformed(what, `it is no intact ar archive (${(cause as Error).message})`, cause);
  }
}

/** Members whose names begin with an underscore are for others, and may stand between. */
function nextRequired(members: Iterator<ArMember, undefined>): ArMember | undefined {
  for (;;) {
    const member = members.next().value;
    if (!member?.name.startsWith("_")) return member;
  }
}

function partOf(member: ArMember | undefined, wanted: { readonly file: string; readonly what: string }): DebPart {
  const { file, what } = wanted;
  if (member === undefined) throw malformed(what, `it ends before ${file}`);
  if (!member.name.startsWith(file)) throw malformed(what, `it has ${member.name} where ${file} belongs`);
  const compression = member.name === file ? "none" : compressionOfName(member.name);
  if (compression === undefined || !/^\.(gz|xz|zst)$|^$/.test(member.name.slice(file.length)))
    throw unsupported(what, `it has ${member.name}, a tar archive that is plain or packed with gzip, xz or zstd`);
  return { ...member, compression };
}

function malformed(what: string, found: string, cause?: unknown): AssembleError {
  return new AssembleError("deb/malformed", `Cannot unpack ${what}: ${found}, a Debian package was wanted`, { cause });
}

function unsupported(what: string, found: string): AssembleError {
  return new AssembleError("deb/unsupported", `Cannot unpack ${what}: ${found} was wanted`);
}
