/**
 * What differs between two sequences of lines: the shortest edit script (Myers 1986), with changes moved as far down as they go,
 * as diff(1) shows them.
 */

/** Lines `fromA`–`toA` of A are replaced by `fromB`–`toB` of B; the ends are exclusive. */
export interface Change {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** The changes that make B of A, in order. Lines are given as numbers that are equal where lines are. */
export function findChanges(a: readonly number[], b: readonly number[]): Change[] {
  const removed = new Uint8Array(a.length);
  const added = new Uint8Array(b.length);
  mark({ a, b, removed, added }, { fromA: 0, toA: a.length, fromB: 0, toB: b.length });
  shift(a, removed, added);
  shift(b, added, removed);
  const changes: Change[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const fromA = i;
    const fromB = j;
    while (i < a.length && removed[i]) i++;
    while (j < b.length && added[j]) j++;
    if (i > fromA || j > fromB) changes.push({ fromA, toA: i, fromB, toB: j });
    else {
      i++;
      j++;
    }
  }
  return changes;
}

interface Work {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly removed: Uint8Array;
  readonly added: Uint8Array;
}

/** Marks what is removed and added within a part, by divide and conquer at the middle of a shortest path. */
function mark(work: Work, part: Change): undefined {
  const { a, b, removed, added } = work;
  let { fromA, toA, fromB, toB } = part;
  while (fromA < toA && fromB < toB && a[fromA] === b[fromB]) {
    fromA++;
    fromB++;
  }
  while (fromA < toA && fromB < toB && a[toA - 1] === b[toB - 1]) {
    toA--;
    toB--;
  }
  if (fromA === toA) added.fill(1, fromB, toB);
  else if (fromB === toB) removed.fill(1, fromA, toA);
  else {
    const { x, y } = middle(work, { fromA, toA, fromB, toB });
    mark(work, { fromA, toA: x, fromB, toB: y });
    mark(work, { fromA: x, toA, fromB: y, toB });
  }
}

/** A point on a shortest path, found by searching from both ends at once. */
function middle(work: Work, { fromA, toA, fromB, toB }: Change): { readonly x: number; readonly y: number } {
  const { a, b } = work;
  const lowest = fromA - toB;
  const highest = toA - fromB;
  const offset = 1 - lowest;
  const forward = new Int32Array(highest - lowest + 3);
  const backward = new Int32Array(highest - lowest + 3);
  const middleForward = fromA - fromB;
  const middleBackward = toA - toB;
  const odd = ((middleForward - middleBackward) & 1) !== 0;
  let [minF, maxF, minB, maxB] = [middleForward, middleForward, middleBackward, middleBackward];
  forward[middleForward + offset] = fromA;
  backward[middleBackward + offset] = toA;
  for (;;) {
    if (minF > lowest) forward[--minF - 1 + offset] = -1;
    else minF++;
    if (maxF < highest) forward[++maxF + 1 + offset] = -1;
    else maxF--;
    for (let d = maxF; d >= minF; d -= 2) {
      const below = forward[d - 1 + offset]!;
      const above = forward[d + 1 + offset]!;
      let x = below < above ? above : below + 1;
      let y = x - d;
      while (x < toA && y < toB && a[x] === b[y]) {
        x++;
        y++;
      }
      forward[d + offset] = x;
      if (odd && minB <= d && d <= maxB && backward[d + offset]! <= x) return { x, y };
    }
    const far = 0x7fffffff;
    if (minB > lowest) backward[--minB - 1 + offset] = far;
    else minB++;
    if (maxB < highest) backward[++maxB + 1 + offset] = far;
    else maxB--;
    for (let d = maxB; d >= minB; d -= 2) {
      const below = backward[d - 1 + offset]!;
      const above = backward[d + 1 + offset]!;
      let x = below < above ? below : above - 1;
      let y = x - d;
      while (fromA < x && fromB < y && a[x - 1] === b[y - 1]) {
        x--;
        y--;
      }
      backward[d + offset] = x;
      if (!odd && minF <= d && d <= maxF && x <= forward[d + offset]!) return { x, y };
    }
  }
}

/**
 * Moves each run of changed lines as far down as equal lines allow, joining runs that meet, and then back up to where the
 * other file changes, too.
 */
function shift(lines: readonly number[], changed: Uint8Array, other: Uint8Array): undefined {
  const end = lines.length;
  let i = 0;
  let j = 0;
  for (;;) {
    // Unchanged lines go in step; changed ones of the other file are passed.
    while (i < end && !changed[i]) {
      while (other[j++]);
      i++;
    }
    if (i === end) return;
    let start = i;
    while (changed[++i]);
    while (other[j]) j++;
    let length: number;
    let corresponding: number;
    do {
      length = i - start;
      // Up as far as it goes, to join with a run before.
      while (start > 0 && lines[start - 1] === lines[i - 1]) {
        changed[--start] = 1;
        changed[--i] = 0;
        while (start > 0 && changed[start - 1]) start--;
        while (other[--j]);
      }
      corresponding = j > 0 && other[j - 1] ? i : end;
      // Down as far as it goes, to join with a run behind.
      while (i !== end && lines[start] === lines[i]) {
        changed[start++] = 0;
        changed[i++] = 1;
        while (i < end && changed[i]) i++;
        while (other[++j]) corresponding = i;
      }
    } while (length !== i - start);
    while (corresponding < i) {
      changed[--start] = 1;
      changed[--i] = 0;
      while (other[--j]);
    }
  }
}
