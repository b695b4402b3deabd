/**
 * The request that is resolved, and the answer: which packages, in which stage, and why each is there.
 */
import type { PackageRecord } from "../package.js";
import type { UniverseArchive } from "../pin.js";

/** All that can be chosen from. */
export interface Universe {
  /** In the order of the recipe; of two equal versions the first archive's is taken. */
  readonly archives: readonly UniverseArchive[];
  /** The native architecture. Default: `amd64`. */
  readonly architecture?: string | undefined;
}

/**
 * What an image starts from: `essential` the packages with Essential: yes and what they need; `minbase` also priority
 * required and apt; `none` nothing.
 */
export type Base = "essential" | "minbase" | "none";

export interface ResolveRequest {
  readonly base: Base;
  /** The recipe's words: `name`, `name=glob`, `name/suite`, `-name`. */
  readonly packages: readonly string[];
  /** Whether Recommends are followed, in stage 2. */
  readonly recommends?: boolean | undefined;
  /**
   * Packages that are there already, for instance a recipe's image when its build packages are added. Their versions stay,
   * no base is added, and everything new is of stage 2.
   */
  readonly installed?: readonly PackageRecord[] | undefined;
  /** Names that win where only the order of the index would decide: what a lock has. */
  readonly preferred?: ReadonlySet<string> | undefined;
  /** Told of each decision, indented by depth; the words are for people. */
  readonly onStep?: ((depth: number, step: string) => void) | undefined;
}

/** Why a package is there. */
export type Reason =
  | { readonly kind: "essential" }
  /** It was there before; such a package is in no answer. */
  | { readonly kind: "installed" }
  /** Its priority is required, and the base is `minbase`. */
  | { readonly kind: "priority" }
  /** A word of the request. */
  | { readonly kind: "requested"; readonly word: string }
  | {
      readonly kind: "pre-depends" | "depends" | "recommends" | "suggests";
      /** The package that wants it. */
      readonly by: string;
      /** The group that it satisfies, as the package states it. */
      readonly relation: string;
    };

/** A package that is to be there for a reason of its own. */
export interface Root {
  readonly name: string;
  readonly why: Reason;
}

/**
 * 1: the base, unpacked all at once before anything is configured. 2: the rest, installed into a working base.
 */
export type Stage = 1 | 2;

export interface ResolvedPackage {
  readonly record: PackageRecord;
  readonly stage: Stage;
  readonly why: Reason;
}

export interface Resolution {
  /** New packages: stage 1 before stage 2, by name within a stage. The order of unpacking is order/plan.ts's. */
  readonly packages: readonly ResolvedPackage[];
}
