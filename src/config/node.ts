/**
 * Plain data with the place of every value: what recipes are before defaults and types.
 */

import type { KeyPath, Origin } from "./origin.js";

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As written, where it was read from a file: `1.0` of the number 1. */
  readonly source?: string | undefined;
  readonly origin: Origin;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly RecipeNode[];
  /** Was written `{ replace: [...] }`: drops what earlier layers state. */
  readonly replace: boolean;
  readonly origin: Origin;
}

export interface MapNode {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, RecipeNode>;
  /** Where the keys are. */
  readonly keys: ReadonlyMap<string, Origin>;
  readonly origin: Origin;
}

export type RecipeNode = ScalarNode | ListNode | MapNode;

/** The data without places. A list that replaces is written `{ replace: [...] }` again. */
export function plainOf(node: RecipeNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list": {
      const items = node.items.map(plainOf);
      return node.replace ? { replace: items } : items;
    }
    case "map":
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, plainOf(value)]));
  }
}

/** Plain JavaScript data as nodes that all share one origin. Keys whose value is undefined are left out. */
export function nodeOf(value: unknown, origin: Origin): RecipeNode {
  if (Array.isArray(value)) {
    return { kind: "list", items: value.map((item) => nodeOf(item, origin)), replace: false, origin };
  }
  if (typeof value === "object" && value !== null) {
    const stated = Object.entries(value).filter(([, item]) => item !== undefined);
    const entries = new Map(stated.map(([key, item]) => [key, nodeOf(item, origin)]));
    return { kind: "map", entries, keys: new Map(stated.map(([key]) => [key, origin])), origin };
  }
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", value, origin };
  }
  throw new TypeError(`A recipe holds text, numbers, booleans, lists and objects; it was given a ${typeof value}`);
}

/** The node at a path, if there is one. */
export function nodeAt(node: RecipeNode, path: KeyPath): RecipeNode | undefined {
  let at: RecipeNode | undefined = node;
  for (const key of path) {
    if (at?.kind === "map") at = at.entries.get(String(key));
    else if (at?.kind === "list") at = at.items[Number(key)];
    else return undefined;
  }
  return at;
}

/** The place of the value at a path, or of the innermost value around it that exists. */
export function originAt(node: RecipeNode, path: KeyPath): Origin {
  for (let length = path.length; length > 0; length--) {
    const found = nodeAt(node, path.slice(0, length));
    if (found !== undefined) return found.origin;
  }
  return node.origin;
}

/** Turns `{ replace: [...] }` into a list that replaces, everywhere. */
export function withReplacedLists(node: RecipeNode): RecipeNode {
  if (node.kind === "list") return { ...node, items: node.items.map(withReplacedLists) };
  if (node.kind === "scalar") return node;
  const replacement = node.entries.get("replace");
  if (node.entries.size === 1 && replacement?.kind === "list") {
    return { ...replacement, items: replacement.items.map(withReplacedLists), replace: true };
  }
  return { ...node, entries: new Map([...node.entries].map(([key, value]) => [key, withReplacedLists(value)])) };
}

/** Forgets which lists replaced: there is nothing left to lay this on. */
export function withSettledLists(node: RecipeNode): RecipeNode {
  if (node.kind === "list") return { ...node, items: node.items.map(withSettledLists), replace: false };
  if (node.kind === "scalar") return node;
  return { ...node, entries: new Map([...node.entries].map(([key, value]) => [key, withSettledLists(value)])) };
}
