/** Damages an ext4 image in many ways and reads what is left of it. */

import { contentOfBytes } from "#dist/bytes/content.js";
import { readExt4 } from "#dist/filesystem/ext4/read-ext4.js";
import { seededNumbers } from "../../fixtures/seeded-numbers.js";

/** How often which outcome came: an error's code, or `ext4/tree`. What is no AssembleError counts by its text. */
export function mutate(
  image: Uint8Array,
  options: { readonly count: number; readonly seed: number },
): Map<string, number> {
  const next = seededNumbers(options.seed);
  const outcomes = new Map<string, number>();
  for (let i = 0; i < options.count; i++) {
    const copy = image.slice();
    // Half of them without checksums, so that the values themselves are what is checked.
    if (i % 2 === 1) copy[1024 + 0x65]! &= ~0x04;
    for (let n = next() % 6; n >= 0; n--) {
      const area = next() % 4;
      const at = area === 0 ? 1024 + (next() % 1024) : area === 1 ? 2048 + (next() % 64) : next() % copy.length;
      copy[at] = next() % 3 === 0 ? 0xff : next() & 0xff;
    }
    const outcome = outcomeOf(copy);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

function outcomeOf(image: Uint8Array): string {
  try {
    const { tree } = readExt4(contentOfBytes(image));
    for (const { node } of tree.walk()) if (node.type === "file") node.content.read(0, 4096);
    return "ext4/tree";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
