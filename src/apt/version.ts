/**
 * Debian version numbers: their order and their validity.
 *
 * Specification: Debian Policy §5.6.12 and deb-version(7). Checked against `dpkg --compare-versions` and
 * `dpkg --validate-version` in test/heavy/version.test.ts.
 */

/** The parts of a version: `[epoch:]upstream[-revision]`. */
export interface VersionParts {
  /** 0 where the version has none. */
  readonly epoch: number;
  readonly upstream: string;
  /** Empty where the version has none; `1-0`, `1-` and `1` compare equal. */
  readonly revision: string;
}

/**
 * The order of two versions as dpkg has it: negative, zero or positive.
 *
 * Text that is not a version is ordered all the same (indexes of third parties hold such), by the same rules.
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = splitVersion(a);
  const right = splitVersion(b);
  if (left.epoch !== right.epoch) return left.epoch < right.epoch ? -1 : 1;
  return compareVersionPart(left.upstream, right.upstream) || compareVersionPart(left.revision, right.revision);
}

/** Splits a version at its first colon and last hyphen, without judging the parts. */
export function splitVersion(version: string): VersionParts {
  const colon = version.indexOf(":");
  const digits = colon > 0 ? version.slice(0, colon) : "";
  const hasEpoch = EPOCH.test(digits);
  const rest = hasEpoch ? version.slice(colon + 1) : version;
  const hyphen = rest.lastIndexOf("-");
  return {
    epoch: hasEpoch ? Number(digits) : 0,
    upstream: hyphen < 0 ? rest : rest.slice(0, hyphen),
    revision: hyphen < 0 ? "" : rest.slice(hyphen + 1),
  };
}

const MAX_EPOCH = 2147483647;
/** dpkg reads the epoch with strtol(3), which takes a sign. */
const EPOCH = /^[+-]?[0-9]+$/;

/** Why dpkg would refuse this as a version of a package, or undefined where it would not. */
export function versionFault(version: string): string | undefined {
  if (version === "") return "it is empty";
  if (/[ \t\n\v\f\r]/.test(version)) return "it has white space in it";
  const colon = version.indexOf(":");
  if (colon === 0) return "its epoch is empty";
  if (colon > 0) {
    const epoch = version.slice(0, colon);
    if (!EPOCH.test(epoch)) return "its epoch is not a number";
    if (Number(epoch) < 0) return "its epoch is negative";
    if (Number(epoch) > MAX_EPOCH) return "its epoch is too big";
    if (colon === version.length - 1) return "nothing follows its epoch";
  }
  const rest = version.slice(colon + 1);
  const hyphen = rest.lastIndexOf("-");
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  if (hyphen === rest.length - 1) return "its revision is empty";
  if (upstream === "") return "its upstream version is empty";
  if (!/^[0-9]/.test(upstream)) return "its upstream version does not start with a digit";
  if (!/^[0-9A-Za-z.+\-~:]*$/.test(upstream)) return "its upstream version has a character that is not allowed";
  if (hyphen >= 0 && !/^[0-9A-Za-z.+~]*$/.test(rest.slice(hyphen + 1)))
    return "its revision has a character that is not allowed";
  return undefined;
}

/**
 * Compares upstream versions or revisions: alternately a stretch of non-digits, by {@link weight}, and a number.
 */
function compareVersionPart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weight(a, i) - weight(b, j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    while (a.charCodeAt(i) === ZERO) i++;
    while (b.charCodeAt(j) === ZERO) j++;
    let firstDifference = 0;
    while (isDigit(a, i) && isDigit(b, j)) {
      if (firstDifference === 0) firstDifference = a.charCodeAt(i) - b.charCodeAt(j);
      i++;
      j++;
    }
    // The longer number is the greater one: leading zeros are gone.
    if (isDigit(a, i)) return 1;
    if (isDigit(b, j)) return -1;
    if (firstDifference !== 0) return firstDifference;
  }
  return 0;
}

const ZERO = 48;
const TILDE = 126;

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= ZERO && code <= ZERO + 9;
}

/** Tilde before the end of the part, the end (and a digit) before letters, letters before all else. */
function weight(text: string, at: number): number {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  if (code >= ZERO && code <= ZERO + 9) return 0;
  if (code === TILDE) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}
