/**
 * The samples that `resolve-fidelity` resolves: seeded, so that a run can be had again.
 */

/**
 * Six in ten are single packages, the rest pairs and triples; half follow Recommends. `both` yields each once more, the other way.
 *
 * @param names every package of the main suite
 * @param backports the versions of the backports by name, where a sample is to have pins; else undefined
 */
export function* samples({ count, seed, both, names, backports }) {
  const random = randomOf(seed);
  const pick = (from) => from[Math.floor(random() * from.length)];
  const offered = [...(backports?.keys() ?? [])];
  const drawn = [];
  for (let i = 0; i < count; i++) {
    const size = random() < 0.6 ? 1 : random() < 0.6 ? 2 : 3;
    const packages = Array.from({ length: size }, () => pick(names));
    const one = { packages, recommends: random() < 0.5 };
    if (backports !== undefined) {
      packages[0] = pick(offered);
      Object.assign(one, PINS[i % PINS.length](one, { pick: () => pick(offered), versions: backports }));
    }
    drawn.push(one);
    yield one;
  }
  if (both) for (const one of drawn) yield { ...one, recommends: !one.recommends };
}

/** What a recipe can say of another suite: all of it, some names of it, one package of it, or one package at its version. */
const PINS = [
  () => ({ globs: ["*"] }),
  ({ packages: [name] }, { pick }) => ({ globs: [name, pick(), `${pick().slice(0, 4)}*`] }),
  ({ packages: [name, ...rest] }) => ({ packages: [`${name}/trixie-backports`, ...rest], globs: [] }),
  ({ packages: [name, ...rest] }, { pick }) => ({ packages: [`${name}/trixie-backports`, ...rest], globs: [pick()] }),
  ({ packages: [name, ...rest] }, { versions }) => ({ packages: [`${name}=${versions.get(name)}`, ...rest], globs: [] }),
];

/** mulberry32 */
function randomOf(seed) {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let value = at;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}
