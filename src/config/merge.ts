/**
 * Merging layers of a recipe (contract §1.1): scalars, the later wins; lists append and drop exact duplicates; objects
 * with a `name` in lists merge by name; `{ replace: [...] }` replaces; one way to a kernel or source drops the others.
 */

import { canonicalJson } from "./canonical-json.js";
import { type ListNode, type MapNode, plainOf, type RecipeNode, type ScalarNode } from "./node.js";
import type { KeyPath } from "./origin.js";

/** Keys of which one drops the others, each with the keys that only mean something beside it. */
interface Alternatives {
  readonly matches: (path: KeyPath) => boolean;
  readonly groups: readonly (readonly string[])[];
}

export const alternatives: readonly Alternatives[] = [
  {
    matches: (path) => path.at(-1) === "kernel" && (path.length === 1 || path[0] === "profiles"),
    groups: [["package"], ["image", "version", "modulesFrom"], ["build"]],
  },
  {
    matches: (path) => typeof path.at(-1) === "number" && path.at(-2) === "sources",
    groups: [["git"], ["tarball"], ["path"]],
  },
];

/** Lays `over` on `base`; neither is changed. */
export function mergeNodes(base: RecipeNode, over: RecipeNode, path: KeyPath = []): RecipeNode {
  if (base.kind === "map" && over.kind === "map") return mergeMaps(base, over, path);
  if (base.kind === "list" && over.kind === "list") return mergeLists(base, over, path);
  return over;
}

function mergeMaps(base: MapNode, over: MapNode, path: KeyPath): MapNode {
  const entries = new Map(base.entries);
  const keys = new Map(base.keys);
  for (const { groups } of alternatives.filter((each) => each.matches(path))) {
    const chosen = groups.find((group) => over.entries.has(group[0]!));
    if (chosen === undefined) continue;
    for (const key of groups.filter((group) => group !== chosen).flat()) {
      entries.delete(key);
      keys.delete(key);
    }
  }
  for (const [key, value] of over.entries) {
    const before = entries.get(key);
    entries.set(key, before === undefined ? value : mergeNodes(before, value, [...path, key]));
    keys.set(key, over.keys.get(key) ?? over.origin);
  }
  return { kind: "map", entries, keys, origin: over.origin };
}

function mergeLists(base: ListNode, over: ListNode, path: KeyPath): ListNode {
  if (over.replace) return over;
  const items = [...base.items];
  const seen = new Set(items.map((item) => canonicalJson(plainOf(item))));
  for (const item of over.items) {
    const name = nameOf(item);
    const at = name === undefined ? -1 : items.findIndex((other) => nameOf(other) === name);
    if (at >= 0) items[at] = mergeNodes(items[at]!, item, [...path, at]);
    else if (!seen.has(canonicalJson(plainOf(item)))) items.push(item);
  }
  return { ...over, items, replace: base.replace };
}

function nameOf(node: RecipeNode): string | undefined {
  if (node.kind !== "map") return undefined;
  const name: ScalarNode | RecipeNode | undefined = node.entries.get("name");
  return name?.kind === "scalar" && typeof name.value === "string" ? name.value : undefined;
}
