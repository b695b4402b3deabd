/**
 * Merging layers of a recipe (contract §1.1): scalars, the later wins; lists append and drop exact duplicates; objects
 * with a `name` in lists merge by name; `{ replace: [...] }` replaces; one way to a kernel or source drops the others.
 */

import { canonicalJson } from "./canonical-json.js";
import { type ListNode, type MapNode, plainOf, type RecipeNode } from "./node.js";
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
  // A list over a word drops it, and goes on dropping it when the two are laid on something else.
  return over.kind === "list" ? { ...over, replace: true } : over;
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
    const at = name === undefined ? -1 : base.items.findIndex((other) => nameOf(other) === name);
    if (at >= 0) {
      items[at] = mergeNodes(items[at]!, item, [...path, at]);
      continue;
    }
    const text = canonicalJson(plainOf(item));
    if (seen.has(text)) {
      if (isUndone(item, items, path)) moveToEnd(items, item);
      continue;
    }
    items.push(item);
    // Equal objects within one list are meant (two partitions of a kind), equal words never are.
    if (item.kind === "scalar") seen.add(text);
  }
  return { ...over, items, replace: base.replace };
}

function nameOf(node: RecipeNode): string | undefined {
  if (node.kind !== "map") return undefined;
  const name = node.entries.get("name");
  return name?.kind === "scalar" && typeof name.value === "string" ? name.value : undefined;
}

/** In lists of packages the later of `bar` and `-bar` stands: stating one again after the other is no duplicate. */
function isUndone(item: RecipeNode, items: readonly RecipeNode[], path: KeyPath): boolean {
  const key = path.at(-1);
  if (key !== "packages" && key !== "buildPackages") return false;
  const text = wordOf(item);
  const nameOfPackage = (word: string) => word.replace(/^-/, "").replace(/[=/].*$/, "");
  return items.some((other) => {
    const word = wordOf(other);
    return nameOfPackage(word) === nameOfPackage(text) && word.startsWith("-") !== text.startsWith("-");
  });
}

function moveToEnd(items: RecipeNode[], item: RecipeNode): void {
  const at = items.findIndex((other) => wordOf(other) === wordOf(item));
  items.splice(at, 1);
  items.push(item);
}

function wordOf(node: RecipeNode): string {
  return node.kind === "scalar" ? String(node.value) : "";
}
