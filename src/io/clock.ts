/**
 * The clock: read here and nowhere in the pure rooms. Only Valid-Until of live mirrors and Retry-After dates need it.
 */

/** The current time in milliseconds since 1970. */
export function currentTime(): number {
  return Date.now();
}
