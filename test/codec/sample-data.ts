/**
 * Bytes that exercise a compressor: words, runs, noise, and long and far repeats, the same for the same seed.
 */
export function sampleData(size: number, seed = 1): Uint8Array {
  const random = randomNumbers(seed);
  const bytes = new Uint8Array(size);
  const words = Array.from({ length: 40 }, () => Array.from({ length: 2 + random(9) }, () => 97 + random(26)));
  let at = 0;
  while (at < size) {
    const kind = random(16);
    if (kind < 9) {
      for (const byte of [...words[random(words.length)]!, 32]) bytes[at++] = byte;
    } else if (kind < 11) {
      for (let n = random(12); n > 0; n--) bytes[at++] = random(256);
    } else if (kind === 11) {
      const byte = random(256);
      for (let n = random(400); n > 0; n--) bytes[at++] = byte;
    } else if (at > 0) {
      const from = random(at);
      for (let n = 2 + random(kind === 12 ? 300 : 20), k = 0; k < n; k++) bytes[at++] = bytes[from + k]!;
    }
  }
  return bytes;
}

/**
 * Bytes whose repeats are hard to look through: of few symbols, with periods and copies that are nearly true, so that most strings come up thousands
 * of times; the same for the same seed.
 */
export function tangledData(size: number, seed = 1): Uint8Array {
  const random = randomNumbers(seed);
  const bytes = new Uint8Array(size);
  const symbols = 1 + random(random(3) === 0 ? 256 : 5);
  for (let at = 0; at < size; ) {
    const kind = random(5);
    const end = Math.min(size, at + 1 + random([20, 600, 20_000][random(3)]!));
    const period = kind === 0 ? 1 : 1 + random(random(2) === 0 ? 8 : 300);
    const from = random(at + 1);
    const truth = 2 + random(40);
    for (const start = at; at < end; at++) {
      if (kind < 2 && at >= start + period) bytes[at] = bytes[at - period]!;
      else if (kind > 2 && at > from && (kind === 3 || random(truth) > 0)) bytes[at] = bytes[from + at - start]!;
      else bytes[at] = random(symbols);
    }
  }
  return bytes;
}

/** Numbers below a bound from xorshift32. */
export function randomNumbers(seed: number): (bound: number) => number {
  let x = seed * 2654435761 || 1;
  return (bound) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % bound;
  };
}
