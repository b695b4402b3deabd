/**
 * The order in which dpkg walks what it keeps by name: its hash tables are written out bucket by bucket.
 *
 * Observed: FNV-1a (32 bit) of the name, modulo the table's size; what shares a bucket stays in the order in which it was
 * first named. The table of paths decides the order of `diversions` and `statoverride`, that of packages the order of
 * `dpkg --configure --pending` (apt/order).
 */
import { fnv1a } from "../../apt/order/fnv1a.js";

/** Number of buckets of dpkg's table of paths. */
const PATH_BUCKETS = 262139;

/** The bucket of a path (with its leading slash). */
export function pathBucket(path: string): number {
  return fnv1a(path.slice(1)) % PATH_BUCKETS;
}

/** Sorts values that belong to paths into dpkg's order; `values` come in the order in which they were first named. */
export function inPathOrder<T>(values: Iterable<T>, pathOf: (value: T) => string): T[] {
  const rows = Array.from(values, (value) => ({ value, bucket: pathBucket(pathOf(value)) }));
  return rows.sort((a, b) => a.bucket - b.bucket).map((row) => row.value);
}
