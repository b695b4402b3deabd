/**
 * What an LZMA decoder carries from one chunk to the next (LZMA specification, Igor Pavlov, 2015).
 */

/** How many probabilities there are: 1852, and 0x300 for each of the contexts of literals, of which LZMA2 allows 16. */
export const PROBABILITY_COUNT = 1852 + 0x300 * 16;
const EVEN = 1024;

/** What an LZMA decoder carries from one chunk to the next. */
export interface LzmaState {
  readonly probabilities: Uint16Array;
  state: number;
  rep0: number;
  rep1: number;
  rep2: number;
  rep3: number;
  /** The range coder, and its place in the chunk's bytes. */
  range: number;
  code: number;
  next: number;
  /** Literal context bits. */
  lc: number;
  /** Literal position bits. */
  lp: number;
  /** Position bits. */
  pb: number;
}

/** A state that has yet to be reset and given properties. */
export function newLzmaState(): LzmaState {
  return {
    probabilities: new Uint16Array(PROBABILITY_COUNT),
    state: 0,
    rep0: 0,
    rep1: 0,
    rep2: 0,
    rep3: 0,
    range: 0,
    code: 0,
    next: 0,
    lc: 0,
    lp: 0,
    pb: 0,
  };
}

/** Resets everything but the properties. */
export function resetLzmaState(lzma: LzmaState): void {
  lzma.probabilities.fill(EVEN);
  lzma.state = 0;
  lzma.rep0 = 0;
  lzma.rep1 = 0;
  lzma.rep2 = 0;
  lzma.rep3 = 0;
}

/** Sets the properties from LZMA2's properties byte; false when they are not allowed. */
export function setLzmaProperties(lzma: LzmaState, byte: number): boolean {
  const lc = byte % 9;
  const rest = (byte - lc) / 9;
  const lp = rest % 5;
  const pb = (rest - lp) / 5;
  if (pb > 4 || lc + lp > 4) return false;
  lzma.lc = lc;
  lzma.lp = lp;
  lzma.pb = pb;
  return true;
}
