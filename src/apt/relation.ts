/**
 * Relations between packages: the values of Depends, Pre-Depends, Recommends, Conflicts, Breaks, Replaces and Provides.
 *
 * Specification: Debian Policy §7.1, deb-control(5), and the multiarch qualifiers of deb-src-control(5). `[architecture]`
 * restrictions are honoured; `<profile>` restrictions belong to source packages and are refused.
 */
import { AssembleError } from "../errors/assemble-error.js";
import { compareVersions } from "./version.js";

/** A version operator. The obsolete `<` and `>` mean `<=` and `>=`, as Policy says. */
export type VersionOperator = "<<" | "<=" | "=" | ">=" | ">>";

/** One `name[:qualifier] [(operator version)]`. */
export interface Alternative {
  readonly name: string;
  /** What follows the colon: `any`, `native` or an architecture. */
  readonly qualifier: string | undefined;
  readonly operator: VersionOperator | undefined;
  readonly version: string | undefined;
}

/** Alternatives joined by `|`: one of them is enough. */
export type RelationGroup = readonly Alternative[];

/** One name that a package provides; a provide without a version satisfies no relation that asks for one. */
export interface Provide {
  readonly name: string;
  readonly version: string | undefined;
}

/** What is known of the place a relation comes from. */
export interface RelationContext {
  /** The architecture that `[...]` restrictions are judged against. Default: `amd64`. */
  readonly architecture?: string | undefined;
  /** Names the package and field in errors. */
  readonly where?: string | undefined;
  /** Alternatives by what is written: the same words stand for one object then. An index says `libc6 (>= 2.38)` thousands of times. */
  readonly known?: Map<string, Alternative> | undefined;
}

const ALTERNATIVE =
  /^([A-Za-z0-9][A-Za-z0-9+._-]*)(?::([a-z0-9][a-z0-9-]*))?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)?\s*([^\s()<=>]+)\s*\))?\s*(?:\[([^\]]*)\])?\s*(<.*>)?$/;

/**
 * Parses the value of a relation field.
 *
 * @throws AssembleError `apt/relation-invalid`
 */
export function parseRelations(text: string, context: RelationContext = {}): readonly RelationGroup[] {
  const groups: RelationGroup[] = [];
  for (const part of text.split(",")) {
    // dpkg tolerates a trailing comma, and so do the archives.
    if (part.trim() === "") continue;
    const group: Alternative[] = [];
    for (const word of part.split("|")) {
      const alternative = parseAlternative(word.trim(), context);
      if (alternative !== undefined) group.push(alternative);
    }
    if (group.length > 0) groups.push(group);
  }
  return groups;
}

/** Parses the value of Provides. Anything but `=` with a version is refused. */
export function parseProvides(text: string, context: RelationContext = {}): readonly Provide[] {
  return parseRelations(text, context).map((group) => {
    const [provide, second] = group;
    if (provide === undefined || second !== undefined || (provide.operator !== undefined && provide.operator !== "="))
      throw invalid(formatGroup(group), context, "a provided name can have no alternatives and only an exact version");
    return { name: provide.name, version: provide.version };
  });
}

/** Whether a version fits an alternative's `(operator version)`; true where it has none. */
export function versionFits(version: string, alternative: Alternative): boolean {
  if (alternative.operator === undefined || alternative.version === undefined) return true;
  const order = compareVersions(version, alternative.version);
  switch (alternative.operator) {
    case "<<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">>":
      return order > 0;
  }
}

/**
 * The name under which the packages that can satisfy an alternative are found: `name`, `name:any`, or for a foreign
 * architecture a name that nothing has.
 */
export function targetKey(alternative: Alternative, architecture = "amd64"): string {
  const { name, qualifier } = alternative;
  return qualifier === undefined || qualifier === "native" || qualifier === architecture
    ? name
    : `${name}:${qualifier}`;
}

/** `name:qualifier (op version)`, as Debian writes it. */
export function formatAlternative(alternative: Alternative): string {
  const name = alternative.qualifier === undefined ? alternative.name : `${alternative.name}:${alternative.qualifier}`;
  return alternative.operator === undefined ? name : `${name} (${alternative.operator} ${alternative.version})`;
}

/** A group as Debian writes it. */
export function formatGroup(group: RelationGroup): string {
  return group.map(formatAlternative).join(" | ");
}

function parseAlternative(word: string, context: RelationContext): Alternative | undefined {
  const known = context.known?.get(word);
  if (known !== undefined) return known;
  const match = ALTERNATIVE.exec(word);
  if (match === null) throw invalid(word, context, "`name[:architecture] [(operator version)]` was wanted");
  const [, name, qualifier, operator, version, restriction, profile] = match;
  if (profile !== undefined) throw invalid(word, context, "build profiles have no meaning in a binary package");
  if (restriction !== undefined && !isForArchitecture(restriction, context.architecture ?? "amd64")) return undefined;
  const alternative = {
    name: name as string,
    qualifier,
    operator: version === undefined ? undefined : normalOperator(operator),
    version,
  };
  // What holds for some architectures only may hold for this package and not for the next.
  if (restriction === undefined) context.known?.set(word, alternative);
  return alternative;
}

function normalOperator(operator: string | undefined): VersionOperator {
  if (operator === undefined) return "=";
  if (operator === "<") return "<=";
  if (operator === ">") return ">=";
  return operator as VersionOperator;
}

/** `[amd64 arm64]` lists where the relation holds, `[!i386]` where it does not. */
function isForArchitecture(restriction: string, architecture: string): boolean {
  const words = restriction.split(/\s+/).filter((word) => word !== "");
  const negated = words.filter((word) => word.startsWith("!")).map((word) => word.slice(1));
  if (negated.length > 0) return !negated.some((word) => architectureMatches(word, architecture));
  return words.some((word) => architectureMatches(word, architecture));
}

function architectureMatches(word: string, architecture: string): boolean {
  return word === "any" || word === "linux-any" || word === architecture || word === `any-${architecture}`;
}

function invalid(text: string, context: RelationContext, wanted: string): AssembleError {
  return new AssembleError(
    "apt/relation-invalid",
    `Cannot read the relation "${text}"${context.where === undefined ? "" : ` of ${context.where}`}: ${wanted}`,
  );
}
