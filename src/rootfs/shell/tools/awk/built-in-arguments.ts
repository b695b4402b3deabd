/**
 * How many arguments the built-in functions of awk take, as mawk checks them when it reads a program.
 */

/** Least and most arguments. */
export const ARGUMENT_COUNTS: Readonly<Record<string, readonly [number, number]>> = {
  length: [0, 1],
  index: [2, 2],
  substr: [2, 3],
  split: [2, 3],
  match: [2, 2],
  sub: [2, 3],
  gsub: [2, 3],
  sprintf: [1, 255],
  sin: [1, 1],
  cos: [1, 1],
  atan2: [2, 2],
  exp: [1, 1],
  log: [1, 1],
  sqrt: [1, 1],
  int: [1, 1],
  rand: [0, 0],
  srand: [0, 1],
  tolower: [1, 1],
  toupper: [1, 1],
  system: [1, 1],
  close: [1, 1],
  fflush: [0, 1],
  systime: [0, 0],
  strftime: [0, 3],
  mktime: [1, 1],
};
