/**
 * Compares two trees, node by node: what a rebuild, or another tool, made differently.
 *
 * Compared are path, type, permission bits, owner, group, size, content, link target, hard-link groups, device numbers, extended
 * attributes, and that no time is later than the epoch.
 */
import { createHash } from "node:crypto";
import type { FileNode, Node } from "../rootfs/tree/node.js";
import type { Tree } from "../rootfs/tree/tree.js";

/** What a difference is in. */
export type TreeDifferenceKind =
  | "only-left"
  | "only-right"
  | "type"
  | "mode"
  | "owner"
  | "group"
  | "size"
  | "content"
  | "target"
  | "device"
  | "hard-links"
  | "xattrs"
  | "mtime";

/** One difference; values are for people. */
export interface TreeDifference {
  readonly path: string;
  readonly kind: TreeDifferenceKind;
  readonly left: string;
  readonly right: string;
}

/** Paths that are not compared. */
export interface Exclusion {
  /** A path, with `*` for anything but `/` and `**` for anything. A directory that matches goes whole. */
  readonly pattern: string;
  readonly reason: string;
  /** Only these differences are excused; absent: all. */
  readonly kinds?: readonly TreeDifferenceKind[] | undefined;
}

/** How to compare. */
export interface CompareOptions {
  readonly exclusions?: readonly Exclusion[];
  /** Also compare the times themselves, not only that none is later than the epoch of its tree. */
  readonly exactTimes?: boolean;
}

/** Every difference between two trees, by path. */
export function compareTrees(left: Tree, right: Tree, options: CompareOptions = {}): readonly TreeDifference[] {
  const leftNodes = nodesOf(left);
  const rightNodes = nodesOf(right);
  const differences: TreeDifference[] = [];
  const excluded = exclusionTest(options.exclusions ?? []);
  const leftGroups = hardLinkGroups(leftNodes, excluded);
  const rightGroups = hardLinkGroups(rightNodes, excluded);
  for (const path of [...new Set([...leftNodes.keys(), ...rightNodes.keys()])].sort()) {
    const add = (kind: TreeDifferenceKind, a: string, b: string): void => {
      if (a !== b && !excluded(path, kind)) differences.push({ path, kind, left: a, right: b });
    };
    const a = leftNodes.get(path);
    const b = rightNodes.get(path);
    if (a === undefined || b === undefined) {
      add(a === undefined ? "only-right" : "only-left", a?.type ?? "", b?.type ?? "");
      continue;
    }
    if (a.type !== b.type) {
      add("type", a.type, b.type);
      continue;
    }
    if (a.type !== "symlink") add("mode", a.mode.toString(8), b.mode.toString(8));
    add("owner", `${a.uid}`, `${b.uid}`);
    add("group", `${a.gid}`, `${b.gid}`);
    if (a.type === "file") compareFiles(a, b as FileNode, add);
    add("target", targetOf(a), targetOf(b));
    add("device", deviceOf(a), deviceOf(b));
    add("hard-links", leftGroups.get(a)?.join(" ") ?? "", rightGroups.get(b)?.join(" ") ?? "");
    add("xattrs", xattrsOf(a), xattrsOf(b));
    if (options.exactTimes === true) add("mtime", `${a.mtime}`, `${b.mtime}`);
    else add("mtime", timeFault(a, left.epoch), timeFault(b, right.epoch));
  }
  return differences;
}

/** A difference as a line of text. */
export function formatTreeDifference(difference: TreeDifference): string {
  const path = Buffer.from(difference.path, "latin1").toString("utf8");
  switch (difference.kind) {
    case "only-left":
      return `${path}: only in the first tree (${difference.left})`;
    case "only-right":
      return `${path}: only in the second tree (${difference.right})`;
    default:
      return `${path}: ${difference.kind} ${difference.left} ≠ ${difference.right}`;
  }
}

/** Whether a pattern of an exclusion covers a path. */
export function exclusionMatches(pattern: string, path: string): boolean {
  return patternExpression(pattern).test(path);
}

function nodesOf(tree: Tree): Map<string, Node> {
  const nodes = new Map<string, Node>([["/", tree.root]]);
  for (const { path, node } of tree.walk()) nodes.set(path, node);
  return nodes;
}

function exclusionTest(exclusions: readonly Exclusion[]): (path: string, kind: TreeDifferenceKind) => boolean {
  const rules = exclusions.map((rule) => ({ expression: patternExpression(rule.pattern), kinds: rule.kinds }));
  return (path, kind) =>
    rules.some((rule) => (rule.kinds === undefined || rule.kinds.includes(kind)) && rule.expression.test(path));
}

function patternExpression(pattern: string): RegExp {
  const body = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return new RegExp(`^${body}(?:/.*)?$`, "s");
}

type Add = (kind: TreeDifferenceKind, left: string, right: string) => void;

function compareFiles(a: FileNode, b: FileNode, add: Add): void {
  if (a.content.size !== b.content.size) add("size", `${a.content.size}`, `${b.content.size}`);
  else if (a.content !== b.content && Buffer.compare(a.content.read(), b.content.read()) !== 0)
    add("content", digest(a), digest(b));
}

function digest(node: FileNode): string {
  return createHash("sha256").update(node.content.read()).digest("hex").slice(0, 16);
}

function targetOf(node: Node): string {
  return node.type === "symlink" ? node.target : "";
}

function deviceOf(node: Node): string {
  return node.type === "char" || node.type === "block" ? `${node.major}:${node.minor}` : "";
}

function xattrsOf(node: Node): string {
  return [...(node.xattrs ?? [])]
    .map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`)
    .sort()
    .join(" ");
}

function timeFault(node: Node, epoch: number): string {
  return node.mtime > epoch ? `later than ${epoch}: ${node.mtime}` : "";
}

/** The paths of every node that has several. */
function hardLinkGroups(
  nodes: ReadonlyMap<string, Node>,
  excluded: (path: string, kind: TreeDifferenceKind) => boolean,
): ReadonlyMap<Node, readonly string[]> {
  const groups = new Map<Node, string[]>();
  for (const [path, node] of nodes) {
    if (node.type === "directory" || excluded(path, "hard-links")) continue;
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [path]);
    else group.push(path);
  }
  for (const [node, paths] of groups) if (paths.length < 2) groups.delete(node);
  return groups;
}
