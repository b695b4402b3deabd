/**
 * The adaptive probabilities and the state of an LZMA decoder (LZMA specification, Igor Pavlov, 2015: "The main loop of decoder").
 *
 * All probabilities live in one array; the constants below say where each kind begins.
 */

const LENGTH_SIZE = 2 + (16 << 3) + (16 << 3) + 256;

/** `isMatch[state][posState]`. */
export const IS_MATCH = 0;
/** `isRep[state]`: a match repeats one of the last four distances. */
export const IS_REP = IS_MATCH + (12 << 4);
/** `isRepG0[state]`: … the last one. */
export const IS_REP0 = IS_REP + 12;
/** `isRepG1[state]`: … the one before. */
export const IS_REP1 = IS_REP0 + 12;
/** `isRepG2[state]`: … the one before that. */
export const IS_REP2 = IS_REP1 + 12;
/** `isRep0Long[state][posState]`: more than one byte from the last distance. */
export const IS_REP0_LONG = IS_REP2 + 12;
/** `posSlotDecoder[min(length - 2, 3)]`: four trees of 6 bits. */
export const DISTANCE_SLOT = IS_REP0_LONG + (12 << 4);
/** `posDecoders`: reverse trees of the distances 4 to 127, each node at `base + distance - slot + node`. */
export const DISTANCE_SPECIAL = DISTANCE_SLOT + (4 << 6);
/** `alignDecoder`: a reverse tree of the 4 low bits of larger distances. */
export const DISTANCE_ALIGN = DISTANCE_SPECIAL + 116;
/** `lenDecoder`: two choices, `low[posState]` of 3 bits, `mid[posState]` of 3 bits, `high` of 8 bits. */
export const MATCH_LENGTH = DISTANCE_ALIGN + 16;
/** `repLenDecoder`, with the same parts. */
export const REP_LENGTH = MATCH_LENGTH + LENGTH_SIZE;
/** `litProbs[context]`: 0x300 each. */
export const LITERAL = REP_LENGTH + LENGTH_SIZE;

/** Offset of the `low` trees in a length decoder. */
export const LENGTH_LOW = 2;
/** Offset of the `mid` trees. */
export const LENGTH_MID = LENGTH_LOW + (16 << 3);
/** Offset of the `high` tree. */
export const LENGTH_HIGH = LENGTH_MID + (16 << 3);

/** LZMA2 allows at most 4 literal context and position bits together. */
const MAX_LITERAL_CONTEXTS = 1 << 4;
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
    probabilities: new Uint16Array(LITERAL + 0x300 * MAX_LITERAL_CONTEXTS),
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
