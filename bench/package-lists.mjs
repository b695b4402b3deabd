/**
 * Lists of packages for `packages.mjs`: nested, of fixed sizes, each closed under the dependencies that the whole set has, the same ones for
 * the same seed.
 */
import { versionFits } from "#dist/apt/relation.js";

/** Whole numbers from 0 on, evenly spread and the same for the same seed (Marsaglia's xorshift). */
function generator(seed) {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** For each size the names of that many packages, `base` among them: each list has all of the one before. `records` are the set's. */
export function packageLists(records, { base, sizes, seed }) {
  const dependencies = dependenciesOf(records);
  const chosen = closure(base, { dependencies, known: new Set() });
  const names = records.map(({ name }) => name).sort();
  const random = generator(seed);
  for (let i = names.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [names[i], names[j]] = [names[j], names[i]];
  }
  return sizes.map((size) => {
    for (const name of names) {
      const added = closure([name], { dependencies, known: chosen });
      if (chosen.size + added.size <= size) for (const one of added) chosen.add(one);
    }
    return [...chosen];
  });
}

/** What each package needs: of every group of alternatives the first one that is in the set. */
function dependenciesOf(records) {
  const byName = new Map(records.map((record) => [record.name, record]));
  const providers = new Map();
  for (const record of records)
    for (const provide of record.provides)
      providers.set(provide.name, [...(providers.get(provide.name) ?? []), { record, provide }]);
  const satisfier = (alternative) => {
    const record = byName.get(alternative.name);
    if (record !== undefined && versionFits(record.version, alternative)) return record.name;
    const fits = ({ provide: { version } }) =>
      alternative.version === undefined || (version !== undefined && versionFits(version, alternative));
    return providers.get(alternative.name)?.find(fits)?.record.name;
  };
  const needed = (record) =>
    ["Pre-Depends", "Depends"].flatMap((field) =>
      record.relations(field).flatMap((group) => group.map(satisfier).find((name) => name !== undefined) ?? []),
    );
  return new Map(records.map((record) => [record.name, needed(record)]));
}

/** What has to be added to the known packages for these. */
function closure(names, { dependencies, known }) {
  const added = new Set();
  const pending = [...names];
  while (pending.length > 0) {
    const name = pending.pop();
    if (known.has(name) || added.has(name)) continue;
    added.add(name);
    pending.push(...dependencies.get(name));
  }
  return added;
}
