/**
 * Two ELF files, section by section.
 */
import { contentOfBytes } from "../../bytes/content.js";
import { type ElfFile, sectionBytes } from "../../rootfs/helpers/elf.js";
import { compareBytes } from "./compare-bytes.js";
import type { Difference, Where } from "./difference.js";

/** Differences in the header and in the sections, by name; where sections moved as well, only what is in them counts. */
export async function* diffElf(where: Where, left: ElfFile, right: ElfFile): AsyncGenerator<Difference> {
  for (const name of ["class", "type", "machine", "flags"] as const)
    if (left[name] !== right[name])
      yield { where: [...where, `ELF ${name}`], kind: "field", left: `${left[name]}`, right: `${right[name]}` };
  const names = [...new Set([...left.sections, ...right.sections].map((section) => section.name))];
  for (const name of names) {
    const [a, b] = [sectionBytes(left, name), sectionBytes(right, name)];
    const place = [...where, `section ${name === "" ? "(no name)" : name}`];
    if (a !== undefined && b === undefined)
      yield { where: place, kind: "only-left", left: `${a.length} bytes`, right: "" };
    else if (a === undefined && b !== undefined)
      yield { where: place, kind: "only-right", left: "", right: `${b.length} bytes` };
    else if (a !== undefined && b !== undefined) {
      const found = await compareBytes(contentOfBytes(a), contentOfBytes(b));
      if (found !== undefined) yield { where: place, kind: "content", ...bytesWords(found, a.length, b.length) };
    }
  }
}

/** A difference of bytes in words. */
export function bytesWords(
  found: NonNullable<Awaited<ReturnType<typeof compareBytes>>>,
  leftSize: number,
  rightSize: number,
): { readonly left: string; readonly right: string; readonly note: string } {
  const extent =
    found.count === undefined ? `${leftSize} bytes ≠ ${rightSize} bytes` : `${found.count} of ${leftSize} bytes differ`;
  return { left: found.left, right: found.right, note: `from byte ${found.offset} on; ${extent}` };
}
