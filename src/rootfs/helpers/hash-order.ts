/**
 * The order in which a GHashTable of strings (GLib 2.84) gives its keys out: what GLib's programs write in when they do not sort.
 * Observed in the files that update-mime-database and glib-compile-schemas write; their tests hold it against them.
 */

/** The largest primes that are no greater than the powers of two, from 1 up. */
const PRIMES = [1, 2, 3, 7, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071];
const SMALLEST_SHIFT = 3;

/** The different keys, in the order of the slots of a table that they were put into one after the other. */
export function hashOrder(keys: Iterable<string>): string[] {
  const hashes = new Map<string, number>();
  let shift = SMALLEST_SHIFT;
  let slots = new Array<string | undefined>(1 << shift).fill(undefined);
  const slotOf = (key: string, isTaken: (slot: number) => boolean): number => {
    // The factor spreads runs of like hashes.
    let slot = (Math.imul(hashes.get(key)!, 11) >>> 0) % PRIMES[shift]!;
    for (let step = 1; isTaken(slot); step++) slot = (slot + step) & ((1 << shift) - 1);
    return slot;
  };
  const grow = (): void => {
    shift = Math.max(SMALLEST_SHIFT, bitLength(Math.floor(hashes.size * 1.333)));
    const before = slots.length;
    slots = slots.concat(new Array<undefined>((1 << shift) - before).fill(undefined));
    // In place: a key that moves throws out the one that is there, which is the next to move.
    const settled = new Set<number>();
    for (let i = 0; i < before; i++) {
      if (settled.has(i)) continue;
      let key = slots[i];
      slots[i] = undefined;
      while (key !== undefined) {
        const slot = slotOf(key, (at) => settled.has(at));
        settled.add(slot);
        const evicted = slots[slot];
        slots[slot] = key;
        key = evicted;
      }
    }
  };
  for (const key of keys) {
    if (hashes.has(key)) continue;
    // 0 and 1 mark empty slots.
    hashes.set(key, Math.max(2, stringHash(key)));
    slots[slotOf(key, (at) => slots[at] !== undefined)] = key;
    if (slots.length <= hashes.size + Math.floor(hashes.size / 16)) grow();
  }
  return slots.filter((key) => key !== undefined);
}

/** The entries of a map that was filled in its own order, in the order of a GHashTable. */
export function hashEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return hashOrder(map.keys()).map((key) => [key, map.get(key)!]);
}

/** Bernstein's hash over signed characters. */
export function stringHash(key: string): number {
  let hash = 5381;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 33) + ((key.charCodeAt(i) << 24) >> 24)) >>> 0;
  return hash;
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value);
}
