/**
 * The expression of find(1), parsed.
 */
import type { Node } from "../../../tree/node.js";

/** A file that is looked at. */
export interface Visit {
  /** The path as it is printed. */
  readonly path: string;
  /** The starting point that led here. */
  readonly start: string;
  readonly depth: number;
  /** What -P, -H or -L see. */
  readonly node: Node;
  /** The directory entry itself. */
  readonly entry: Node;
  /** Set by -prune. */
  pruned: boolean;
}

/** What find remembers beyond one test. */
export interface FindState {
  failed: boolean;
}

/** A test or action. */
export type Predicate = (visit: Visit) => boolean;

/** An expression and the options in it. */
export interface FindExpression {
  readonly evaluate: Predicate;
  readonly minDepth: number;
  readonly maxDepth: number;
  readonly depthFirst: boolean;
  /** Runs what -exec … + has gathered. */
  readonly finish: () => undefined;
}
